{#
  A model that is a table: filled beside the old one, then put in its place. Indexes are made last, because DuckDB will
  not rename a table that has some, and tables whose foreign keys refer to the old one are put aside meanwhile. A table
  that has foreign keys itself is filled under its final name: constraints do not follow a rename.
#}

{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
  {%- set language = model['language'] -%}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set intermediate = make_intermediate_relation(target_relation) -%}
  {%- set backup = make_backup_relation(target_relation, 'table' if existing is none else existing.type) -%}
  {%- set grant_config = config.get('grants') -%}
  {%- set in_place = 'FOREIGN KEY' in enforced_constraint_types() -%}
  {%- set dropped = [] -%}

  {{ drop_relation_if_exists(load_cached_relation(intermediate)) }}
  {{ drop_relation_if_exists(load_cached_relation(backup)) }}

  {{ run_hooks(pre_hooks, inside_transaction=false) }}
  {{ run_hooks(pre_hooks, inside_transaction=true) }}

  {% if in_place and existing is not none %}
    {% do dropped.extend(drop_relation_for_rebuild(existing)) %}
  {% endif %}

  {% call statement('main', language=language) -%}
    {{ create_table_as(false, target_relation if in_place else intermediate, compiled_code, language) }}
  {%- endcall %}

  {% if not in_place %}
    {% do dropped.extend(duckdb__put_in_place(intermediate, target_relation, existing, backup)) %}
  {% endif %}

  {% do create_indexes(target_relation) %}
  {% do restore_foreign_key_dependents(dropped) %}

  {{ run_hooks(post_hooks, inside_transaction=true) }}
  {% do apply_grants(target_relation, grant_config, should_revoke=should_revoke(existing, full_refresh_mode=true)) %}
  {% do persist_docs(target_relation, model) %}

  {{ adapter.commit() }}
  {% if not in_place %}
    {{ drop_relation_if_exists(backup) }}
  {% endif %}
  {{ run_hooks(post_hooks, inside_transaction=false) }}

  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
