{# Comments. #}

{% macro duckdb_escape_comment(comment) -%}
  {{ return(quote_comment_in_dollars(comment)) }}
{%- endmacro %}

{% macro duckdb__alter_relation_comment(relation, comment) %}
  comment on {{ relation.type }} {{ relation }} is {{ duckdb_escape_comment(comment) }};
{% endmacro %}

{% macro duckdb__alter_column_comment(relation, column_dict) %}
  {% set known = adapter.get_columns_in_relation(relation) | map(attribute='name') | list %}
  {% for name in column_dict if name in known %}
    {% set column = adapter.quote(name) if column_dict[name]['quote'] else name %}
    comment on column {{ relation }}.{{ column }} is {{ duckdb_escape_comment(column_dict[name]['description']) }};
  {% endfor %}
{% endmacro %}
