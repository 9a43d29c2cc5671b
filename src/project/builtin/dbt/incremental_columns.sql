{#
  What an incremental model does when its query has other columns than its table: on_schema_change.

    ignore               nothing; new columns are left out, a missing one is an error of the database
    fail                 an error that tells the differences
    append_new_columns   the table gets the new ones and keeps the old ones
    sync_all_columns     the table gets the new ones, loses those that are gone, and changes types
#}

{% macro incremental_validate_on_schema_change(on_schema_change, default='ignore') %}
  {%- if on_schema_change in ['sync_all_columns', 'append_new_columns', 'fail', 'ignore'] -%}
    {{- return(on_schema_change) -}}
  {%- endif -%}
  {%- if on_schema_change is not none -%}
    {%- do log('Invalid value for on_schema_change (%s) specified. Setting default value of %s.' % (on_schema_change, default)) -%}
  {%- endif -%}
  {{- return(default) -}}
{% endmacro %}

{# The differences, as a dictionary. #}
{% macro check_for_schema_changes(source_relation, target_relation) %}
  {{ return(adapter.dispatch('check_for_schema_changes', 'dbt')(source_relation, target_relation)) }}
{% endmacro %}

{% macro default__check_for_schema_changes(source_relation, target_relation) %}
  {%- set source_columns = adapter.get_columns_in_relation(source_relation) -%}
  {%- set target_columns = adapter.get_columns_in_relation(target_relation) -%}
  {%- set added = diff_columns(source_columns, target_columns) -%}
  {%- set gone = diff_columns(target_columns, source_columns) -%}
  {%- set new_types = diff_column_data_types(source_columns, target_columns) -%}
  {%- set differences = {
        'schema_changed': added != [] or gone != [] or new_types != [],
        'source_not_in_target': added,
        'target_not_in_source': gone,
        'source_columns': source_columns,
        'target_columns': target_columns,
        'new_target_types': new_types,
      } -%}
  {% do log('Columns of ' ~ target_relation ~ ': added ' ~ (added | map(attribute='name') | list)
            ~ ', gone ' ~ (gone | map(attribute='name') | list) ~ ', new types ' ~ new_types) %}
  {{ return(differences) }}
{% endmacro %}

{% macro sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) %}
  {{ return(adapter.dispatch('sync_column_schemas', 'dbt')(on_schema_change, target_relation, schema_changes_dict)) }}
{% endmacro %}

{% macro default__sync_column_schemas(on_schema_change, target_relation, schema_changes_dict) %}
  {%- set added = schema_changes_dict['source_not_in_target'] -%}
  {%- set gone = schema_changes_dict['target_not_in_source'] if on_schema_change == 'sync_all_columns' else [] -%}
  {%- if added or gone -%}
    {%- do alter_relation_add_remove_columns(target_relation, added or none, gone or none) -%}
  {%- endif -%}
  {%- if on_schema_change == 'sync_all_columns' -%}
    {%- for change in schema_changes_dict['new_target_types'] -%}
      {%- do alter_column_type(target_relation, change['column_name'], change['new_type']) -%}
    {%- endfor -%}
  {%- endif -%}
{% endmacro %}

{# Reconciles, and returns the columns to insert; nothing when the table's own are meant. #}
{% macro process_schema_changes(on_schema_change, source_relation, target_relation) %}
  {{ return(adapter.dispatch('process_schema_changes', 'dbt')(on_schema_change, source_relation, target_relation)) }}
{% endmacro %}

{% macro default__process_schema_changes(on_schema_change, source_relation, target_relation) %}
  {%- if on_schema_change == 'ignore' -%}
    {{ return({}) }}
  {%- endif -%}
  {%- set differences = check_for_schema_changes(source_relation, target_relation) -%}
  {%- if not differences['schema_changed'] -%}
    {{ return(differences['source_columns']) }}
  {%- endif -%}
  {%- if on_schema_change == 'fail' -%}
    {% set message %}
The source and target schemas on this incremental model are out of sync!
They can be reconciled in several ways:
  - set the `on_schema_change` config to either append_new_columns or sync_all_columns, depending on your situation.
  - Re-run the incremental model with `full_refresh: True` to update the target schema.
  - update the schema manually and re-run the process.

Additional troubleshooting context:
   Source columns not in target: {{ differences['source_not_in_target'] }}
   Target columns not in source: {{ differences['target_not_in_source'] }}
   New column types: {{ differences['new_target_types'] }}
    {% endset %}
    {% do exceptions.raise_compiler_error(message) %}
  {%- endif -%}
  {%- do sync_column_schemas(on_schema_change, target_relation, differences) -%}
  {{ return(differences['source_columns']) }}
{% endmacro %}
