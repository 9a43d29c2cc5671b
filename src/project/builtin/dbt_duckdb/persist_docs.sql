{# Comments. #}

{% macro duckdb_escape_comment(comment) -%}
  {{ return(quote_comment_in_dollars(comment)) }}
{%- endmacro %}

{% macro duckdb__alter_relation_comment(relation, comment) %}
  comment on {{ relation.type }} {{ relation }} is {{ duckdb_escape_comment(comment) }};
{% endmacro %}

{% macro duckdb__alter_column_comment(relation, column_dict) %}
  {% set known = adapter.get_columns_in_relation(relation) | map(attribute='name') | list %}
  {% for name, column in validate_doc_columns(relation, column_dict, known).items() %}
    comment on column {{ relation }}.{{ adapter.quote(name) if column['quote'] else name }} is {{ duckdb_escape_comment(column['description']) }};
  {% endfor %}
{% endmacro %}
