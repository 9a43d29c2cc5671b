{#
  DuckDB's merge. With a key alone, columns meet by name. A few settings narrow that (which columns, under which
  condition, with which expressions), and merge_clauses says everything by hand.

  Settings are checked before anything is sent; all faults are told at once (merge_settings.sql).
#}

{% macro duckdb__get_incremental_merge_sql(args_dict) %}
  {% do return(get_merge_sql(args_dict['target_relation'], args_dict['temp_relation'], args_dict['unique_key'],
       args_dict['dest_columns'], args_dict['incremental_predicates'])) %}
{% endmacro %}

{% macro duckdb__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) -%}
  {%- do validate_merge_config(config, target) -%}
  {%- set clauses = duckdb__merge_clauses() -%}
  {%- set returning = config.get('merge_returning_columns') %}
    MERGE INTO {{ target }} AS DBT_INTERNAL_DEST
        USING {{ source }} AS DBT_INTERNAL_SOURCE
        {{ duckdb__merge_join_clause(unique_key, config.get('merge_on_using_columns'), incremental_predicates) }}
    {%- for clause in clauses.get('when_matched') or [] %}
    WHEN MATCHED {{ 'AND ' ~ clause.condition if clause.condition }} THEN
        {{ duckdb__merge_action(clause, dest_columns) }}
    {%- endfor %}
    {%- for clause in clauses.get('when_not_matched') or [] %}
    WHEN NOT MATCHED {{ 'BY ' ~ (clause.by | upper) if clause.by else 'BY SOURCE' if clause.action in ('update', 'delete') }} {{ 'AND ' ~ clause.condition if clause.condition }} THEN
        {{ duckdb__merge_action(clause, dest_columns) }}
    {%- endfor %}
    {{ 'RETURNING ' ~ (returning | join(', ')) if returning }}
{% endmacro %}

{% macro duckdb__merge_join_clause(unique_key, merge_on_using_columns, incremental_predicates) -%}
  {%- if merge_on_using_columns and not incremental_predicates -%}
    USING ({{ merge_on_using_columns | join(', ') }})
  {%- else -%}
    {#- A condition cannot stand beside USING, so that its columns are then compared one by one. -#}
    {%- set unique_key = merge_on_using_columns or unique_key -%}
    {%- set conditions = [] -%}
    {%- for key in ([unique_key] if unique_key is string else unique_key or []) -%}
      {%- do conditions.append('(DBT_INTERNAL_SOURCE.' ~ key ~ ' = DBT_INTERNAL_DEST.' ~ key ~ ')') -%}
    {%- endfor -%}
    {%- if not conditions -%}
      {#- Without a key nothing matches, and the merge only inserts. -#}
      {%- do conditions.append('(FALSE)') -%}
    {%- endif -%}
    {%- for predicate in normalize_incremental_predicates(incremental_predicates) -%}
      {%- do conditions.append('(' ~ predicate ~ ')') -%}
    {%- endfor -%}
    ON {{ conditions | join(' AND ') }}
  {%- endif -%}
{%- endmacro %}

{# The clauses that stand for the settings. Of the two updates the explicit one is meant when columns are named. #}
{% macro merge_clause_defaults(merge_update_condition, merge_insert_condition, merge_update_columns, merge_exclude_columns, merge_update_set_expressions) %}
  {{ return({
    'when_matched_update_by_name': {'action': 'update', 'condition': merge_update_condition, 'mode': 'by_name'},
    'when_not_matched_insert_by_name': {'action': 'insert', 'condition': merge_insert_condition, 'mode': 'by_name'},
    'when_matched_update_explicit': {'action': 'update', 'condition': merge_update_condition, 'mode': 'explicit', 'update': {
      'include': merge_update_columns, 'exclude': merge_exclude_columns, 'set_expressions': merge_update_set_expressions}},
  }) }}
{% endmacro %}

{# The clauses to write: merge_clauses, or those that the simpler settings stand for. #}
{% macro duckdb__merge_clauses() %}
  {%- if config.get('merge_clauses') -%}
    {{ return(config.get('merge_clauses')) }}
  {%- endif -%}
  {%- set columns, excluded, expressions = config.get('merge_update_columns'), config.get('merge_exclude_columns'), config.get('merge_update_set_expressions') -%}
  {%- set defaults = merge_clause_defaults(config.get('merge_update_condition'), config.get('merge_insert_condition'), columns, excluded, expressions) -%}
  {%- set update = 'when_matched_update_explicit' if columns or excluded or expressions else 'when_matched_update_by_name' -%}
  {{ return({'when_matched': [defaults[update]], 'when_not_matched': [defaults['when_not_matched_insert_by_name']]}) }}
{% endmacro %}

{% macro duckdb__merge_action(clause, dest_columns) -%}
  {%- set mode = clause.mode or 'by_name' -%}
  {%- if clause.action == 'delete' -%}
    DELETE
  {%- elif clause.action == 'do_nothing' -%}
    DO NOTHING
  {%- elif clause.action == 'error' -%}
    ERROR {{ "'" ~ (clause.error_message | replace("'", "''")) ~ "'" if clause.error_message }}
  {%- elif clause.action == 'insert' and mode == 'explicit' -%}
    INSERT ({{ clause['insert']['columns'] | join(', ') }}) VALUES ({{ clause['insert']['values'] | join(', ') }})
  {%- elif clause.action == 'insert' -%}
    INSERT {{ {'by_name': 'BY NAME', 'by_position': 'BY POSITION', 'star': '*'}[mode] }}
  {%- elif mode == 'explicit' or clause.set_expressions -%}
    UPDATE SET {{ duckdb__merge_set_list(clause, dest_columns) }}
  {%- else -%}
    UPDATE {{ {'by_name': 'BY NAME', 'by_position': 'BY POSITION', 'star': 'SET *'}[mode] }}
  {%- endif -%}
{%- endmacro %}

{# Columns taken over as they are, and then those that have an expression of their own. #}
{% macro duckdb__merge_set_list(clause, dest_columns) -%}
  {%- set wanted = clause.get('update') or {} -%}
  {%- set expressions = clause.get('set_expressions') or wanted.get('set_expressions') or {} -%}
  {%- set include = (wanted.get('include') or []) | map('lower') | list -%}
  {%- set exclude = (wanted.get('exclude') or []) | map('lower') | list -%}
  {%- set own = expressions.keys() | map('lower') | list -%}
  {%- set assignments = [] -%}
  {#- An update of unmatched rows has no source to take columns from. -#}
  {%- if not clause.set_expressions -%}
    {%- for column in dest_columns
          if column.name | lower not in own and column.name | lower not in exclude
             and (not include or column.name | lower in include) -%}
      {%- do assignments.append(column.quoted ~ ' = DBT_INTERNAL_SOURCE.' ~ column.quoted) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- for name, expression in expressions.items() -%}
    {%- do assignments.append(adapter.quote(name) ~ ' = ' ~ expression) -%}
  {%- endfor -%}
  {{ assignments | join(', ') }}
{%- endmacro %}
