{%- macro surrogate_key(fields) -%}
    {{ return(adapter.dispatch('surrogate_key', 'tools')(fields)) }}
{%- endmacro -%}

{%- macro default__surrogate_key(fields) -%}
    {%- set parts = [] -%}
    {%- for field in fields -%}
        {%- do parts.append("coalesce(cast(" ~ field ~ " as " ~ dbt.type_string() ~ "), '')") -%}
        {%- if not loop.last %}{% do parts.append("'" ~ var('surrogate_separator', '|') ~ "'") %}{% endif -%}
    {%- endfor -%}
    {{ dbt.hash(dbt.concat(parts)) }}
{%- endmacro -%}

{# not seen by anybody -#}

{%- macro plain() %} {{ adapter.dispatch('plain', macro_namespace='tools')() }} {% endmacro %}
{% macro default__plain() %}'tools'{% endmacro %}
{% macro untouched() %}{{ adapter.dispatch('untouched', 'tools')() }}{% endmacro %}
{% macro default__untouched() %}{{ tools.depth() }}{% endmacro %}
{% macro duckdb__untouched() %}'duckdb {{ tools.depth() }}'{% endmacro %}
{% macro depth() %}{{ var('depth') }} {{ var('mark') }}{% endmacro %}
{% macro columns_but(relation, but=[]) %}
  {%- set names = [] -%}
  {%- if execute -%}
    {%- for column in adapter.get_columns_in_relation(relation) if column.name not in but -%}
      {%- do names.append(adapter.quote(column.name)) -%}
    {%- endfor -%}
  {%- endif -%}
  {{ names | join(', ') if names|length() > 0 else '*' }}
{%- endmacro %}
