{#
  `show` and `--inline`: a query with a limit around it.
#}

{% macro get_show_sql(compiled_code, sql_header, limit) -%}
  {%- if sql_header is not none -%}
  {{ sql_header }}
  {%- endif %}
  {{ get_limit_subquery_sql(compiled_code, limit) }}
{% endmacro %}

{% macro get_limit_subquery_sql(sql, limit) %}
  {{ return(adapter.dispatch('get_limit_sql', 'dbt')(sql, limit)) }}
{% endmacro %}

{# Behind the query rather than around it, so that its order by still holds. #}
{% macro default__get_limit_sql(sql, limit) %}
  {{ sql }}
  {% if limit is not none %}
  limit {{ limit }}
  {%- endif -%}
{% endmacro %}
