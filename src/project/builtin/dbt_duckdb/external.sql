{#
  A model that is a file (Parquet, CSV, JSON), with a view that reads it, so that ref() works.

  The rows go to a temporary table, from there with COPY into the file, and the view is made over what was written. A
  folder of partitions that is empty cannot be read back, so a model without rows gets one row and a filter in the view.
#}

{% materialization external, adapter='duckdb', supported_languages=['sql', 'python'] %}
  {%- set language = model['language'] -%}
  {%- set location = render(config.get('location', default=external_location(this, config))) -%}
  {%- set options = render_write_options(config) -%}
  {%- set write_options = adapter.external_write_options(location, options) -%}
  {%- set format = config.get('format', 'parquet') -%}
  {%- set plugin_name = config.get('plugin') -%}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='view') -%}
  {%- set grant_config = config.get('grants') -%}
  {# The rows, and the view before it takes the old one's place. #}
  {%- set temp_relation = make_intermediate_relation(this.incorporate(type='table'), suffix='__dbt_tmp') -%}
  {%- set intermediate = make_intermediate_relation(target_relation, suffix='__dbt_int') -%}
  {%- set backup = make_backup_relation(target_relation, 'table' if existing is none else existing.type) -%}

  {{ drop_relation_if_exists(load_cached_relation(intermediate)) }}
  {{ drop_relation_if_exists(load_cached_relation(temp_relation)) }}
  {{ drop_relation_if_exists(load_cached_relation(backup)) }}

  {{ run_hooks(pre_hooks, inside_transaction=false) }}
  {{ run_hooks(pre_hooks, inside_transaction=true) }}

  {% call statement('create_table', language=language) -%}
    {{ create_table_as(false, temp_relation, compiled_code, language) }}
  {%- endcall %}

  {% set count_query %}select count(*) from {{ temp_relation }}{% endset %}
  {% set is_empty = run_query(count_query).columns[0].values()[0] == 0 %}
  {% if is_empty %}
    {% call statement('one_row', language='sql') -%}
      insert into {{ temp_relation }} by name select {% for column in adapter.get_columns_in_relation(temp_relation) %}null as {{ column.quoted }}{{ ', ' if not loop.last }}{% endfor %}
    {%- endcall %}
  {% endif %}

  {{ write_to_file(temp_relation, location, write_options) }}

  {% set read_location = adapter.external_read_location(location, options) %}
  {% call statement('main', language='sql') -%}
    create or replace view {{ intermediate }} as (
      select * from '{{ read_location }}'{{ ' where 1 = 0' if is_empty }}
    );
  {%- endcall %}

  {% if existing is not none %}
    {{ adapter.rename_relation(existing, backup) }}
  {% endif %}
  {{ adapter.rename_relation(intermediate, target_relation) }}

  {{ run_hooks(post_hooks, inside_transaction=true) }}
  {% do apply_grants(target_relation, grant_config, should_revoke=should_revoke(existing, full_refresh_mode=true)) %}
  {% do persist_docs(target_relation, model) %}
  {{ adapter.commit() }}

  {{ drop_relation_if_exists(backup) }}
  {{ drop_relation_if_exists(temp_relation) }}
  {% if plugin_name or config.get('glue_register') %}
    {% do store_relation(plugin_name or 'glue', target_relation, location, format, config) %}
  {% endif %}
  {{ run_hooks(post_hooks, inside_transaction=false) }}

  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{# Where the file lies unless `location` says so: named like the model, under external_root. #}
{%- macro external_location(relation, config) -%}
  {%- if config.get('options', {}).get('partition_by') is none -%}
    {{- adapter.external_root() }}/{{ relation.identifier }}.{{ config.get('format', 'parquet') -}}
  {%- else -%}
    {{- adapter.external_root() }}/{{ relation.identifier -}}
  {%- endif -%}
{%- endmacro -%}

{% macro location_exists(location) -%}
  {% do return(adapter.location_exists(location)) %}
{% endmacro %}

{% macro write_to_file(relation, location, options) -%}
  {% call statement('write_to_file') -%}
    copy {{ relation }} to '{{ location }}' ({{ options }})
  {%- endcall %}
{% endmacro %}

{# Tells a plugin, Glue's for one, of a file that was written. #}
{% macro store_relation(plugin, relation, location, format, config) -%}
  {%- set columns = adapter.get_columns_in_relation(relation) -%}
  {% do adapter.store_relation(plugin, relation, columns, location, format, config) %}
{% endmacro %}

{# `format`, `delimiter` and `options` of a config, as one dictionary of COPY's options. #}
{% macro render_write_options(config) -%}
  {% set options = {} %}
  {% for name, value in (config.get('options') or {}).items() %}
    {% do options.update({name: render(value) if value is string else value}) %}
  {% endfor %}
  {% for name in ('format', 'delimiter') if config.get(name) %}
    {% do options.update({name: render(config.get(name))}) %}
  {% endfor %}
  {{ return(options) }}
{%- endmacro %}

{# As an on-run-start hook: a database in memory has forgotten the views over files that earlier runs wrote. #}
{%- macro register_upstream_external_models() -%}
  {% if execute %}
    {% set wanted = {} %}
    {% for node in selected_resources %}
      {% for upstream in (graph['nodes'][node]['depends_on']['nodes'] if node in graph['nodes'] else []) %}
        {% if upstream not in selected_resources and graph['nodes'].get(upstream, {}).get('config', {}).get('materialized') == 'external' %}
          {% do wanted.update({upstream: graph['nodes'][upstream]}) %}
        {% endif %}
      {% endfor %}
    {% endfor %}
    {% for node in wanted.values() %}
      {% set relation = api.Relation.create(database=node['database'], schema=node['schema'], identifier=node['alias'], type='view') %}
      {% set location = node['config'].get('location') or external_location(relation, node['config']) %}
      {% do adapter.create_schema(relation) %}
      {% call statement('register_' ~ loop.index, language='sql') -%}
        create or replace view {{ relation }} as (
          select * from '{{ adapter.external_read_location(render(location), node['config'].get('options', {})) }}'
        );
      {%- endcall %}
    {% endfor %}
    {% do adapter.commit() %}
  {% endif %}
{%- endmacro -%}
