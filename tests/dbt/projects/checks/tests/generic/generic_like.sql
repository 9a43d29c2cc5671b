{% test generic_like(model, at_least, words=[]) %}
{{ config(severity='warn', tags=['own']) }}
select n, '{{ words | join("/") }}' as words from {{ model }} where n >= {{ at_least }}
{% endtest %}
