{#
  catalog.json out of DuckDB's own tables of tables. All columns of all tables of the wanted schemas, or of the wanted
  relations, in one query; it is put together from parts, so that a package can replace one of them.
#}

{% macro duckdb__get_catalog(information_schema, schemas) -%}
  {{ return(duckdb__run_catalog_query(information_schema, duckdb__get_catalog_schemas_where_clause_sql(schemas))) }}
{%- endmacro %}

{% macro duckdb__get_catalog_relations(information_schema, relations) -%}
  {{ return(duckdb__run_catalog_query(information_schema, duckdb__get_catalog_relations_where_clause_sql(relations))) }}
{%- endmacro %}

{% macro duckdb__run_catalog_query(information_schema, where_clause) -%}
  {% set sql %}
    with tables as (
      {{ duckdb__get_catalog_tables_sql(information_schema) }}
    ),
    columns as (
      {{ duckdb__get_catalog_columns_sql(information_schema) }}
    )
    {{ duckdb__get_catalog_results_sql() }}
    {{ where_clause }}
    order by tables.table_schema, tables.table_name, columns.column_index
  {% endset %}
  {{ return(run_query(sql)) }}
{%- endmacro %}

{% macro duckdb__get_catalog_tables_sql(information_schema) -%}
      select database_name, schema_name as table_schema, table_name,
             case when temporary then 'LOCAL TEMPORARY' else 'BASE TABLE' end as table_type, comment as table_comment
      from duckdb_tables()
      where lower(database_name) = '{{ information_schema.database | lower }}'
      union all
      select database_name, schema_name, view_name, 'VIEW', comment
      from duckdb_views()
      where lower(database_name) = '{{ information_schema.database | lower }}'
{%- endmacro %}

{% macro duckdb__get_catalog_columns_sql(information_schema) -%}
      select schema_name as table_schema, table_name, column_name, column_index, data_type as column_type,
             comment as column_comment
      from duckdb_columns()
      where lower(database_name) = '{{ information_schema.database | lower }}'
{%- endmacro %}

{% macro duckdb__get_catalog_results_sql() -%}
    select
      tables.database_name as table_database,
      tables.table_schema,
      tables.table_name,
      tables.table_type,
      tables.table_comment,
      columns.column_name,
      columns.column_index,
      columns.column_type,
      columns.column_comment,
      cast(null as varchar) as table_owner
    from tables
    join columns using (table_schema, table_name)
{%- endmacro %}

{% macro duckdb__get_catalog_schemas_where_clause_sql(schemas) -%}
    where {% for schema in schemas %}lower(tables.table_schema) = '{{ schema | lower }}'{{ ' or ' if not loop.last }}{% endfor %}
{%- endmacro %}

{% macro duckdb__get_catalog_relations_where_clause_sql(relations) -%}
    where {% for relation in relations -%}
      (lower(tables.table_schema) = '{{ relation.schema | lower }}'
      {%- if relation.identifier %} and lower(tables.table_name) = '{{ relation.identifier | lower }}'{% endif %}){{ ' or ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}
