{#
  `clone`: this target's relation as a copy of another environment's (--state): a real copy where the database copies
  tables without moving rows, a view over the other one where it does not.
#}

{%- materialization clone, default -%}
  {%- set nothing = {'relations': []} -%}
  {%- if not defer_relation -%}
    {{ log('No relation found in state manifest for ' ~ model.unique_id, info=true) }}
    {{ return(nothing) }}
  {%- endif -%}
  {%- set existing = load_cached_relation(this) -%}
  {%- if existing and not flags.FULL_REFRESH -%}
    {{ log('Relation ' ~ existing ~ ' already exists', info=true) }}
    {{ return(nothing) }}
  {%- endif -%}

  {%- set other = load_cached_relation(defer_relation) -%}
  {%- set copies = other and other.type == 'table' and can_clone_table() -%}
  {%- set target_relation = this.incorporate(type='table' if copies else 'view') -%}

  {% if existing and (existing.type != target_relation.type or not copies) %}
    {{ adapter.drop_relation(existing) }}
  {% endif %}
  {% call statement('main') %}
    {% if copies %}
      {{ create_or_replace_clone(target_relation, defer_relation) }}
    {% else %}
      create view {{ target_relation }} as (
        select * from {{ defer_relation }}
      );
    {% endif %}
  {% endcall %}

  {% do apply_grants(target_relation, config.get('grants'), should_revoke=should_revoke(existing, full_refresh_mode=true)) %}
  {% do persist_docs(target_relation, model) %}
  {% do adapter.commit() %}

  {{ return({'relations': [target_relation]}) }}
{%- endmaterialization -%}

{% macro can_clone_table() %}
  {{ return(adapter.dispatch('can_clone_table', 'dbt')()) }}
{% endmacro %}

{% macro default__can_clone_table() %}
  {{ return(false) }}
{% endmacro %}

{% macro create_or_replace_clone(this_relation, defer_relation) %}
  {{ return(adapter.dispatch('create_or_replace_clone', 'dbt')(this_relation, defer_relation)) }}
{% endmacro %}

{% macro default__create_or_replace_clone(this_relation, defer_relation) %}
    create or replace table {{ this_relation.render() }} clone {{ defer_relation.render() }}
{% endmacro %}
