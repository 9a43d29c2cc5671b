{#
  Unit tests: the rows that a model's query makes of given rows, side by side with those expected. Given and expected
  rows become selects of casts, so that a `1` of the YAML has the type of the column it stands for.
#}

{%- materialization unit, default -%}
  {% set expected_rows, expected_sql = config.get('expected_rows'), config.get('expected_sql') %}
  {# Which columns are compared: those that are expected; of a query, those that the model has. #}
  {% set compared = expected_rows[0].keys() | list if expected_rows else get_columns_in_query(sql) %}

  {% if not expected_sql %}
    {# The model's own types, asked of a table without rows. #}
    {%- set shape = make_temp_relation(this.incorporate(type='table')) -%}
    {% do run_query(get_create_table_as_sql(true, shape, get_empty_subquery_sql(sql))) %}
    {% set types, quoted_names = {}, {} %}
    {% for column in adapter.get_columns_in_relation(shape) %}
      {% do types.update({column.name | lower: column.data_type}) %}
      {% do quoted_names.update({column.name | lower: column.quoted}) %}
    {% endfor %}
    {% set expected_sql = get_expected_sql(expected_rows, types, quoted_names) %}
    {% set quoted = [] %}
    {% for name in compared %}
      {% do quoted.append(quoted_names[name | lower]) %}
    {% endfor %}
    {% set compared = quoted %}
  {% endif %}

  {% call statement('main', fetch_result=true) -%}
    {{ get_unit_test_sql(sql, expected_sql, compared) }}
  {%- endcall %}

  {% if shape is defined %}
    {% do adapter.drop_relation(shape) %}
  {% endif %}

  {{ return({'relations': []}) }}
{%- endmaterialization -%}

{% macro get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
  {{ adapter.dispatch('get_unit_test_sql', 'dbt')(main_sql, expected_fixture_sql, expected_column_names) }}
{%- endmacro %}

{% macro default__get_unit_test_sql(main_sql, expected_fixture_sql, expected_column_names) -%}
{%- set columns = expected_column_names | join(', ') -%}
{%- set label = adapter.quote('actual_or_expected') -%}
-- what the model made of the given rows
with dbt_internal_unit_test_actual as (
  select
    {{ columns }}, 'actual' as {{ label }}
  from (
    {{ main_sql }}
  ) _dbt_internal_unit_test_actual
),
-- what it should have made
dbt_internal_unit_test_expected as (
  select
    {{ columns }}, 'expected' as {{ label }}
  from (
    {{ expected_fixture_sql }}
  ) _dbt_internal_unit_test_expected
)
select * from dbt_internal_unit_test_actual
union all
select * from dbt_internal_unit_test_expected
{%- endmacro %}

{# Rows that stand for a model's input. The types come from the relation, which therefore must be there, unless the
   caller knows them. A row need not name all columns: the others are null. #}
{% macro get_fixture_sql(rows, column_name_to_data_types) %}
  {%- set quoted_names = {} -%}
  {%- if not column_name_to_data_types -%}
    {%- set relation = load_relation(this) or defer_relation -%}
    {%- set known = adapter.get_columns_in_relation(relation) if relation else [] -%}
    {%- if not known -%}
      {{ exceptions.raise_compiler_error("Not able to get columns for unit test '" ~ model.name ~ "' from relation " ~ this
           ~ " because the relation doesn't exist") }}
    {%- endif -%}
    {%- set column_name_to_data_types = {} -%}
    {%- for column in known -%}
      {%- do column_name_to_data_types.update({column.name | lower: column.data_type}) -%}
      {%- do quoted_names.update({column.name | lower: column.quoted}) -%}
    {%- endfor -%}
  {%- endif -%}

  {%- set blank = {} -%}
  {%- for name in column_name_to_data_types -%}
    {%- do blank.update({name: (safe_cast('null', column_name_to_data_types[name]) | trim)}) -%}
  {%- endfor -%}
  {{ validate_fixture_rows(rows, row_number) -}}
-- Fixture for {{ model.name }}
  {% for row in rows -%}
    {%- set values = blank.copy() -%}
    {%- do values.update(format_row(row, column_name_to_data_types)) -%}
    select {% for name, value in values.items() %}{{ value }} as {{ quoted_names.get(name, name) }}{{ ', ' if not loop.last }}{% endfor %}
    {% if not loop.last %}
    union all
    {% endif %}
  {%- endfor -%}
  {% if not rows -%}
    select {% for name, value in blank.items() %}{{ value }} as {{ quoted_names.get(name, name) }}{{ ', ' if not loop.last }}{% endfor %}
    limit 0
  {%- endif -%}
{% endmacro %}

{% macro get_expected_sql(rows, column_name_to_data_types, column_name_to_quoted) %}
  {%- for row in rows -%}
    {%- set values = format_row(row, column_name_to_data_types) -%}
    select {% for name, value in values.items() %}{{ value | trim }} as {{ column_name_to_quoted[name] }}{{ ', ' if not loop.last }}{% endfor %}
    {% if not loop.last %}
    union all
    {% endif %}
  {%- else -%}
    select * from dbt_internal_unit_test_actual
    limit 0
  {%- endfor -%}
{% endmacro %}

{# {column: its value as SQL}. Texts are quoted, dates and others too, since a cast stands around each. #}
{% macro format_row(row, column_name_to_data_types) %}
  {% set values = {} %}
  {% for given_name, value in row.items() %}
    {% set name = given_name | lower %}
    {% if name not in column_name_to_data_types %}
      {% set fixture = 'expected output' if model is defined and model.resource_type == 'unit_test' else "'" ~ (model.name if model is defined) ~ "'" %}
      {{ exceptions.raise_compiler_error("Invalid column name: '" ~ given_name ~ "' in unit test fixture for " ~ fixture
           ~ ".\nAccepted columns for " ~ fixture ~ " are: " ~ (column_name_to_data_types.keys() | list)) }}
    {% endif %}
    {% set type = column_name_to_data_types[name] %}
    {% if value is none %}
      {% set literal = 'null' %}
    {% elif value is string %}
      {% set literal = string_literal(escape_single_quotes(value)) %}
      {# A text longer than its column is the test's own affair; a cast would cut it short. #}
      {% set type = 'character varying' if type.startswith('character varying(') else type %}
    {% elif value is number or value is boolean %}
      {% set literal = value %}
    {% else %}
      {% set literal = string_literal(escape_single_quotes(value | string)) %}
    {% endif %}
    {% do values.update({name: safe_cast(literal, type)}) %}
  {% endfor %}
  {{ return(values) }}
{% endmacro %}

{# An adapter that cannot take some fixtures refuses them here. #}
{% macro validate_fixture_rows(rows, row_number) -%}
  {{ return(adapter.dispatch('validate_fixture_rows', 'dbt')(rows, row_number)) }}
{%- endmacro %}

{%- macro default__validate_fixture_rows(rows, row_number) -%}
{%- endmacro %}
