{#
  Rights, comments and indexes.
#}

{# A relation that replaces another begins with none of its rights. #}
{% macro postgres__copy_grants() %}
  {{ return(false) }}
{% endmacro %}

{%- macro postgres__get_show_grant_sql(relation) -%}
  select grantee, privilege_type
  from {{ relation.information_schema('role_table_grants') }}
  where grantor = current_role
    and grantee != current_role
    and table_schema = '{{ relation.schema }}'
    and table_name = '{{ relation.identifier }}'
{%- endmacro -%}

{% macro postgres_escape_comment(comment) -%}
  {{ return(quote_comment_in_dollars(comment)) }}
{%- endmacro %}

{% macro postgres__alter_relation_comment(relation, comment) %}
  {%- set kind = 'materialized view' if relation.type == 'materialized_view' else relation.type %}
  comment on {{ kind }} {{ relation }} is {{ postgres_escape_comment(comment) }};
{% endmacro %}

{% macro postgres__alter_column_comment(relation, column_dict) %}
  {% set known = adapter.get_columns_in_relation(relation) | map(attribute='name') | list %}
  {% for name, column in validate_doc_columns(relation, column_dict, known).items() %}
    comment on column {{ relation }}.{{ adapter.quote(name) if column['quote'] else name }} is {{ postgres_escape_comment(column['description']) }};
  {% endfor %}
{% endmacro %}

{%- macro postgres__get_create_index_sql(relation, index_dict) -%}
  {%- set index = adapter.parse_index(index_dict) -%}
  create {{ 'unique ' if index.unique }}index if not exists "{{ index.render(relation) }}"
  on {{ relation }} {{ 'using ' ~ index.type if index.type }}
  ({{ index.columns | join(', ') }})
{%- endmacro -%}

{%- macro postgres__get_drop_index_sql(relation, index_name) -%}
  drop index if exists "{{ relation.schema }}"."{{ index_name }}"
{%- endmacro -%}

{# One row for each index: name, method, is it unique, its columns. #}
{%- macro postgres__get_show_indexes_sql(relation) -%}
  select
    index_class.relname as name,
    access_method.amname as method,
    indexes.indisunique as "unique",
    array_to_string(array_agg(attributes.attname order by array_position(indexes.indkey, attributes.attnum)), ',') as column_names
  from pg_index as indexes
  join pg_class as index_class on index_class.oid = indexes.indexrelid
  join pg_am as access_method on access_method.oid = index_class.relam
  join pg_class as table_class on table_class.oid = indexes.indrelid
  join pg_namespace as namespaces on namespaces.oid = table_class.relnamespace
  join pg_attribute as attributes on attributes.attrelid = table_class.oid and attributes.attnum = any(indexes.indkey)
  where namespaces.nspname = '{{ relation.schema }}' and table_class.relname = '{{ relation.identifier }}'
  group by 1, 2, 3
  order by 1, 2, 3
{%- endmacro -%}
