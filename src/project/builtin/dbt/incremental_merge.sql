{#
  The statements behind the incremental strategies: merge, delete and insert, and overwrite.
#}

{% macro get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
  {# The last argument was called predicates once, and packages still say so. #}
  {%- set predicates = kwargs.get('predicates', incremental_predicates) -%}
  {{ adapter.dispatch('get_merge_sql', 'dbt')(target, source, unique_key, dest_columns, predicates) }}
{%- endmacro %}

{% macro default__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
  {%- set conditions = [] + (incremental_predicates or []) -%}
  {%- set keys = ([] if not unique_key else [unique_key] if unique_key is string else unique_key) | list -%}
  {%- for key in keys -%}
    {%- do conditions.append(get_merge_unique_key_match(source_unique_key='DBT_INTERNAL_SOURCE.' ~ key,
                                                        target_unique_key='DBT_INTERNAL_DEST.' ~ key)) -%}
  {%- endfor -%}
  {# Without a key no row is ever matched, and the merge only inserts. #}
  {%- if not keys -%}
    {%- do conditions.append('FALSE') -%}
  {%- endif -%}
  {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
  {%- set updated = get_merge_update_columns(config.get('merge_update_columns'), config.get('merge_exclude_columns'),
                                             dest_columns) -%}

    {{ config.get('sql_header', '') or '' }}
    merge into {{ target }} as DBT_INTERNAL_DEST
        using {{ source }} as DBT_INTERNAL_SOURCE
        on ({{ conditions | join(') and (') }})

    {% if keys -%}
    when matched then update set
        {% for column in updated -%}
        {{ column }} = DBT_INTERNAL_SOURCE.{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    {%- endif %}

    when not matched then insert
        ({{ columns }})
    values
        ({{ columns }})
{% endmacro %}

{% macro get_merge_unique_key_match(source_unique_key, target_unique_key) -%}
  {{ adapter.dispatch('get_merge_unique_key_match', 'dbt')(source_unique_key, target_unique_key) }}
{%- endmacro %}

{% macro default__get_merge_unique_key_match(source_unique_key, target_unique_key) -%}
  ({{ source_unique_key }} = {{ target_unique_key }})
{%- endmacro %}

{# Which columns a matched row takes over: all, those named, or all but those named. Quoted. #}
{% macro get_merge_update_columns(merge_update_columns, merge_exclude_columns, dest_columns) %}
  {{ return(adapter.dispatch('get_merge_update_columns', 'dbt')(merge_update_columns, merge_exclude_columns, dest_columns)) }}
{% endmacro %}

{% macro default__get_merge_update_columns(merge_update_columns, merge_exclude_columns, dest_columns) %}
  {%- if merge_update_columns and merge_exclude_columns -%}
    {{ exceptions.raise_compiler_error(
         'Model cannot specify merge_update_columns and merge_exclude_columns. Please update model to use only one config') }}
  {%- elif merge_update_columns -%}
    {%- do return(merge_update_columns) -%}
  {%- endif -%}
  {%- set excluded = (merge_exclude_columns or []) | map('lower') | list -%}
  {%- set chosen = [] -%}
  {%- for column in dest_columns if column.column | lower not in excluded -%}
    {%- do chosen.append(column.quoted) -%}
  {%- endfor -%}
  {%- do return(chosen) -%}
{% endmacro %}

{% macro get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
  {{ adapter.dispatch('get_delete_insert_merge_sql', 'dbt')(target, source, unique_key, dest_columns, incremental_predicates) }}
{%- endmacro %}

{# First the rows go that the new ones stand for, then the new ones come. #}
{% macro default__get_delete_insert_merge_sql(target, source, unique_key, dest_columns, incremental_predicates) -%}
  {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) -%}
  {%- set keys = unique_key if unique_key is string else (unique_key or []) | join(', ') %}
  {%- if unique_key %}
    delete from {{ target }} as DBT_INTERNAL_DEST
    where ({{ keys }}) in (
        select distinct {{ keys }}
        from {{ source }} as DBT_INTERNAL_SOURCE
    )
    {%- for predicate in incremental_predicates or [] %}
      and {{ predicate }}
    {%- endfor %}
    ;
  {%- endif %}

    insert into {{ target }} ({{ columns }})
    (
        select {{ columns }}
        from {{ source }}
    )
{%- endmacro %}

{% macro get_insert_overwrite_merge_sql(target, source, dest_columns, predicates, include_sql_header=false) -%}
  {{ adapter.dispatch('get_insert_overwrite_merge_sql', 'dbt')(target, source, dest_columns, predicates, include_sql_header) }}
{%- endmacro %}

{# Nothing ever matches: every old row that the predicates choose goes, every new one comes. The header is asked for
   only where this is the first statement of its script. #}
{% macro default__get_insert_overwrite_merge_sql(target, source, dest_columns, predicates, include_sql_header) -%}
  {%- set columns = get_quoted_csv(dest_columns | map(attribute='name')) %}
    {{ config.get('sql_header', '') or '' if include_sql_header }}
    merge into {{ target }} as DBT_INTERNAL_DEST
        using {{ source }} as DBT_INTERNAL_SOURCE
        on FALSE

    when not matched by source
        {{ 'and ' ~ (predicates | join(' and ')) if predicates }}
        then delete

    when not matched then insert
        ({{ columns }})
    values
        ({{ columns }})
{% endmacro %}
