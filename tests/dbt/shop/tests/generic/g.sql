{% test is_short(model, column_name, n) %}
{{ config(severity='error', tags=['short']) }}
select * from {{ model }} where length({{ column_name }}) > {{ n }}
{% endtest %}
