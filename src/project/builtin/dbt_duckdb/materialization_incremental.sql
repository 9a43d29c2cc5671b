{#
  A model whose table grows. As everywhere (see dbt's incremental), but the temporary table is made before the
  transaction begins, and it is named by the moment, and by the batch of a microbatch model.
#}

{% materialization incremental, adapter='duckdb', supported_languages=['sql', 'python'] -%}
  {%- set language = model['language'] -%}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set batch_id = model.batch.id if model.batch else none -%}
  {%- set temporary = duckdb__dispatch_temporary_relation(target_relation, batch_id) -%}
  {%- set intermediate = make_intermediate_relation(target_relation) -%}
  {%- set backup = make_backup_relation(target_relation, 'table' if existing is none else existing.type) -%}

  {%- set rebuild = should_full_refresh() or (existing is not none and existing.is_view) -%}
  {%- set on_schema_change = incremental_validate_on_schema_change(config.get('on_schema_change'), default='ignore') -%}
  {%- set grant_config = config.get('grants') -%}
  {%- set in_place = 'FOREIGN KEY' in enforced_constraint_types() -%}
  {%- set swap = existing is not none and rebuild and not in_place -%}
  {%- set dropped = [] -%}

  {{ drop_relation_if_exists(load_cached_relation(intermediate)) }}
  {{ drop_relation_if_exists(load_cached_relation(backup)) }}

  {{ run_hooks(pre_hooks, inside_transaction=false) }}

  {% if existing is not none and not rebuild %}
    {% if not temporary.schema %}
      {% call statement('create_temporary', language=language, auto_begin=false) -%}
        {{ create_table_as(true, temporary, compiled_code, language) }}
      {%- endcall %}
    {% else %}
      {% do adapter.drop_relation(temporary) %}
      {% call statement('create_temporary', language=language, auto_begin=false) -%}
        {{ create_table_as(false, temporary, compiled_code, language) }}
      {%- endcall %}
    {% endif %}
  {% endif %}

  {{ run_hooks(pre_hooks, inside_transaction=true) }}

  {% if existing is none or rebuild %}
    {% if existing is not none and in_place %}
      {% do dropped.extend(drop_relation_for_rebuild(existing)) %}
    {% endif %}
    {% call statement('main', language=language) -%}
      {{ create_table_as(false, intermediate if swap else target_relation, compiled_code, language) }}
    {%- endcall %}
  {% else %}
    {% if not config.get('contract', {}).enforced %}
      {% do adapter.expand_target_column_types(from_relation=temporary, to_relation=target_relation) %}
    {% endif %}
    {%- set dest_columns = process_schema_changes(on_schema_change, temporary, existing)
          or adapter.get_columns_in_relation(existing) -%}
    {%- set strategy_macro = adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy') or 'default') -%}
    {% call statement('main') -%}
      {{ strategy_macro({
           'target_relation': target_relation,
           'temp_relation': temporary,
           'unique_key': config.get('unique_key'),
           'dest_columns': dest_columns,
           'incremental_predicates': config.get('predicates') or config.get('incremental_predicates'),
         }) }}
    {%- endcall %}
  {% endif %}

  {% if swap %}
    {% do dropped.extend(duckdb__put_in_place(intermediate, target_relation, existing, backup)) %}
  {% endif %}

  {% do apply_grants(target_relation, grant_config, should_revoke=should_revoke(existing, full_refresh_mode=rebuild)) %}
  {% do persist_docs(target_relation, model) %}
  {% if existing is none or rebuild %}
    {% do create_indexes(target_relation) %}
  {% endif %}
  {% do restore_foreign_key_dependents(dropped) %}

  {{ run_hooks(post_hooks, inside_transaction=true) }}
  {% do adapter.commit() %}
  {% if swap %}
    {% do adapter.drop_relation(backup) %}
  {% endif %}
  {{ run_hooks(post_hooks, inside_transaction=false) }}

  {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}
