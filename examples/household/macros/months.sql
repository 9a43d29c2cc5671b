{% macro month_of(column) %}strftime({{ column }}, '%Y-%m'){% endmacro %}
