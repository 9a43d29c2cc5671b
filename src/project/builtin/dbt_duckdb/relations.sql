{#
  Schemas, tables and views as DuckDB spells them.
#}

{% macro duckdb__list_schemas(database) -%}
  {% set sql %}
    select schema_name
    from system.information_schema.schemata
    where lower(catalog_name) = '{{ database | replace('"', '') | lower }}'
  {% endset %}
  {{ return(run_query(sql)) }}
{%- endmacro %}

{% macro duckdb__check_schema_exists(information_schema, schema) -%}
  {% set sql %}
    select count(*)
    from system.information_schema.schemata
    where lower(schema_name) = '{{ schema | lower }}' and lower(catalog_name) = '{{ information_schema.database | lower }}'
  {% endset %}
  {{ return(run_query(sql)) }}
{%- endmacro %}

{# An attached SQLite file has one schema, and no statement to make another. #}
{% macro duckdb__create_schema(relation) -%}
  {% set foreign = run_query("select type from duckdb_databases() where lower(database_name) = '" ~ (relation.database | lower) ~ "' and type = 'sqlite'") %}
  {% if foreign is not none and foreign.rows | length > 0 %}
    {% if relation.schema != 'main' %}
      {{ exceptions.raise_compiler_error("Schema must be 'main' when writing to sqlite instead got " ~ relation.schema) }}
    {% endif %}
  {% else %}
    {%- call statement('create_schema') -%}
      create schema if not exists {{ relation.without_identifier() }}
    {%- endcall -%}
  {% endif %}
{%- endmacro %}

{% macro duckdb__drop_schema(relation) -%}
  {%- call statement('drop_schema') -%}
    drop schema if exists {{ relation.without_identifier() }} cascade
  {%- endcall -%}
{%- endmacro %}

{% macro duckdb__list_relations_without_caching(schema_relation) %}
  {% call statement('list_relations_without_caching', fetch_result=true) -%}
    select
      '{{ schema_relation.database }}' as database,
      table_name as name,
      table_schema as schema,
      case when table_type = 'VIEW' then 'view' else 'table' end as type
    from system.information_schema.tables
    where lower(table_schema) = '{{ schema_relation.schema | lower }}'
      and lower(table_catalog) = '{{ schema_relation.database | lower }}'
  {% endcall %}
  {{ return(load_result('list_relations_without_caching').table) }}
{% endmacro %}

{# describe knows temporary tables and views as well, at the least cost; what is not there has no columns, which it takes for
   a fault. #}
{% macro duckdb__get_columns_in_relation(relation) -%}
  {% set placed = relation.database and relation.schema and relation.identifier %}
  {% set there = not placed or adapter.get_relation(relation.database, relation.schema, relation.identifier) is not none %}
  {% call statement('get_columns_in_relation', fetch_result=true) %}
    select
      column_name,
      {{ 'column_type as data_type' if there else 'data_type' }},
      cast(null as bigint) as character_maximum_length,
      cast(null as bigint) as numeric_precision,
      cast(null as bigint) as numeric_scale
    {% if there %}
    from (describe {{ relation }})
    {% else %}
    from duckdb_columns()
    where lower(table_name) = {{ dbt.string_literal(relation.identifier | lower) }}
      and lower(schema_name) = {{ dbt.string_literal(relation.schema | lower) }}
      and lower(database_name) = {{ dbt.string_literal(relation.database | lower) }}
    order by column_index
    {% endif %}
  {% endcall %}
  {{ return(sql_convert_columns_in_relation(load_result('get_columns_in_relation').table)) }}
{% endmacro %}

{% macro duckdb__drop_relation(relation) -%}
  {% call statement('drop_relation', auto_begin=false) -%}
    drop {{ relation.type }} if exists {{ relation }} cascade
  {%- endcall %}
{%- endmacro %}

{% macro duckdb__rename_relation(from_relation, to_relation) -%}
  {% set new_name = adapter.quote_as_configured(to_relation.identifier, 'identifier') %}
  {% call statement('rename_relation') -%}
    alter {{ 'view' if to_relation.type == 'view' and from_relation.type == 'view' else 'table' if from_relation.type is none else from_relation.type }} {{ from_relation }} rename to {{ new_name }}
  {%- endcall %}
{%- endmacro %}

{# The moment is part of a temporary table's name, so that batches and retries on one connection never meet. #}
{% macro duckdb__make_temp_relation(base_relation, suffix='__dbt_tmp') %}
  {% set name = base_relation.identifier ~ suffix ~ py_current_timestring() %}
  {% do return(base_relation.incorporate(path={'identifier': name, 'schema': none, 'database': none})) %}
{% endmacro %}

{# For databases that have no temporary tables of their own (MotherDuck, DuckLake): an ordinary one, in a schema that
   the adapter clears away afterwards. #}
{% macro duckdb__dispatch_temporary_relation(target_relation, batch_id=none) %}
  {% set suffix = '__dbt_tmp' ~ ('_' ~ batch_id if batch_id) %}
  {% if adapter.disable_transactions() %}
    {% do return(adapter.get_temp_relation_path(this)) %}
  {% endif %}
  {% do return(make_temp_relation(target_relation, suffix)) %}
{% endmacro %}

{# DuckDB has no users whom to grant anything. #}
{% macro duckdb__apply_grants(relation, grant_config, should_revoke=true) %}
  {% if grant_config %}
    {{ adapter.warn_once('Grants for relations are not supported by DuckDB') }}
  {% endif %}
{% endmacro %}
