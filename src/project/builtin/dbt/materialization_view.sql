{#
  A model that is a view: made beside the old one, then put in its place, so that readers see one or the other.
#}

{%- materialization view, default -%}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='view') -%}
  {%- set intermediate = make_intermediate_relation(target_relation) -%}
  {# What is there may be a table; the backup must be dropped as what it is. #}
  {%- set backup = make_backup_relation(target_relation, 'view' if existing is none else existing.type) -%}
  {%- set grant_config = config.get('grants') -%}

  {{ run_hooks(pre_hooks, inside_transaction=false) }}

  {# A run that was killed may have left these behind. #}
  {{ drop_relation_if_exists(load_cached_relation(intermediate)) }}
  {{ drop_relation_if_exists(load_cached_relation(backup)) }}

  {{ run_hooks(pre_hooks, inside_transaction=true) }}

  {% call statement('main') -%}
    {{ get_create_view_as_sql(intermediate, sql) }}
  {%- endcall %}

  {% set existing = put_in_place(intermediate, target_relation, existing, backup) %}

  {% do apply_grants(target_relation, grant_config, should_revoke=should_revoke(existing, full_refresh_mode=true)) %}
  {% do persist_docs(target_relation, model) %}

  {{ run_hooks(post_hooks, inside_transaction=true) }}
  {{ adapter.commit() }}
  {{ drop_relation_if_exists(backup) }}
  {{ run_hooks(post_hooks, inside_transaction=false) }}

  {{ return({'relations': [target_relation]}) }}
{%- endmaterialization -%}
