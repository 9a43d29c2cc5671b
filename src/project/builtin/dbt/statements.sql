{#
  Sending SQL to the database and keeping what comes back.

  Everything a materialization does goes through statement(): the statement called "main" is the one whose text lands
  in target/run and whose response becomes the node's message. Nothing is sent while the project is only parsed.
#}

{%- macro statement(name=none, fetch_result=false, auto_begin=true, language='sql') -%}
  {%- if execute -%}
    {%- set code = caller() -%}
    {%- if name == 'main' -%}
      {{- log('Writing runtime ' ~ language ~ ' for node "' ~ model['unique_id'] ~ '"') -}}
      {{- write(code) -}}
    {%- endif -%}
    {%- if language == 'sql' -%}
      {%- set response, rows = adapter.execute(code, auto_begin=auto_begin, fetch=fetch_result) -%}
    {%- elif language == 'python' -%}
      {%- set response = submit_python_job(model, code) -%}
      {# A job in Python leaves its table in the database and hands back no rows. #}
      {%- set rows = none -%}
    {%- else -%}
      {%- do exceptions.raise_compiler_error('A statement is in sql or in python, not in ' ~ language) -%}
    {%- endif -%}
    {%- if name is not none -%}
      {{- store_result(name, response=response, agate_table=rows) -}}
    {%- endif -%}
  {%- endif -%}
{%- endmacro -%}

{# Pretends that a statement ran: for materializations that find they have nothing to send but must report a result.
   The statement's text, when there is some, is still written to target/run. #}
{% macro noop_statement(name=none, message=none, code=none, rows_affected=none, res=none) -%}
  {%- set sql = caller() -%}
  {%- if name == 'main' -%}
    {{- log('Writing runtime SQL for node "' ~ model['unique_id'] ~ '"') -}}
    {{- write(sql) -}}
  {%- endif -%}
  {%- if name is not none -%}
    {{- store_raw_result(name, message=message, code=code, rows_affected=rows_affected, agate_table=res) -}}
  {%- endif -%}
{%- endmacro -%}

{# The rows of a query; none while parsing, which is why macros ask `execute` before they look at them. #}
{% macro run_query(sql) %}
  {% call statement('run_query_statement', fetch_result=true, auto_begin=false) %}
    {{ sql }}
  {% endcall %}
  {% do return(load_result('run_query_statement').table) %}
{% endmacro %}

{# Lets the database check a query without running it. #}
{% macro validate_sql(sql) -%}
  {{ return(adapter.dispatch('validate_sql', 'dbt')(sql)) }}
{%- endmacro %}

{% macro default__validate_sql(sql) -%}
  {% call statement('validate_sql') -%}
    explain {{ sql }}
  {% endcall %}
  {{ return(load_result('validate_sql')) }}
{%- endmacro %}
