{% test at_least(model, column_name, value=0, group_by=[]) %}
{%- if group_by|length() %}
select {{ group_by|join(', ') }}, min({{ column_name }}) as least from {{ model }} group by {{ group_by|join(', ') }} having min({{ column_name }}) < {{ value }}
{%- else %}
select * from {{ model }} where {{ column_name }} < {{ value }}
{%- endif %}
{% endtest %}
{% test overshadowed(model) %}select 1 as from_tools from {{ model }} where false{% endtest %}
