{% test overshadowed(model) %}select 1 as from_layers from {{ model }} where false{% endtest %}
{% materialization logged, default %}
  {%- set target = this.incorporate(type='table') -%}
  {%- set old = load_cached_relation(this) -%}
  {{ run_hooks(pre_hooks) }}
  {% if old is not none %}{{ adapter.drop_relation(old) }}{% endif %}
  {% call statement('main') -%}
    create table {{ target }} as select *, {{ config.get('level', 1) }} as level, '{{ old }}' as before from ({{ sql }})
  {%- endcall %}
  {% call statement('count', fetch_result=True) %}select count(*) as n from {{ target }}{% endcall %}
  {% do run_query("create table if not exists " ~ target.include(identifier=false) ~ ".made (name varchar, n int)") %}
  {% do run_query("insert into " ~ target.include(identifier=false) ~ ".made values ('" ~ this.name ~ "', " ~ load_result('count')['data'][0][0] ~ ")") %}
  {{ run_hooks(post_hooks) }}
  {{ adapter.commit() }}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}
