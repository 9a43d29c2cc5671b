{% macro log_end() %}select 'end' as word{% endmacro %}
{% macro cents(c, p=2) -%}round({{ c }} / 100.0, {{ p }}){%- endmacro %}
{% macro twice(c) %}{{ cents(c) }} + {{ cents(c) }}{% endmacro %}
{% test positive(model, column_name, allow_zero=false) %}
select * from {{ model }} where {{ column_name }} {{ '<' if allow_zero else '<=' }} 0
{% endtest %}
