{#
  How a snapshot sees that a row changed.

  A strategy is a macro snapshot_<name>_strategy, a user's own included. It returns a dictionary of SQL expressions:
    unique_key      what identifies a row
    updated_at      when the row, as it is now, began to hold
    scd_id          the name of this version of the row
    row_changed     whether the row in the query differs from the one written down
    hard_deletes    what becomes of rows that left the query: 'ignore', 'invalidate', 'new_record'
#}

{# The macro of a strategy: 'timestamp', or 'package.name' of one in a package. #}
{% macro strategy_dispatch(name) -%}
  {% set original = name %}
  {% set where = context %}
  {% if '.' in name %}
    {% set package, name = name.split('.', 1) %}
    {% if package not in context %}
      {{ exceptions.raise_compiler_error("Could not find package '{}', called with '{}'".format(package, original)) }}
    {% endif %}
    {% set where = context[package] %}
  {% endif %}
  {% set macro_name = 'snapshot_' ~ name ~ '_strategy' %}
  {% if macro_name not in where %}
    {{ exceptions.raise_compiler_error("The specified strategy macro '{}' was not found{}".format(
         macro_name, " in package '{}'".format(package) if '.' in original else '')) }}
  {% endif %}
  {{ return(where[macro_name]) }}
{%- endmacro %}

{# 'invalidate_hard_deletes: true' is the older spelling of 'hard_deletes: invalidate'. #}
{% macro snapshot_hard_deletes() %}
  {{ return(config.get('hard_deletes') or ('invalidate' if config.get('invalidate_hard_deletes') else 'ignore')) }}
{% endmacro %}

{% macro snapshot_key_list(unique_key) %}
  {{ return(unique_key | list if unique_key is iterable and unique_key is not string else [unique_key]) }}
{% endmacro %}

{% macro snapshot_timestamp_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
  {%- set unique_key, updated_at = config.get('unique_key'), config.get('updated_at') -%}
  {%- set hard_deletes = snapshot_hard_deletes() -%}
  {%- set begun = snapshotted_rel ~ '.' ~ get_snapshot_table_column_names().dbt_valid_from -%}
  {% do return({
    'unique_key': unique_key,
    'updated_at': updated_at,
    'row_changed': '(' ~ begun ~ ' < ' ~ current_rel ~ '.' ~ updated_at ~ ')',
    'scd_id': snapshot_hash_arguments(snapshot_key_list(unique_key) + [updated_at]),
    'invalidate_hard_deletes': hard_deletes == 'invalidate',
    'hard_deletes': hard_deletes,
  }) %}
{% endmacro %}

{# Compares columns; two nulls are equal. A column that the table has not yet means that every row changed. #}
{% macro snapshot_check_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
  {%- set unique_key, check_cols = config.get('unique_key'), config.get('check_cols') -%}
  {%- set updated_at = config.get('updated_at') or snapshot_get_time() -%}
  {%- set hard_deletes = snapshot_hard_deletes() -%}
  {%- set column_added, columns = snapshot_check_all_get_existing_columns(node, target_exists, check_cols) -%}
  {%- set differences = [get_true_sql()] if column_added else [] -%}
  {%- for column in columns -%}
    {%- set then, now = snapshotted_rel ~ '.' ~ column, current_rel ~ '.' ~ column -%}
    {%- do differences.append('%s != %s or (%s is null) != (%s is null)' % (then, now, then, now)) -%}
  {%- endfor -%}
  {% do return({
    'unique_key': unique_key,
    'updated_at': updated_at,
    'row_changed': '(' ~ (differences | join(' or ')) ~ ')',
    'scd_id': snapshot_hash_arguments(snapshot_key_list(unique_key) + [updated_at]),
    'invalidate_hard_deletes': hard_deletes == 'invalidate',
    'hard_deletes': hard_deletes,
  }) %}
{% endmacro %}

{# [is there a column that the table has not, the columns to compare, quoted]. #}
{% macro snapshot_check_all_get_existing_columns(node, target_exists, check_cols_config) -%}
  {%- if not target_exists -%}
    {#- Nothing to compare with: all rows are new. -#}
    {{ return((false, [])) }}
  {%- endif -%}
  {%- if check_cols_config == 'all' -%}
    {%- set wanted = get_columns_in_query(node['compiled_code']) -%}
  {%- elif check_cols_config is iterable and check_cols_config is not string and check_cols_config | length > 0 -%}
    {#- Asking the query makes a misspelt column an error here, and spells the names as the database does. -#}
    {%- set wanted = get_columns_in_query('select ' ~ (check_cols_config | join(', ')) ~ ' from (' ~ node['compiled_code'] ~ ') subq') -%}
  {%- else -%}
    {% do exceptions.raise_compiler_error('Invalid value for "check_cols": ' ~ check_cols_config) %}
  {%- endif -%}

  {%- set table = api.Relation.create(database=node.database, schema=node.schema, identifier=node.get('alias', node.get('name'))) -%}
  {%- set known = adapter.get_columns_in_relation(table) | map(attribute='name') | map('lower') | list -%}
  {%- set missing = wanted | map('lower') | reject('in', known) | list -%}
  {%- set quoted = [] -%}
  {%- for name in wanted if name | lower in known -%}
    {%- do quoted.append(adapter.quote(name)) -%}
  {%- endfor -%}
  {{ return((missing | length > 0, quoted)) }}
{%- endmacro %}

{# One name out of several values. #}
{% macro snapshot_hash_arguments(args) -%}
  {{ adapter.dispatch('snapshot_hash_arguments', 'dbt')(args) }}
{%- endmacro %}

{% macro default__snapshot_hash_arguments(args) -%}
    md5({% for arg in args %}coalesce(cast({{ arg }} as varchar ), ''){{ " || '|' || " if not loop.last }}{% endfor %})
{%- endmacro %}

{% macro get_true_sql() %}
  {{ adapter.dispatch('get_true_sql', 'dbt')() }}
{% endmacro %}

{% macro default__get_true_sql() %}
  {{ return('TRUE') }}
{% endmacro %}
