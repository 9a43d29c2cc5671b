{% macro values_of(relation, column) %}
  {%- call statement('values_of', fetch_result=True, auto_begin=False) -%}
    select distinct {{ column }} as v from {{ relation }} order by 1
  {%- endcall -%}
  {%- if execute -%}
    {%- set table = load_result('values_of').table -%}
    {{ return(table.columns['v'].values()) }}
  {%- endif -%}
  {{ return([]) }}
{% endmacro %}

{% macro pivot(relation, column, then='1') %}
  {%- for value in values_of(relation, column) %}
  sum(case when {{ column }} = '{{ value }}' then {{ then }} else 0 end) as {{ adapter.quote(value ~ '_' ~ caller_or(loop)) }}{{ ',' if not loop.last }}
  {%- endfor %}
{% endmacro %}
{% macro caller_or(loop) %}{{ loop.index0 }}{{ loop.cycle('x', 'y') }}{% endmacro %}

{% macro wrap(name) %}with {{ name }} as ({{ caller(name) }}) select * from {{ name }}{% endmacro %}

{% macro settings() %}
  {% do return({'a': 1, 'list': [1, 2], 'text': 'it''s', 'none': none, 'set': set_strict([1, 1]) | list, 'zip': zip_strict([1, 2], ['a', 'b']) | list}) %}
{% endmacro %}

{% macro upper_all(names) %}{% set out = [] %}{% for n in names %}{{ out.append(n.upper()) or '' }}{% endfor %}{{ return(out) }}{% endmacro %}

{% macro quiet() -%}
  {%- set ns = namespace(total=0, words='') -%}
  {%- for i in range(5) if i is odd -%}{%- set ns.total = ns.total + i -%}{%- endfor -%}
  {{ ns.total }}
{%- endmacro %}

{% macro sample_rows() %}
  {% set rows = dbt_utils_like('select id, kind, amount, seen from ' ~ ref('events') ~ ' order by id') %}
  {{ print(rows | tojson) }}
{% endmacro %}
{% macro dbt_utils_like(query) %}
  {% set found = run_query(query) %}
  {% set out = [] %}
  {% for row in found %}{% do out.append({'id': row['id'], 'kind': row[1], 'amount': row.amount | string, 'seen': row['seen'].isoformat(), 'n': row.values() | length}) %}{% endfor %}
  {{ return(out) }}
{% endmacro %}
