{#
  Checks of the merge settings. Each macro appends sentences to `errors`; validate_merge_config raises them together.
#}

{% macro validate_merge_config(config, target_relation) %}
  {%- set errors = [] -%}
  {%- for name in ['merge_update_condition', 'merge_insert_condition'] -%}
    {%- do validate_string_field(config.get(name), name, errors) -%}
  {%- endfor -%}
  {%- for name in ['merge_on_using_columns', 'merge_update_columns', 'merge_exclude_columns', 'merge_returning_columns'] -%}
    {%- do validate_string_list_field(config.get(name), name, errors) -%}
  {%- endfor -%}
  {%- do validate_dict_field(config.get('merge_update_set_expressions'), 'merge_update_set_expressions', errors) -%}
  {%- do validate_dict_field(config.get('merge_clauses'), 'merge_clauses', errors) -%}
  {%- do validate_merge_clauses(config, ['merge_update_condition', 'merge_insert_condition', 'merge_update_columns',
        'merge_exclude_columns', 'merge_update_set_expressions'], errors) -%}
  {%- do validate_ducklake_restrictions(config, target_relation, errors) -%}
  {%- if errors -%}
    {% do exceptions.raise_compiler_error('MERGE configuration errors:\n' ~ (errors | join('\n'))) %}
  {%- endif -%}
{% endmacro %}

{% macro validate_string_field(field_value, field_name, errors) %}
  {%- if field_value is not none and field_value is not string -%}
    {%- do errors.append(field_name ~ ' must be a string, found: ' ~ field_value) -%}
  {%- endif -%}
{% endmacro %}

{% macro validate_string_list_field(field_value, field_name, errors) %}
  {%- if field_value is not none -%}
    {%- if field_value is string or field_value is mapping or field_value is not sequence -%}
      {%- do errors.append(field_name ~ ' must be a list') -%}
    {%- else -%}
      {%- for entry in field_value if entry is not string -%}
        {%- do errors.append(field_name ~ ' must contain only string values, found: ' ~ entry) -%}
      {%- endfor -%}
    {%- endif -%}
  {%- endif -%}
{% endmacro %}

{% macro validate_dict_field(field_value, field_name, errors) %}
  {%- if field_value is not none and field_value is not mapping -%}
    {%- do errors.append(field_name ~ ' must be a dictionary, found: ' ~ field_value) -%}
  {%- endif -%}
{% endmacro %}

{# Clauses say everything, so the settings that they stand in for cannot be set beside them. #}
{% macro validate_merge_clauses(config, base_configuration_fields, errors) %}
  {%- set clauses = config.get('merge_clauses') -%}
  {%- if clauses is mapping -%}
    {%- for name in base_configuration_fields if config.get(name) -%}
      {%- do errors.append('merge_clauses cannot be combined with ' ~ name) -%}
    {%- endfor -%}
    {%- if not clauses.get('when_matched') and not clauses.get('when_not_matched') -%}
      {%- do errors.append("merge_clauses must contain at least one of 'when_matched' or 'when_not_matched' keys") -%}
    {%- endif -%}
    {%- for clause_type in ['when_matched', 'when_not_matched'] -%}
      {%- do validate_merge_clause_list(clauses, clause_type, errors) -%}
    {%- endfor -%}
  {%- endif -%}
{% endmacro %}

{% macro validate_merge_clause_list(merge_clauses, clause_type, errors) %}
  {%- set clauses = merge_clauses.get(clause_type) -%}
  {%- set actions = ['update', 'delete', 'do_nothing', 'error'] + (['insert'] if clause_type == 'when_not_matched' else []) -%}
  {%- if clauses is not none -%}
    {%- if clauses is string or clauses is mapping or clauses is not sequence -%}
      {%- do errors.append('merge_clauses.' ~ clause_type ~ ' must be a list') -%}
    {%- else -%}
      {%- for clause in clauses -%}
        {%- set place = 'merge_clauses.' ~ clause_type ~ '[' ~ loop.index0 ~ ']' -%}
        {%- if clause is not mapping -%}
          {%- do errors.append(place ~ ' must be a dictionary, found: ' ~ clause) -%}
        {%- elif clause.action not in actions -%}
          {%- do errors.append(place ~ '.action must be one of ' ~ (actions | join(', ')) ~ ', found: ' ~ clause.action) -%}
        {%- elif clause.mode and clause.mode not in ['by_name', 'by_position', 'star', 'explicit'] -%}
          {%- do errors.append(place ~ '.mode must be one of by_name, by_position, star, explicit, found: ' ~ clause.mode) -%}
        {%- endif -%}
      {%- endfor -%}
    {%- endif -%}
  {%- endif -%}
{% endmacro %}

{# DuckLake's merge knows a single update or delete. #}
{% macro validate_ducklake_restrictions(config, target_relation, errors) %}
  {%- set clauses = config.get('merge_clauses') -%}
  {%- if clauses is mapping and clauses.get('when_matched') and adapter.is_ducklake(target_relation) -%}
    {%- set changing = clauses.get('when_matched') | selectattr('action', 'in', ['update', 'delete']) | list -%}
    {%- if changing | length > 1 -%}
      {%- do errors.append('DuckLake MERGE supports only a single UPDATE or DELETE action in when_matched clauses, found: ' ~ (changing | length)) -%}
    {%- endif -%}
  {%- endif -%}
{% endmacro %}

{% macro normalize_incremental_predicates(incremental_predicates) %}
  {%- if incremental_predicates is none or incremental_predicates is undefined -%}
    {{ return([]) }}
  {%- endif -%}
  {{ return([incremental_predicates] if incremental_predicates is string else incremental_predicates | list) }}
{% endmacro %}
