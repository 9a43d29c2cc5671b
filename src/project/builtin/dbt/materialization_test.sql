{#
  A data test: how many rows does its query find, and do warn_if and error_if mind? With store_failures the rows are
  kept, in a table or a view named after the test, and counted there.
#}

{%- materialization test, default -%}
  {% set relations = [] %}
  {% set limit = config.get('limit') %}
  {% set keep_as = config.get('store_failures_as') or ('table' if should_store_failures() else 'ephemeral') %}

  {% if keep_as in ('table', 'view') %}
    {% set failures = api.Relation.create(database=database, schema=schema, identifier=model['alias'], type=keep_as) %}
    {% set existing = adapter.get_relation(database=database, schema=schema, identifier=model['alias']) %}
    {% if existing %}
      {% do adapter.drop_relation(existing) %}
    {% endif %}
    {% call statement(auto_begin=true) %}
      {{ get_create_sql(failures, sql ~ ('\nlimit ' ~ limit if limit is not none else '')) }}
    {% endcall %}
    {% set limit = none %}
    {% do relations.append(failures) %}
    {% set counted %}
      select *
      from {{ failures }}
    {% endset %}
    {{ adapter.commit() }}
  {% elif keep_as == 'ephemeral' %}
    {% set counted = sql %}
  {% else %}
    {% do exceptions.raise_compiler_error(
         "'" ~ keep_as ~ "' is not a valid value for `store_failures_as`. Accepted values are: ['ephemeral', 'table', 'view']") %}
  {% endif %}

  {% call statement('main', fetch_result=true) -%}
    {{ get_test_sql(counted, config.get('fail_calc'), config.get('warn_if'), config.get('error_if'), limit) }}
  {%- endcall %}

  {{ return({'relations': relations}) }}
{%- endmaterialization -%}
