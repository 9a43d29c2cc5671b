{#
  Questions that models and materializations ask about their own configuration.
#}

{# True in a model that may build upon what it built before: it is incremental, its table is there, and nobody asked
   for a full refresh. While parsing there is no database to ask, and the answer is no. #}
{% macro is_incremental() %}
  {%- if not execute -%}
    {{- return(false) -}}
  {%- endif -%}
  {%- set existing = adapter.get_relation(this.database, this.schema, this.table) -%}
  {{- return(existing is not none and existing.type == 'table'
             and model.config.materialized == 'incremental' and not should_full_refresh()) -}}
{% endmacro %}

{# The model's own setting wins over --full-refresh, in both directions. #}
{% macro should_full_refresh() %}
  {%- set own = config.get('full_refresh') -%}
  {{- return(flags.FULL_REFRESH if own is none else own) -}}
{% endmacro %}

{% macro should_store_failures() %}
  {%- set own = config.get('store_failures') -%}
  {{- return(flags.STORE_FAILURES if own is none else own) -}}
{% endmacro %}

{# `{% call set_sql_header(config) %} … {% endcall %}` in a model: text that goes before its create statement. #}
{% macro set_sql_header(config) -%}
  {{ config.set('sql_header', caller()) }}
{%- endmacro %}
