{#
  Making tables and views. A table whose columns must be told first (a contract, DuckLake's partitions and order) is
  created empty and then filled; any other is created from its select.
#}

{% macro create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) -%}
  {{ adapter.dispatch('create_table_as', 'dbt')(temporary, relation, compiled_code, language, partitioned_by, sorted_by) }}
{%- endmacro %}

{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) -%}
  {%- if language == 'python' -%}
    {{ py_write_table(temporary, relation, compiled_code, partitioned_by, sorted_by) }}
  {%- elif language != 'sql' -%}
    {% do exceptions.raise_compiler_error('DuckDB runs models in sql and python, not in ' ~ language) %}
  {%- else -%}
    {%- set layout_partitions = partitioned_by if partitioned_by is not none else duckdb__get_partitioned_by(relation, temporary) -%}
    {%- set layout_order = sorted_by if sorted_by is not none else duckdb__get_sorted_by(relation, temporary) -%}
    {%- set contract = config.get('contract') -%}
    {%- set bound = contract and contract.enforced and not temporary -%}
    {%- set sql_header = config.get('sql_header', none) -%}
    {%- set name = relation.include(database=(not temporary), schema=(not temporary)) -%}
    {{ sql_header if sql_header is not none }}
    {%- if bound %}
    {{ get_assert_columns_equivalent(compiled_code) }}
    {%- endif %}
    {% if bound or layout_partitions or layout_order %}
    create {{ 'temporary ' if temporary }}table {{ name }}
    {%- if bound %}
    {{ get_table_columns_and_constraints() }}
    {%- else %}
    as (
      select * from (
        {{ compiled_code }}
      ) limit 0
    )
    {%- endif %};
    {% if layout_partitions %}{{ duckdb__alter_table_set_partitioned_by(relation, layout_partitions) }}{% endif %}
    {% if layout_order %}{{ duckdb__alter_table_set_sorted_by(relation, layout_order) }}{% endif %}
    insert into {{ name }} {{ get_column_names() if bound }} (
      {{ get_select_subquery(compiled_code) if bound else compiled_code }}
    );
    {% else %}
    create {{ 'temporary ' if temporary }}table {{ name }} as (
      {{ compiled_code }}
    );
    {% endif %}
  {%- endif -%}
{% endmacro %}

{% macro duckdb__create_view_as(relation, sql) -%}
  {%- set sql_header = config.get('sql_header', none) -%}
  {%- set contract = config.get('contract') -%}
  {{ sql_header if sql_header is not none }}
  {% if contract and contract.enforced %}
  {{ get_assert_columns_equivalent(sql) }}
  {%- endif %}
  create view {{ relation }} as (
    {{ sql }}
  );
{% endmacro %}

{# ( id , "Amount" ): the columns of a contract, to insert into. #}
{% macro get_column_names() %}
  ({% for column in (model['columns'] or {}).values() %} {{ adapter.quote(column['name']) if column.get('quote') else column['name'] }} {{ ',' if not loop.last }}{% endfor %})
{% endmacro %}

{# What a model in Python returns is written by a function behind the model's code, which names it `returned`. #}
{% macro py_write_table(temporary, relation, compiled_code, partitioned_by=none, sorted_by=none) -%}
{{ compiled_code }}

def materialize(returned, connection):
    connection.execute("""create {{ 'temporary ' if temporary }}table {{ relation.include(database=(not temporary), schema=(not temporary)) }} as select * from returned""")
{% endmacro %}

{# Without the header, as the adapter's own. #}
{% macro duckdb__get_empty_subquery_sql(select_sql, select_sql_header=none) -%}
  {{ return(default__get_empty_subquery_sql(select_sql)) }}
{% endmacro %}

{# ---- DuckLake: how rows lie in files. Other databases ignore it, with a warning. ---- #}

{% macro duckdb__get_partitioned_by(relation, temporary) %}
  {{ return(duckdb__layout_setting(relation, temporary, 'partitioned_by', 'partition_by')) }}
{% endmacro %}

{% macro duckdb__get_sorted_by(relation, temporary) %}
  {{ return(duckdb__layout_setting(relation, temporary, 'sorted_by', 'sort_by')) }}
{% endmacro %}

{% macro duckdb__layout_setting(relation, temporary, name, other_name) %}
  {%- set raw = config.get(name) or config.get(other_name) -%}
  {%- if not raw or temporary -%}
    {{ return(none) }}
  {%- elif not adapter.is_ducklake(relation) -%}
    {% do adapter.warn_once(name ~ ' is only supported for DuckLake relations; ignoring for ' ~ relation) %}
    {{ return(none) }}
  {%- endif -%}
  {{ return(normalize_string_or_list(raw, name)) }}
{% endmacro %}

{% macro duckdb__alter_table_set_partitioned_by(relation, partitioned_by) %}
    alter table {{ relation }} set partitioned by ({{ partitioned_by | join(', ') }});
{% endmacro %}

{% macro duckdb__alter_table_set_sorted_by(relation, sorted_by) %}
    alter table {{ relation }} set sorted by ({{ sorted_by | join(', ') }});
{% endmacro %}

{# One entry, or several, as a list. #}
{% macro normalize_string_or_list(raw, field_name) %}
  {%- if raw is string -%}
    {{ return([raw]) }}
  {%- elif raw is not sequence or raw is mapping -%}
    {% do exceptions.raise_compiler_error(field_name ~ ' must be a string or a list of strings') %}
  {%- endif -%}
  {{ return(raw | list) }}
{% endmacro %}
