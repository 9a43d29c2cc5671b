{#
  A model that is a materialized view. One that is there already is refreshed; if its configuration changed, the model's
  on_configuration_change says whether to alter it ('apply'), to leave it ('continue') or to stop ('fail').
#}

{% materialization materialized_view, default %}
  {% set existing = load_cached_relation(this) %}
  {% set target_relation = this.incorporate(type='materialized_view') %}
  {% set intermediate = make_intermediate_relation(target_relation) %}
  {% set backup = make_backup_relation(target_relation, 'materialized_view' if existing is none else existing.type) %}

  {{ materialized_view_setup(backup, intermediate, pre_hooks) }}

  {% set build_sql = materialized_view_get_build_sql(existing, target_relation, backup, intermediate) %}
  {% if build_sql == '' %}
    {{ materialized_view_execute_no_op(target_relation) }}
  {% else %}
    {{ materialized_view_execute_build_sql(build_sql, existing, target_relation, post_hooks) }}
  {% endif %}

  {{ materialized_view_teardown(backup, intermediate, post_hooks) }}

  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro materialized_view_setup(backup_relation, intermediate_relation, pre_hooks) %}
  {{ drop_relation_if_exists(load_cached_relation(intermediate_relation)) }}
  {{ drop_relation_if_exists(load_cached_relation(backup_relation)) }}
  {{ run_hooks(pre_hooks, inside_transaction=false) }}
{% endmacro %}

{% macro materialized_view_teardown(backup_relation, intermediate_relation, post_hooks) %}
  {{ drop_relation_if_exists(backup_relation) }}
  {{ drop_relation_if_exists(intermediate_relation) }}
  {{ run_hooks(post_hooks, inside_transaction=false) }}
{% endmacro %}

{# The statement to send; an empty one when nothing is to be done. #}
{% macro materialized_view_get_build_sql(existing_relation, target_relation, backup_relation, intermediate_relation) %}
  {% if existing_relation is none %}
    {{ return(get_create_materialized_view_as_sql(target_relation, sql)) }}
  {% elif should_full_refresh() or not existing_relation.is_materialized_view %}
    {{ return(get_replace_sql(existing_relation, target_relation, sql)) }}
  {% endif %}

  {% set changes = get_materialized_view_configuration_changes(existing_relation, config) %}
  {% set reaction = config.get('on_configuration_change') %}
  {% if changes is none %}
    {{ return(refresh_materialized_view(target_relation)) }}
  {% elif reaction == 'apply' %}
    {{ return(get_alter_materialized_view_as_sql(target_relation, changes, sql, existing_relation, backup_relation, intermediate_relation)) }}
  {% elif reaction == 'continue' %}
    {{ exceptions.warn('Configuration changes were identified and `on_configuration_change` was set to `continue` for `' ~ target_relation.render() ~ '`') }}
    {{ return('') }}
  {% elif reaction == 'fail' %}
    {{ exceptions.raise_fail_fast_error('Configuration changes were identified and `on_configuration_change` was set to `fail` for `' ~ target_relation.render() ~ '`') }}
  {% else %}
    {{ exceptions.raise_compiler_error('Unexpected configuration scenario: `on_configuration_change` is ' ~ reaction) }}
  {% endif %}
{% endmacro %}

{% macro materialized_view_execute_no_op(target_relation) %}
  {% do store_raw_result(name='main', message='skip ' ~ target_relation, code='skip', rows_affected='-1') %}
{% endmacro %}

{% macro materialized_view_execute_build_sql(build_sql, existing_relation, target_relation, post_hooks) %}
  {% set grant_config = config.get('grants') %}
  {{ run_hooks(pre_hooks, inside_transaction=true) }}
  {% call statement(name='main') %}
    {{ build_sql }}
  {% endcall %}
  {% do apply_grants(target_relation, grant_config, should_revoke=should_revoke(existing_relation, full_refresh_mode=true)) %}
  {% do persist_docs(target_relation, model) %}
  {{ run_hooks(post_hooks, inside_transaction=true) }}
  {{ adapter.commit() }}
{% endmacro %}

{# What only an adapter knows. #}

{%- macro get_create_materialized_view_as_sql(relation, sql) -%}
  {{- adapter.dispatch('get_create_materialized_view_as_sql', 'dbt')(relation, sql) -}}
{%- endmacro -%}

{% macro default__get_create_materialized_view_as_sql(relation, sql) -%}
  {{ exceptions.raise_compiler_error('`get_create_materialized_view_as_sql` has not been implemented for this adapter.') }}
{% endmacro %}

{% macro refresh_materialized_view(relation) %}
  {{- log('Applying REFRESH to: ' ~ relation) -}}
  {{- adapter.dispatch('refresh_materialized_view', 'dbt')(relation) -}}
{% endmacro %}

{% macro default__refresh_materialized_view(relation) %}
  {{ exceptions.raise_compiler_error('`refresh_materialized_view` has not been implemented for this adapter.') }}
{% endmacro %}

{% macro get_alter_materialized_view_as_sql(relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation) %}
  {{- log('Applying ALTER to: ' ~ relation) -}}
  {{- adapter.dispatch('get_alter_materialized_view_as_sql', 'dbt')(relation, configuration_changes, sql,
        existing_relation, backup_relation, intermediate_relation) -}}
{% endmacro %}

{% macro default__get_alter_materialized_view_as_sql(relation, configuration_changes, sql, existing_relation, backup_relation, intermediate_relation) %}
  {{ exceptions.raise_compiler_error('Materialized views have not been implemented for this adapter.') }}
{% endmacro %}

{% macro get_materialized_view_configuration_changes(existing_relation, new_config) %}
  {{- log('Determining configuration changes on: ' ~ existing_relation) -}}
  {%- do return(adapter.dispatch('get_materialized_view_configuration_changes', 'dbt')(existing_relation, new_config)) -%}
{% endmacro %}

{% macro default__get_materialized_view_configuration_changes(existing_relation, new_config) %}
  {{ exceptions.raise_compiler_error('Materialized views have not been implemented for this adapter.') }}
{% endmacro %}
