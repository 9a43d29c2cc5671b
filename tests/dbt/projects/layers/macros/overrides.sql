{% macro generate_schema_name(custom_schema_name, node) -%}
  {%- if node.resource_type == 'seed' -%}{{ default__generate_schema_name(custom_schema_name, node) }}
  {%- elif custom_schema_name is none -%}{{ target.schema }}
  {%- else -%}{{ custom_schema_name | trim }}_{{ node.package_name }}
  {%- endif -%}
{%- endmacro %}

{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
  {%- if custom_alias_name -%}{{ custom_alias_name | trim | upper }}
  {%- elif node.version -%}{{ node.name ~ "_version_" ~ (node.version | replace(".", "_")) }}
  {%- elif node.resource_type == 'model' -%}t_{{ node.name }}
  {%- else -%}{{ node.name }}{%- endif -%}
{%- endmacro %}

{# the project's own takes the place of the adapter's, whoever calls it #}
{% macro duckdb__surrogate_key(fields) %}{{ tools.default__surrogate_key(fields + ["'layers'"]) }}{% endmacro %}
{% macro default__get_create_view_as_sql(relation, sql) -%}
  create or replace view {{ relation }} as (select *, '{{ model.name }}' as made_by from ({{ sql }}) as query)
{%- endmacro %}
{% macro type_string() %}{{ return('varchar') }}{% endmacro %}
{% macro default__test_not_null(model, column_name) %}
select count(*) as nulls from {{ model }} where {{ column_name }} is null having count(*) > 1
{% endmacro %}
