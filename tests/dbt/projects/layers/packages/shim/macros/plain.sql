{% macro default__plain() %}'shim'{% endmacro %}
{% macro default__surrogate_key(fields) %}never{% endmacro %}
