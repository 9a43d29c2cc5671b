{#
  A model that is a table: filled beside the old one, then put in its place.
#}

{% materialization table, default %}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set intermediate = make_intermediate_relation(target_relation) -%}
  {%- set backup = make_backup_relation(target_relation, 'table' if existing is none else existing.type) -%}
  {%- set grant_config = config.get('grants') -%}

  {# A run that was killed may have left these behind. #}
  {{ drop_relation_if_exists(load_cached_relation(intermediate)) }}
  {{ drop_relation_if_exists(load_cached_relation(backup)) }}

  {{ run_hooks(pre_hooks, inside_transaction=false) }}
  {{ run_hooks(pre_hooks, inside_transaction=true) }}

  {% call statement('main') -%}
    {{ get_create_table_as_sql(false, intermediate, sql) }}
  {%- endcall %}
  {% do create_indexes(intermediate) %}

  {% set existing = put_in_place(intermediate, target_relation, existing, backup) %}

  {{ run_hooks(post_hooks, inside_transaction=true) }}
  {% do apply_grants(target_relation, grant_config, should_revoke=should_revoke(existing, full_refresh_mode=true)) %}
  {% do persist_docs(target_relation, model) %}

  {{ adapter.commit() }}
  {{ drop_relation_if_exists(backup) }}
  {{ run_hooks(post_hooks, inside_transaction=false) }}

  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
