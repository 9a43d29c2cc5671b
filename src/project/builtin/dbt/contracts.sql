{#
  Contracts: the columns and types a model promises, checked before it is built and written into its table.

  The model's query is asked for its columns without any rows, and so is a select of the promised types; the two lists
  are then compared by the adapter's names of the types.
#}

{% macro get_assert_columns_equivalent(sql) -%}
  {{ adapter.dispatch('get_assert_columns_equivalent', 'dbt')(sql) }}
{%- endmacro %}

{% macro default__get_assert_columns_equivalent(sql) -%}
  {{ return(assert_columns_equivalent(sql)) }}
{%- endmacro %}

{% macro assert_columns_equivalent(sql) %}
  {%- set promised = model['columns'] -%}
  {%- if promised.values() | list | length == 0 -%}
    {{ exceptions.raise_contract_error([], []) }}
  {%- endif -%}
  {%- set sql_header = config.get('sql_header', none) -%}
  {%- set found = get_column_schema_from_query(sql, sql_header) -%}
  {%- set wanted = get_column_schema_from_query(get_empty_schema_sql(promised), sql_header) -%}

  {%- set wanted_lines, found_lines = format_columns(wanted), format_columns(found) -%}
  {%- set wanted_names = wanted_lines | map(attribute='formatted') | map('lower') | list -%}
  {%- set found_names = found_lines | map(attribute='formatted') | map('lower') | list -%}
  {# The order does not matter: get_select_subquery puts the columns into the contract's. #}
  {%- if (wanted_names | sort) != (found_names | sort) -%}
    {%- do exceptions.raise_contract_error(wanted_lines, found_lines) -%}
  {%- endif -%}
{% endmacro %}

{% macro format_columns(columns) %}
  {% set lines = [] %}
  {% for column in columns %}
    {% do lines.append(adapter.dispatch('format_column', 'dbt')(column)) %}
  {% endfor %}
  {{ return(lines) }}
{% endmacro %}

{% macro default__format_column(column) -%}
  {% set type = column.dtype %}
  {% set line = column.column.lower() ~ ' ' ~ type %}
  {{ return({'name': column.name, 'data_type': type, 'formatted': line}) }}
{%- endmacro -%}

{%- macro get_table_columns_and_constraints() -%}
  {{ adapter.dispatch('get_table_columns_and_constraints', 'dbt')() }}
{%- endmacro -%}

{% macro default__get_table_columns_and_constraints() -%}
  {{ return(table_columns_and_constraints()) }}
{%- endmacro %}

{% macro table_columns_and_constraints() %}
  {%- set lines = adapter.render_raw_columns_constraints(raw_columns=model['columns'])
                  + adapter.render_raw_model_constraints(raw_constraints=model['constraints']) %}
    (
    {{ lines | join(',\n    ') }}
    )
{% endmacro %}

{# A select without rows whose columns are those promised. #}
{% macro get_empty_schema_sql(columns) -%}
  {{ return(adapter.dispatch('get_empty_schema_sql', 'dbt')(columns)) }}
{%- endmacro %}

{% macro default__get_empty_schema_sql(columns) %}
  {%- set without_type = columns.values() | rejectattr('data_type') | map(attribute='name') | list -%}
  {%- if without_type -%}
    {{ exceptions.raise_compiler_error(
         'Contracted models require data_type to be defined for each column.  Please ensure that the column name and data_type are defined within the YAML configuration for the '
         ~ without_type ~ ' column(s).') }}
  {%- endif -%}
    select
    {% for column in columns.values() %}
      {%- set name = adapter.quote(column['name']) if column.get('quote') else column['name'] -%}
      {{ cast('null', column['data_type']) | trim }} as {{ name }}{{ ', ' if not loop.last }}
    {%- endfor %}
{% endmacro %}

{# The same query without its rows. #}
{% macro get_empty_subquery_sql(select_sql, select_sql_header=none) -%}
  {{ return(adapter.dispatch('get_empty_subquery_sql', 'dbt')(select_sql, select_sql_header)) }}
{%- endmacro %}

{% macro default__get_empty_subquery_sql(select_sql, select_sql_header=none) %}
  {{- select_sql_header if select_sql_header is not none -}}
select * from (
        {{ select_sql }}
    ) as __dbt_sbq
    where false
    limit 0
{% endmacro %}

{% macro get_column_schema_from_query(select_sql, select_sql_header=none) -%}
  {{ return(adapter.get_column_schema_from_query(get_empty_subquery_sql(select_sql, select_sql_header))) }}
{%- endmacro %}
