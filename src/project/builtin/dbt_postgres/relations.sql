{#
  Schemas, tables, views and materialized views as Postgres spells them. Its names have 63 bytes at most: a suffix makes
  the name before it shorter rather than being cut off itself.
#}

{# Renames stay within the schema, so the new name has none. #}

{% macro postgres__get_rename_table_sql(relation, new_name) %}
    alter table {{ relation }} rename to {{ new_name }}
{% endmacro %}

{% macro postgres__get_rename_view_sql(relation, new_name) %}
    alter view {{ relation }} rename to {{ new_name }}
{% endmacro %}

{% macro postgres__get_rename_materialized_view_sql(relation, new_name) %}
    alter materialized view {{ relation }} rename to {{ new_name }}
{% endmacro %}

{% macro postgres__drop_table(relation) -%}
  drop table if exists {{ relation }} cascade
{%- endmacro %}

{% macro postgres__drop_view(relation) -%}
  drop view if exists {{ relation }} cascade
{%- endmacro %}

{% macro postgres__drop_materialized_view(relation) -%}
  drop materialized view if exists {{ relation }} cascade
{%- endmacro %}

{% macro postgres__get_replace_view_sql(relation, sql) %}
  {%- set sql_header = config.get('sql_header', none) -%}
  {{ sql_header if sql_header is not none }}
    create or replace view {{ relation }}
    {{ get_assert_columns_equivalent(sql) if config.get('contract').enforced }}
    as (
        {{ sql }}
    );
{% endmacro %}

{% macro postgres__get_replace_table_sql(relation, sql) %}
  {%- set sql_header = config.get('sql_header', none) -%}
  {%- set bound = config.get('contract').enforced -%}
  {{ sql_header if sql_header is not none }}
    create or replace table {{ relation }}
    {% if bound %}
        {{ get_assert_columns_equivalent(sql) }}
        {{ get_table_columns_and_constraints() }}
    {% endif %}
    as (
        {{ get_select_subquery(sql) if bound else sql }}
    );
{% endmacro %}

{# Under a contract the table is made with its constraints, and then filled. #}
{% macro postgres__create_table_as(temporary, relation, sql) -%}
  {%- set sql_header = config.get('sql_header', none) -%}
  {%- set contract = config.get('contract') -%}
  {%- set kind = 'temporary ' if temporary else 'unlogged ' if config.get('unlogged', default=false) else '' -%}
  {{ sql_header if sql_header is not none }}
  {% if contract.enforced and not temporary %}
  create {{ kind }}table {{ relation }}
  {{ get_assert_columns_equivalent(sql) }}
  {{ get_table_columns_and_constraints() }};
  insert into {{ relation }} (
    {{ adapter.dispatch('get_column_names', 'dbt')() }}
  )
  (
    {{ get_select_subquery(sql) }}
  );
  {% else %}
  create {{ kind }}table {{ relation }} as (
    {{ sql }}
  );
  {% endif %}
{%- endmacro %}

{# ---- names beside a relation's own ---- #}

{% macro postgres__make_relation_with_suffix(base_relation, suffix, dstring) %}
  {% set whole = suffix ~ (modules.datetime.datetime.now().strftime('%H%M%S%f') if dstring) %}
  {% set room = base_relation.relation_max_name_length() - whole | length %}
  {% if room < 0 %}
    {% do exceptions.raise_compiler_error('Relation suffix is too long (' ~ (whole | length) ~ ' characters). Maximum length is '
         ~ base_relation.relation_max_name_length() ~ ' characters.') %}
  {% endif %}
  {{ return(base_relation.incorporate(path={'identifier': base_relation.identifier[:room] ~ whole})) }}
{% endmacro %}

{% macro postgres__make_intermediate_relation(base_relation, suffix) %}
  {{ return(postgres__make_relation_with_suffix(base_relation, suffix, dstring=false)) }}
{% endmacro %}

{# A temporary table lies in the session's own schema. #}
{% macro postgres__make_temp_relation(base_relation, suffix) %}
  {% set named = postgres__make_relation_with_suffix(base_relation, suffix, dstring=true) %}
  {{ return(named.incorporate(path={'schema': none, 'database': none})) }}
{% endmacro %}

{% macro postgres__make_backup_relation(base_relation, backup_relation_type, suffix) %}
  {% set named = postgres__make_relation_with_suffix(base_relation, suffix, dstring=false) %}
  {{ return(named.incorporate(type=backup_relation_type)) }}
{% endmacro %}
