{#
  How new rows are brought in on DuckDB, merge excepted (merge.sql).
#}

{% macro duckdb__get_incremental_default_sql(arg_dict) %}
  {% do return(get_incremental_delete_insert_sql(arg_dict) if arg_dict['unique_key'] else get_incremental_append_sql(arg_dict)) %}
{% endmacro %}

{% macro duckdb__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
  {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
  {%- if unique_key %}
    {%- if unique_key is sequence and unique_key is not string %}
    delete from {{ target }} as DBT_INCREMENTAL_TARGET
    using {{ source }}
    where (
      {%- for key in unique_key %}
        {{ 'and ' if not loop.first }}{{ source }}.{{ key }} = DBT_INCREMENTAL_TARGET.{{ key }}
      {%- endfor %}
      {%- for predicate in incremental_predicates or [] %}
        and {{ predicate }}
      {%- endfor %}
    );
    {%- else %}
    delete from {{ target }}
    where ({{ unique_key }}) in (
        select ({{ unique_key }})
        from {{ source }}
    )
      {%- for predicate in incremental_predicates or [] %}
        and {{ predicate }}
      {%- endfor %};
    {%- endif %}
  {%- endif %}

    insert into {{ target }} ({{ columns }})
    (
        select {{ columns }}
        from {{ source }}
    )
{%- endmacro %}

{# A batch replaces the rows of its own span of time; both sides are bound to it, so that a late row is not lost. #}
{% macro duckdb__get_incremental_microbatch_sql(arg_dict) %}
  {%- if arg_dict['unique_key'] -%}
    {% do exceptions.raise_compiler_error("microbatch incremental strategy does not support 'unique_key'. Microbatch runs delete+insert per batch based on 'event_time' and does not do key-based upserts. Remove 'unique_key' or use incremental_strategy='merge'.") %}
  {%- endif -%}
  {%- set event_time = model.config.event_time -%}
  {%- set span = [] -%}
  {%- if model.batch and model.batch.event_time_start -%}
    {%- do span.append(event_time ~ " >= '" ~ model.batch.event_time_start ~ "'") -%}
  {%- endif -%}
  {%- if model.batch and model.batch.event_time_end -%}
    {%- do span.append(event_time ~ " < '" ~ model.batch.event_time_end ~ "'") -%}
  {%- endif -%}
  {%- set conditions = span + (arg_dict['incremental_predicates'] or []) -%}
  {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) %}
    delete from {{ arg_dict['target_relation'] }}
    where {{ conditions | join(' and ') }};

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }}
    where {{ conditions | join(' and ') }};
{% endmacro %}
