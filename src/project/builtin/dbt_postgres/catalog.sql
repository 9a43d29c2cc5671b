{#
  catalog.json out of pg_class and pg_attribute, with comments and owners.
#}

{% macro postgres__get_catalog(information_schema, schemas) -%}
  {% set wanted = [] %}
  {% for schema in schemas %}
    {% do wanted.append("upper(nspname) = upper('" ~ schema ~ "')") %}
  {% endfor %}
  {{ return(postgres__run_catalog_query(information_schema.database, wanted)) }}
{%- endmacro %}

{% macro postgres__get_catalog_relations(information_schema, relations) -%}
  {% set wanted = [] %}
  {% for relation in relations %}
    {% do wanted.append("(upper(nspname) = upper('" ~ relation.schema ~ "')"
         ~ (" and upper(relname) = upper('" ~ relation.identifier ~ "')" if relation.identifier) ~ ')') %}
  {% endfor %}
  {{ return(postgres__run_catalog_query(information_schema.database, wanted)) }}
{%- endmacro %}

{% macro postgres__run_catalog_query(database, conditions) -%}
  {{ adapter.verify_database(database) }}
  {%- call statement('catalog', fetch_result=true) -%}
    select
      '{{ database }}' as table_database,
      nspname as table_schema,
      relname as table_name,
      case
        when relpersistence = 't' then 'LOCAL TEMPORARY'
        when relkind = 'v' then 'VIEW'
        when relkind = 'm' then 'MATERIALIZED VIEW'
        else 'BASE TABLE'
      end as table_type,
      obj_description(pg_class.oid, 'pg_class') as table_comment,
      attname as column_name,
      attnum as column_index,
      format_type(atttypid, atttypmod) as column_type,
      col_description(pg_class.oid, attnum) as column_comment,
      pg_get_userbyid(relowner) as table_owner
    from pg_namespace
    join pg_class on relnamespace = pg_namespace.oid
    join pg_attribute on attrelid = pg_class.oid
    where ({{ conditions | join(' or ') }})
      and not pg_is_other_temp_schema(pg_namespace.oid)
      and relpersistence in ('p', 'u')
      and relkind in ('r', 'v', 'f', 'p', 'm')
      and attnum > 0
      and not attisdropped
    order by nspname, relname, attnum
  {%- endcall -%}
  {{ return(load_result('catalog').table) }}
{%- endmacro %}
