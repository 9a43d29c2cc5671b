{% set query %}select kind, count(*) as n from {{ ref('events') }} group by 1 order by 1{% endset %}
{% if execute %}{% set result = run_query(query) %}{% else %}{% set result = [] %}{% endif %}
{% for row in result %}
select '{{ row[0] }}' as kind, {{ row.n }} as n, '{{ row.keys() | list | join("/") }}' as keys, {{ loop.revindex }} as r, '{{ loop.first }}' as f
{% if not loop.last %}union all{% endif %}
{% else %}select 1
{% endfor %}
{#- a comment -#}
{% raw %}-- {{ not rendered }}{% endraw %}
{%- filter upper %} -- shouted {% endfilter %}
