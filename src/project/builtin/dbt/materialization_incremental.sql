{#
  A model whose table grows: the first run fills it, later runs bring in what is new by the model's strategy.

  Three ways lead to the statement called "main":
    nothing is there     the table is created at once
    full refresh         a new table is filled beside the old one, or beside the view, and put in its place
    otherwise            the new rows go to a temporary table, columns are reconciled as on_schema_change says,
                         and the strategy's macro (incremental_strategies.sql) says how they are brought in
#}

{% materialization incremental, default -%}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set temporary = make_temp_relation(target_relation) -%}
  {%- set intermediate = make_intermediate_relation(target_relation) -%}
  {%- set backup = make_backup_relation(target_relation, 'table' if existing is none else existing.type) -%}

  {%- set unique_key = config.get('unique_key') -%}
  {%- set rebuild = should_full_refresh() or (existing is not none and existing.is_view) -%}
  {%- set on_schema_change = incremental_validate_on_schema_change(config.get('on_schema_change'), default='ignore') -%}
  {%- set grant_config = config.get('grants') -%}
  {# One that is not there is told before anything is built. #}
  {%- set strategy_macro = adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy') or 'default') -%}

  {# A run that was killed may have left these behind. #}
  {{ drop_relation_if_exists(load_cached_relation(intermediate)) }}
  {{ drop_relation_if_exists(load_cached_relation(backup)) }}

  {{ run_hooks(pre_hooks, inside_transaction=false) }}
  {{ run_hooks(pre_hooks, inside_transaction=true) }}

  {%- set swap = existing is not none and rebuild -%}
  {% if existing is none %}
    {%- set build_sql = get_create_table_as_sql(false, target_relation, sql) -%}
  {% elif rebuild %}
    {%- set build_sql = get_create_table_as_sql(false, intermediate, sql) -%}
  {% else %}
    {% do run_query(get_create_table_as_sql(true, temporary, sql)) %}
    {# Under a contract the types are the user's to say; widening them in passing would break it. #}
    {% if not config.get('contract', {}).enforced %}
      {% do adapter.expand_target_column_types(from_relation=temporary, to_relation=target_relation) %}
    {% endif %}
    {%- set dest_columns = process_schema_changes(on_schema_change, temporary, existing)
          or adapter.get_columns_in_relation(existing) -%}
    {%- set build_sql = strategy_macro({
          'target_relation': target_relation,
          'temp_relation': temporary,
          'unique_key': unique_key,
          'dest_columns': dest_columns,
          'incremental_predicates': config.get('predicates') or config.get('incremental_predicates'),
        }) -%}
  {% endif %}

  {% call statement('main') %}
    {{ build_sql }}
  {% endcall %}

  {% if swap %}
    {% do adapter.rename_relation(target_relation.incorporate(type=existing.type), backup) %}
    {% do adapter.rename_relation(intermediate, target_relation) %}
  {% endif %}

  {% do apply_grants(target_relation, grant_config, should_revoke=should_revoke(existing, full_refresh_mode=rebuild)) %}
  {% do persist_docs(target_relation, model) %}
  {% if existing is none or swap %}
    {% do create_indexes(target_relation) %}
  {% endif %}

  {{ run_hooks(post_hooks, inside_transaction=true) }}
  {% do adapter.commit() %}
  {% if swap %}
    {% do adapter.drop_relation(backup) %}
  {% endif %}
  {{ run_hooks(post_hooks, inside_transaction=false) }}

  {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}
