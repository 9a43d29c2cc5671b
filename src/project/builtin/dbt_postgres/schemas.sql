{#
  What is in a database: schemas, relations, columns, and which relation is built upon which. A session of Postgres
  sees one database, which every macro here checks.
#}

{% macro postgres__create_schema(relation) -%}
  {% if relation.database -%}
    {{ adapter.verify_database(relation.database) }}
  {%- endif -%}
  {%- call statement('create_schema') -%}
    create schema if not exists {{ relation.without_identifier().include(database=false) }}
  {%- endcall -%}
{% endmacro %}

{% macro postgres__drop_schema(relation) -%}
  {% if relation.database -%}
    {{ adapter.verify_database(relation.database) }}
  {%- endif -%}
  {%- call statement('drop_schema') -%}
    drop schema if exists {{ relation.without_identifier().include(database=false) }} cascade
  {%- endcall -%}
{% endmacro %}

{% macro postgres__list_schemas(database) %}
  {% if database -%}
    {{ adapter.verify_database(database) }}
  {%- endif -%}
  {% call statement('list_schemas', fetch_result=true, auto_begin=false) %}
    select distinct nspname from pg_namespace
  {% endcall %}
  {{ return(load_result('list_schemas').table) }}
{% endmacro %}

{% macro postgres__check_schema_exists(information_schema, schema) -%}
  {% if information_schema.database -%}
    {{ adapter.verify_database(information_schema.database) }}
  {%- endif -%}
  {% call statement('check_schema_exists', fetch_result=true, auto_begin=false) %}
    select count(*) from pg_namespace where nspname = '{{ schema }}'
  {% endcall %}
  {{ return(load_result('check_schema_exists').table) }}
{% endmacro %}

{% macro postgres__information_schema_name(database) -%}
  {% if database -%}
    {{ adapter.verify_database(database) }}
  {%- endif -%}
  information_schema
{%- endmacro %}

{% macro postgres__list_relations_without_caching(schema_relation) %}
  {% call statement('list_relations_without_caching', fetch_result=true) -%}
    select
      '{{ schema_relation.database }}' as database,
      relname as name,
      nspname as schema,
      case relkind when 'v' then 'view' when 'm' then 'materialized_view' else 'table' end as type
    from pg_class
    join pg_namespace on pg_namespace.oid = relnamespace
    where nspname ilike '{{ schema_relation.schema }}' and relkind in ('r', 'p', 'v', 'm')
    union all
    select distinct '{{ schema_relation.database }}', proname, nspname, 'function'
    from pg_proc
    join pg_namespace on pg_namespace.oid = pronamespace
    where nspname ilike '{{ schema_relation.schema }}'
  {% endcall %}
  {{ return(load_result('list_relations_without_caching').table) }}
{% endmacro %}

{# The information schema leaves out materialized views, which pg_attribute knows. A temporary table is told by its
   name alone. #}
{% macro postgres__get_columns_in_relation(relation) -%}
  {% call statement('get_columns_in_relation', fetch_result=true) %}
    {% if relation.is_materialized_view %}
    select attname as column_name, format_type(atttypid, null) as data_type,
           null::int as character_maximum_length, null::int as numeric_precision, null::int as numeric_scale
    from pg_attribute
    where attrelid = '{{ relation }}'::regclass and attnum > 0 and not attisdropped
    order by attnum
    {% else %}
    select column_name, data_type, character_maximum_length, numeric_precision, numeric_scale
    from {{ relation.information_schema('columns') }}
    where table_name = '{{ relation.identifier }}'
      {%- if relation.schema %}
      and table_schema = '{{ relation.schema }}'
      {%- endif %}
    order by ordinal_position
    {% endif %}
  {% endcall %}
  {{ return(sql_convert_columns_in_relation(load_result('get_columns_in_relation').table)) }}
{% endmacro %}

{# Views and what they read: a rule of the view depends on the relations that its query names. #}
{% macro postgres__get_relations() -%}
  {%- call statement('relations', fetch_result=true) -%}
    select distinct
      view_schema.nspname as dependent_schema,
      view.relname as dependent_name,
      read_schema.nspname as referenced_schema,
      read.relname as referenced_name
    from pg_rewrite as rule
    join pg_class as view on view.oid = rule.ev_class
    join pg_namespace as view_schema on view_schema.oid = view.relnamespace
    join pg_depend as dependency
      on dependency.classid = 'pg_rewrite'::regclass and dependency.objid = rule.oid
      and dependency.refclassid = 'pg_class'::regclass and dependency.refobjid <> view.oid
    join pg_class as read on read.oid = dependency.refobjid
    join pg_namespace as read_schema on read_schema.oid = read.relnamespace
    where read_schema.nspname <> 'information_schema' and read_schema.nspname not like 'pg\_%'
    order by 1, 2, 3, 4
  {%- endcall -%}
  {{ return(load_result('relations').table) }}
{% endmacro %}

{% macro postgres_get_relations() %}
  {{ return(postgres__get_relations()) }}
{% endmacro %}
