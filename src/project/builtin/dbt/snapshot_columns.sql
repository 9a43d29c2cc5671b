{#
  The columns that a snapshot adds to its query's, and its key under names that cannot be confused with the query's.
#}

{# dbt's name of each column → the one in this snapshot's table (snapshot_meta_column_names). #}
{% macro get_snapshot_table_column_names() %}
  {%- set own = config.get('snapshot_meta_column_names') -%}
  {{ return({
    'dbt_valid_to': (own.dbt_valid_to if own) or 'dbt_valid_to',
    'dbt_valid_from': (own.dbt_valid_from if own) or 'dbt_valid_from',
    'dbt_scd_id': (own.dbt_scd_id if own) or 'dbt_scd_id',
    'dbt_updated_at': (own.dbt_updated_at if own) or 'dbt_updated_at',
    'dbt_is_deleted': (own.dbt_is_deleted if own) or 'dbt_is_deleted',
  }) }}
{% endmacro %}

{# What stands in dbt_valid_to while a row holds. The nullif gives a null of the type of updated_at. #}
{% macro get_dbt_valid_to_current(strategy, columns) %}
  {%- set current = config.get('dbt_valid_to_current') or 'null' %}
  coalesce(nullif({{ strategy.updated_at }}, {{ strategy.updated_at }}), {{ current }})
  as {{ columns.dbt_valid_to }}
{% endmacro %}

{# The condition that a row of the table holds now. Rows written before dbt_valid_to_current was set have a null. #}
{% macro snapshot_holds_now(valid_to) -%}
  {%- set current = config.get('dbt_valid_to_current') -%}
  {{ '(%s = %s or %s is null)' % (valid_to, current, valid_to) if current else valid_to ~ ' is null' }}
{%- endmacro %}

{% macro unique_key_fields(unique_key) %}
  {%- if unique_key is sequence and unique_key is not string -%}
    {%- for key in unique_key %}
      {{ key }} as dbt_unique_key_{{ loop.index }}{{ ',' if not loop.last }}
    {%- endfor -%}
  {%- else %}
      {{ unique_key }} as dbt_unique_key
  {%- endif -%}
{% endmacro %}

{# dbt_unique_key, or dbt_unique_key_1, dbt_unique_key_2 … for a key of several columns. #}
{% macro snapshot_key_names(unique_key) %}
  {%- set names = [] -%}
  {%- if unique_key is sequence and unique_key is not string -%}
    {%- for _ in unique_key -%}
      {%- do names.append('dbt_unique_key_' ~ loop.index) -%}
    {%- endfor -%}
  {%- else -%}
    {%- do names.append('dbt_unique_key') -%}
  {%- endif -%}
  {{ return(names) }}
{% endmacro %}

{% macro unique_key_join_on(unique_key, identifier, from_identifier) %}
  {%- for name in snapshot_key_names(unique_key) -%}
    {{ identifier }}.{{ name }} = {{ from_identifier }}.{{ name }}{{ ' and ' if not loop.last }}
  {%- endfor -%}
{% endmacro %}

{# Of a key of several columns the first one tells. #}

{% macro unique_key_is_null(unique_key, identifier) %}
  {{- identifier }}.{{ snapshot_key_names(unique_key)[0] }} is null
{%- endmacro %}

{% macro unique_key_is_not_null(unique_key, identifier) %}
  {{- identifier }}.{{ snapshot_key_names(unique_key)[0] }} is not null
{%- endmacro %}

{# The staging table's columns that are not the history's. #}
{% macro snapshot_staging_columns(unique_key) %}
  {{ return(['dbt_change_type', 'dbt_fresh_valid_to', 'dbt_fresh_scd_id'] + snapshot_key_names(unique_key)) }}
{% endmacro %}

{% macro create_columns(relation, columns) %}
  {{ adapter.dispatch('create_columns', 'dbt')(relation, columns) }}
{% endmacro %}

{% macro default__create_columns(relation, columns) %}
  {% for column in columns %}
    {% call statement() %}
      alter table {{ relation.render() }} add column {{ adapter.quote(column.name) }} {{ column.expanded_data_type }};
    {% endcall %}
  {% endfor %}
{% endmacro %}

{# A history whose times are of another type than its source's loses hours at a change of zone: worth a warning. #}
{% macro check_time_data_types(sql) %}
  {% set now_type = get_snapshot_get_time_data_type() %}
  {% set updated_at_type = get_updated_at_column_data_type(sql) %}
  {% if now_type is not none and updated_at_type is not none and now_type != updated_at_type %}
    {{ exceptions.warn_snapshot_timestamp_data_types(now_type, updated_at_type) }}
  {% endif %}
{% endmacro %}

{% macro get_updated_at_column_data_type(snapshot_sql) %}
  {% set wanted = get_snapshot_table_column_names().dbt_updated_at | lower %}
  {% set found = namespace(type=none) %}
  {% for column in get_column_schema_from_query(snapshot_sql) if column.column | lower == wanted %}
    {% set found.type = column.dtype %}
  {% endfor %}
  {{ return(found.type) }}
{% endmacro %}
