{#
  A snapshot: the history of a query's rows. Each row of the table held from dbt_valid_from until dbt_valid_to, and the
  one that holds now has no end (or the far one that dbt_valid_to_current names).

  The first run writes all rows down. Later runs compare the query with the rows that hold now, by the snapshot's
  strategy (snapshot_strategies.sql); what they find goes to a staging table (snapshot_staging.sql), in which each row
  says what is to be done with it: 'insert', 'update' or 'delete'. "Delete" too only sets an end.
#}

{% materialization snapshot, default %}
  {%- set unique_key = config.get('unique_key') -%}
  {%- set grant_config = config.get('grants') -%}
  {% set exists, target_relation = get_or_create_relation(
       database=model.database, schema=model.schema, identifier=model.get('alias', model.get('name')), type='table') -%}
  {%- if not target_relation.is_table -%}
    {% do exceptions.relation_wrong_type(target_relation, 'table') %}
  {%- endif -%}

  {{ run_hooks(pre_hooks, inside_transaction=false) }}
  {{ run_hooks(pre_hooks, inside_transaction=true) }}

  {# Strategies write their conditions against these two names. #}
  {% set strategy_macro = strategy_dispatch(config.get('strategy')) %}
  {% set strategy = strategy_macro(model, 'snapshotted_data', 'source_data', model['config'], exists) %}

  {% if not exists %}
    {% set first_rows = build_snapshot_table(strategy, model['compiled_code']) %}
    {{ check_time_data_types(first_rows) }}
    {% set final_sql = create_table_as(false, target_relation, first_rows) %}
  {% else %}
    {% set columns = get_snapshot_table_column_names() %}
    {{ adapter.assert_valid_snapshot_target_given_strategy(target_relation, columns, strategy) }}
    {% set staging = build_snapshot_staging_table(strategy, sql, target_relation) %}
    {% do adapter.expand_target_column_types(from_relation=staging, to_relation=target_relation) %}

    {% set own = snapshot_staging_columns(strategy.unique_key) %}
    {% set missing = [] %}
    {% for column in adapter.get_missing_columns(staging, target_relation) if column.name | lower not in own %}
      {% do missing.append(column) %}
    {% endfor %}
    {% do create_columns(target_relation, missing) %}

    {% set inserted = [] %}
    {% for column in adapter.get_columns_in_relation(staging) if column.name | lower not in own %}
      {% do inserted.append(adapter.quote(column.name)) %}
    {% endfor %}
    {% set final_sql = snapshot_merge_sql(target=target_relation, source=staging, insert_cols=inserted) %}
  {% endif %}

  {% call statement('main') %}
    {{ final_sql }}
  {% endcall %}

  {% do apply_grants(target_relation, grant_config, should_revoke=should_revoke(exists, full_refresh_mode=false)) %}
  {% do persist_docs(target_relation, model) %}
  {% if not exists %}
    {% do create_indexes(target_relation) %}
  {% endif %}

  {{ run_hooks(post_hooks, inside_transaction=true) }}
  {{ adapter.commit() }}
  {% if staging is defined %}
    {% do post_snapshot(staging) %}
  {% endif %}
  {{ run_hooks(post_hooks, inside_transaction=false) }}

  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
