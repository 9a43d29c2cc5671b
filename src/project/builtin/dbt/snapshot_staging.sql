{#
  The rows of a snapshot's first run, and what later runs find, ready to be merged.
#}

{% macro build_snapshot_table(strategy, sql) -%}
  {{ adapter.dispatch('build_snapshot_table', 'dbt')(strategy, sql) }}
{% endmacro %}

{% macro default__build_snapshot_table(strategy, sql) %}
  {% set columns = get_snapshot_table_column_names() %}
    select *,
        {{ strategy.scd_id }} as {{ columns.dbt_scd_id }},
        {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
        {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
        {{ get_dbt_valid_to_current(strategy, columns) }}
        {%- if strategy.hard_deletes == 'new_record' %},
        'False' as {{ columns.dbt_is_deleted }}
        {%- endif %}
    from (
        {{ sql }}
    ) sbq
{% endmacro %}

{% macro snapshot_staging_table(strategy, source_sql, target_relation) -%}
  {{ adapter.dispatch('snapshot_staging_table', 'dbt')(strategy, source_sql, target_relation) }}
{% endmacro %}

{#
  Two tables are compared: snapshotted_data, the rows that hold now, and source_data, the query's. A row of the answer
  is the source's row, plus
    dbt_change_type   'insert': write it down; 'update', 'delete': set the end of the row with this dbt_scd_id
    dbt_valid_to      that end, or what stands for none
    dbt_scd_id        the row's own name, or of which row the end is to be set

  With hard_deletes 'new_record' a row that left also gets a row that says so; if it comes back, that one ends.
#}
{% macro default__snapshot_staging_table(strategy, source_sql, target_relation) -%}
  {%- set columns = get_snapshot_table_column_names() -%}
  {%- set key = strategy.unique_key -%}
  {%- set records_deletes = strategy.hard_deletes == 'new_record' -%}
  {%- set gone = 'snapshotted_data.' ~ columns.dbt_is_deleted -%}
  {%- set old_id = 'snapshotted_data.' ~ columns.dbt_scd_id -%}
  {%- set now = snapshot_get_time() -%}

    with source_data as (
        select *,
            {{ unique_key_fields(key) }},
            {{ strategy.updated_at }} as {{ columns.dbt_updated_at }},
            {{ strategy.updated_at }} as {{ columns.dbt_valid_from }},
            {{ get_dbt_valid_to_current(strategy, {'dbt_valid_to': 'dbt_fresh_valid_to'}) }},
            {{ strategy.scd_id }} as dbt_fresh_scd_id
        from (
            {{ source_sql }}
        ) as snapshot_query
    ),

    snapshotted_data as (
        select *,
            {{ unique_key_fields(key) }}
        from {{ target_relation }}
        where {{ snapshot_holds_now(columns.dbt_valid_to) }}
    )

    select source_data.*,
        source_data.dbt_fresh_valid_to as {{ columns.dbt_valid_to }},
        source_data.dbt_fresh_scd_id as {{ columns.dbt_scd_id }},
        {% if records_deletes %}'False' as {{ columns.dbt_is_deleted }},{% endif %}
        'insert' as dbt_change_type
    from source_data
    left join snapshotted_data on {{ unique_key_join_on(key, 'snapshotted_data', 'source_data') }}
    where {{ unique_key_is_null(key, 'snapshotted_data') }}
        or {{ strategy.row_changed }}
        {% if records_deletes %}or {{ gone }} = 'True'{% endif %}

    union all

    select source_data.*,
        source_data.{{ columns.dbt_valid_from }},
        {{ old_id }},
        {% if records_deletes %}{{ gone }},{% endif %}
        'update'
    from source_data
    join snapshotted_data on {{ unique_key_join_on(key, 'snapshotted_data', 'source_data') }}
    where {{ strategy.row_changed }}
        {% if records_deletes %}or {{ gone }} = 'True'{% endif %}

    {% if strategy.hard_deletes in ('invalidate', 'new_record') or strategy.invalidate_hard_deletes %}
    union all

    select source_data.*,
        {{ now }},
        {{ old_id }},
        {% if records_deletes %}{{ gone }},{% endif %}
        'delete'
    from snapshotted_data
    left join source_data on {{ unique_key_join_on(key, 'snapshotted_data', 'source_data') }}
    where {{ unique_key_is_null(key, 'source_data') }}
        {% if records_deletes %}and {{ gone }} != 'True'{% endif %}
    {% endif %}

    {% if records_deletes %}
    {%- set kept = get_columns_in_query('select * from ' ~ target_relation) | map('lower') | list %}
    union all

    select
        {% for name in get_columns_in_query(source_sql) %}
        {{ 'snapshotted_data.' ~ adapter.quote(name) if name | lower in kept else 'null' }},
        {% endfor %}
        {% for name in snapshot_key_names(key) %}
        snapshotted_data.{{ name }},
        {% endfor %}
        {{ now }},
        {{ now }},
        snapshotted_data.{{ columns.dbt_valid_to }},
        null,
        snapshotted_data.{{ columns.dbt_valid_to }},
        {{ snapshot_hash_arguments([old_id, now]) }},
        'True',
        'insert'
    from snapshotted_data
    left join source_data on {{ unique_key_join_on(key, 'snapshotted_data', 'source_data') }}
    where {{ unique_key_is_null(key, 'source_data') }}
        and {{ gone }} != 'True'
    {% endif %}
{%- endmacro %}

{# The staging table, filled. #}
{% macro build_snapshot_staging_table(strategy, sql, target_relation) %}
  {% set staging = make_temp_relation(target_relation) %}
  {% set select = snapshot_staging_table(strategy, sql, target_relation) %}
  {% call statement('build_snapshot_staging_relation') %}
    {{ create_table_as(true, staging, select) }}
  {% endcall %}
  {% do return(staging) %}
{% endmacro %}

{% macro post_snapshot(staging_relation) %}
  {{ adapter.dispatch('post_snapshot', 'dbt')(staging_relation) }}
{% endmacro %}

{# A temporary table leaves with the connection. #}
{% macro default__post_snapshot(staging_relation) %}
{% endmacro %}

{% macro snapshot_merge_sql(target, source, insert_cols) -%}
  {{ adapter.dispatch('snapshot_merge_sql', 'dbt')(target, source, insert_cols) }}
{%- endmacro %}

{% macro default__snapshot_merge_sql(target, source, insert_cols) -%}
  {%- set columns = get_snapshot_table_column_names() -%}
  {%- set inserted = insert_cols | join(', ') -%}
    merge into {{ target.render() }} as DBT_INTERNAL_DEST
    using {{ source }} as DBT_INTERNAL_SOURCE
    on DBT_INTERNAL_SOURCE.{{ columns.dbt_scd_id }} = DBT_INTERNAL_DEST.{{ columns.dbt_scd_id }}

    when matched
        and {{ snapshot_holds_now('DBT_INTERNAL_DEST.' ~ columns.dbt_valid_to) }}
        and DBT_INTERNAL_SOURCE.dbt_change_type in ('update', 'delete')
        then update
        set {{ columns.dbt_valid_to }} = DBT_INTERNAL_SOURCE.{{ columns.dbt_valid_to }}

    when not matched
        and DBT_INTERNAL_SOURCE.dbt_change_type = 'insert'
        then insert ({{ inserted }})
        values ({{ inserted }})
{% endmacro %}
