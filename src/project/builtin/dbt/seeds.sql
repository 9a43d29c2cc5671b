{#
  Turning a seed's rows into a table: create it, or empty it, then insert in batches that the database can bind.
#}

{% macro create_csv_table(model, agate_table) -%}
  {{ adapter.dispatch('create_csv_table', 'dbt')(model, agate_table) }}
{%- endmacro %}

{% macro default__create_csv_table(model, agate_table) %}
  {%- set types = model['config'].get('column_types', {}) -%}
  {%- set quote_seed_column = model['config'].get('quote_columns', none) -%}
  {% set sql %}
    create table {{ this.render() }} (
      {%- for name in agate_table.column_names -%}
        {%- set type = types.get(name, adapter.convert_type(agate_table, loop.index0)) -%}
        {{ adapter.quote_seed_column(name | string, quote_seed_column) }} {{ type }}{{ ', ' if not loop.last }}
      {%- endfor -%}
    )
  {% endset %}
  {% call statement('_') -%}
    {{ sql }}
  {%- endcall %}
  {{ return(sql) }}
{% endmacro %}

{% macro reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
  {{ adapter.dispatch('reset_csv_table', 'dbt')(model, full_refresh, old_relation, agate_table) }}
{%- endmacro %}

{% macro default__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
  {% if full_refresh %}
    {{ adapter.drop_relation(old_relation) }}
    {{ return(create_csv_table(model, agate_table)) }}
  {% endif %}
  {{ adapter.truncate_relation(old_relation) }}
  {{ return('truncate table ' ~ old_relation.render()) }}
{% endmacro %}

{# What stands for a value in an insert, and how many rows one insert has at most. #}

{% macro get_binding_char() -%}
  {{ adapter.dispatch('get_binding_char', 'dbt')() }}
{%- endmacro %}

{% macro default__get_binding_char() %}
  {{ return('%s') }}
{% endmacro %}

{% macro get_batch_size() -%}
  {{ return(adapter.dispatch('get_batch_size', 'dbt')()) }}
{%- endmacro %}

{% macro default__get_batch_size() %}
  {{ return(10000) }}
{% endmacro %}

{% macro get_seed_column_quoted_csv(model, column_names) %}
  {%- set quote_seed_column = model['config'].get('quote_columns', none) -%}
  {% set quoted = [] %}
  {% for name in column_names %}
    {% do quoted.append(adapter.quote_seed_column(name, quote_seed_column)) %}
  {% endfor %}
  {{ return(quoted | join(', ')) }}
{% endmacro %}

{% macro load_csv_rows(model, agate_table) -%}
  {{ adapter.dispatch('load_csv_rows', 'dbt')(model, agate_table) }}
{%- endmacro %}

{# Returns the statement of the first batch, which is what target/run shows. #}
{% macro default__load_csv_rows(model, agate_table) %}
  {% set columns = get_seed_column_quoted_csv(model, agate_table.column_names) %}
  {% set placeholders = [get_binding_char()] * (agate_table.column_names | length) %}
  {% set statements = [] %}
  {% for batch in agate_table.rows | batch(get_batch_size()) %}
    {% set values = [] %}
    {% for row in batch %}
      {% do values.extend(row) %}
    {% endfor %}
    {% set sql %}
      insert into {{ this.render() }} ({{ columns }}) values
      {% for row in batch -%}
        ({{ placeholders | join(',') }}){{ ',' if not loop.last }}
      {%- endfor %}
    {% endset %}
    {% do adapter.add_query(sql, bindings=values, abridge_sql_log=true) %}
    {% do statements.append(sql) %}
  {% endfor %}
  {{ return(statements[0] if statements else '') }}
{% endmacro %}

{% macro get_csv_sql(create_or_truncate_sql, insert_sql) %}
  {{ adapter.dispatch('get_csv_sql', 'dbt')(create_or_truncate_sql, insert_sql) }}
{% endmacro %}

{% macro default__get_csv_sql(create_or_truncate_sql, insert_sql) %}
    {{ create_or_truncate_sql }};
    {{ insert_sql }}
{% endmacro %}
