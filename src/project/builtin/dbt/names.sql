{#
  What a node is called in the database.

  dbt asks these macros once for each node, while it parses: a project that defines one of them changes the names of
  all its nodes. A custom schema is put behind the target's, so that two people who share a database and differ in
  their target's schema never write over each other's tables.
#}

{% macro generate_schema_name(custom_schema_name=none, node=none) -%}
  {{ return(adapter.dispatch('generate_schema_name', 'dbt')(custom_schema_name, node)) }}
{%- endmacro %}

{% macro default__generate_schema_name(custom_schema_name, node) -%}
  {{- target.schema if custom_schema_name is none else target.schema ~ '_' ~ (custom_schema_name | trim) -}}
{%- endmacro %}

{# For projects that want the bare custom schema in production and one schema for all in development: they define
   generate_schema_name and call this. #}
{% macro generate_schema_name_for_env(custom_schema_name, node) -%}
  {{- custom_schema_name | trim if target.name == 'prod' and custom_schema_name is not none else target.schema -}}
{%- endmacro %}

{% macro generate_database_name(custom_database_name=none, node=none) -%}
  {{ return(adapter.dispatch('generate_database_name', 'dbt')(custom_database_name, node)) }}
{%- endmacro %}

{% macro default__generate_database_name(custom_database_name=none, node=none) -%}
  {{- target.database if custom_database_name is none else custom_database_name -}}
{%- endmacro %}

{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
  {{ return(adapter.dispatch('generate_alias_name', 'dbt')(custom_alias_name, node)) }}
{%- endmacro %}

{# A version is part of the name, as in orders_v2; a dot in it (v1.5) would need quotes, so it becomes an underscore. #}
{% macro default__generate_alias_name(custom_alias_name=none, node=none) -%}
  {%- if custom_alias_name -%}
    {{- custom_alias_name | trim -}}
  {%- elif node.version -%}
    {{- node.name ~ '_v' ~ (node.version | replace('.', '_')) -}}
  {%- else -%}
    {{- node.name -}}
  {%- endif -%}
{%- endmacro %}

{# The view that always shows the latest of a model's versions, named like the model without one. #}
{% macro generate_latest_version_pointer_alias(custom_alias_name=none, node=none) -%}
  {{ return(adapter.dispatch('generate_latest_version_pointer_alias', 'dbt')(custom_alias_name, node)) }}
{%- endmacro %}

{% macro default__generate_latest_version_pointer_alias(custom_alias_name=none, node=none) -%}
  {{- custom_alias_name | trim if custom_alias_name else node.name -}}
{%- endmacro %}
