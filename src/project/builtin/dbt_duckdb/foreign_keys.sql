{#
  Foreign keys: DuckDB refuses to rename or drop a table that another one's key refers to. When such a table is rebuilt,
  those others are put aside, with all their rows, and put back when the new one is there.
#}

{# The kinds of constraints that a contract asks of this model, in capitals. #}
{% macro enforced_constraint_types() %}
  {%- set contract = config.get('contract') -%}
  {%- set types = [] -%}
  {%- if contract and contract.enforced -%}
    {%- for constraint in model.get('constraints') or [] -%}
      {%- do types.append(constraint.type | string | replace('_', ' ') | upper) -%}
    {%- endfor -%}
    {%- for column in (model.get('columns') or {}).values() -%}
      {%- for constraint in column.get('constraints') or [] -%}
        {%- do types.append(constraint.type | string | replace('_', ' ') | upper) -%}
      {%- endfor -%}
    {%- endfor -%}
  {%- endif -%}
  {{ return(types) }}
{% endmacro %}

{% macro existing_constraint_types(relation) %}
  {%- set answer = run_query("select distinct constraint_type from duckdb_constraints() where lower(database_name) = lower('"
        ~ relation.database ~ "') and lower(schema_name) = lower('" ~ relation.schema ~ "') and lower(table_name) = lower('"
        ~ relation.identifier ~ "')") -%}
  {{ return(answer.columns[0].values() | list if answer is not none else []) }}
{% endmacro %}

{% macro has_foreign_key_constraints(relation) %}
  {{ return('FOREIGN KEY' in existing_constraint_types(relation)) }}
{% endmacro %}

{# Only a table with a primary key, or something unique, can be referred to. #}
{% macro may_be_foreign_key_target(relation) %}
  {%- set types = existing_constraint_types(relation) -%}
  {{ return('PRIMARY KEY' in types or 'UNIQUE' in types) }}
{% endmacro %}

{#
  Puts aside every table that refers to this one, directly or not: copies its rows to a temporary table and drops it,
  the farthest first. Returns what restore_foreign_key_dependents needs.
#}
{% macro drop_foreign_key_dependents(relation) %}
  {%- set dropped = [] -%}
  {%- if not may_be_foreign_key_target(relation) -%}
    {{ return(dropped) }}
  {%- endif -%}
  {%- set here = "lower(database_name) = lower('" ~ relation.database ~ "') and lower(schema_name) = lower('" ~ relation.schema ~ "')" -%}
  {%- set answer = run_query("with recursive keys as (select table_name, referenced_table from duckdb_constraints() "
        ~ "where constraint_type = 'FOREIGN KEY' and " ~ here ~ " and lower(table_name) <> lower(referenced_table)), "
        ~ "dependents(name, distance) as (select table_name, 1 from keys where lower(referenced_table) = lower('" ~ relation.identifier ~ "') "
        ~ "union select keys.table_name, distance + 1 from keys join dependents on lower(referenced_table) = lower(name)) "
        ~ "select name, max(distance) as distance, (select sql from duckdb_tables() where table_name = name and " ~ here ~ ") as definition "
        ~ "from dependents group by name order by 2 desc, 1") -%}
  {%- for row in (answer.rows if answer is not none else []) -%}
    {%- set dependent = api.Relation.create(database=relation.database, schema=relation.schema, identifier=row[0], type='table') -%}
    {%- set aside = make_temp_relation(dependent, '__dbt_aside') -%}
    {%- do run_query('create temporary table ' ~ aside ~ ' as select * from ' ~ dependent) -%}
    {%- do drop_indexes_on_relation(dependent) -%}
    {%- do run_query('drop table ' ~ dependent) -%}
    {%- do dropped.append({'relation': dependent, 'aside': aside, 'definition': row[2]}) -%}
  {%- endfor -%}
  {{ return(dropped) }}
{% endmacro %}

{# The nearest first, since the others refer to it. #}
{% macro restore_foreign_key_dependents(dropped) %}
  {%- for one in dropped | reverse -%}
    {%- do run_query(one['definition']) -%}
    {%- do run_query('insert into ' ~ one['relation'] ~ ' select * from ' ~ one['aside']) -%}
    {%- do run_query('drop table ' ~ one['aside']) -%}
  {%- endfor -%}
{% endmacro %}

{# Drops a table so that another can take its name; dependents are to be restored by the caller. #}
{% macro drop_relation_for_rebuild(relation) %}
  {%- set dropped = drop_foreign_key_dependents(relation) -%}
  {%- do drop_indexes_on_relation(relation) -%}
  {%- do adapter.drop_relation(relation) -%}
  {{ return(dropped) }}
{% endmacro %}

{# The new table takes the name, and the old one the backup's. Returns the tables that were put aside for it. #}
{% macro duckdb__put_in_place(intermediate, target_relation, existing, backup) %}
  {%- set dropped = [] -%}
  {%- if existing is not none -%}
    {%- if existing.type == 'table' -%}
      {%- do drop_indexes_on_relation(existing) -%}
      {%- do dropped.extend(drop_foreign_key_dependents(existing)) -%}
    {%- endif -%}
    {%- do adapter.rename_relation(existing, backup) -%}
  {%- endif -%}
  {%- do adapter.rename_relation(intermediate, target_relation) -%}
  {% do return(dropped) %}
{% endmacro %}
