{#
  persist_docs: descriptions of the project, written into the database as comments.
#}

{% macro persist_docs(relation, model, for_relation=true, for_columns=true) -%}
  {{ return(adapter.dispatch('persist_docs', 'dbt')(relation, model, for_relation, for_columns)) }}
{%- endmacro %}

{% macro default__persist_docs(relation, model, for_relation, for_columns) -%}
  {% if for_relation and config.persist_relation_docs() and model.description %}
    {% do run_query(alter_relation_comment(relation, model.description)) %}
  {% endif %}
  {% if for_columns and config.persist_column_docs() and model.columns %}
    {# Of columns that are not there nothing is left to send. #}
    {% set sql = alter_column_comment(relation, model.columns) %}
    {% if sql | trim %}
      {% do run_query(sql) %}
    {% endif %}
  {% endif %}
{%- endmacro %}

{% macro alter_relation_comment(relation, relation_comment) -%}
  {{ return(adapter.dispatch('alter_relation_comment', 'dbt')(relation, relation_comment)) }}
{%- endmacro %}

{% macro default__alter_relation_comment(relation, relation_comment) -%}
  {{ exceptions.raise_not_implemented('alter_relation_comment macro not implemented for adapter ' ~ adapter.type()) }}
{%- endmacro %}

{% macro alter_column_comment(relation, column_dict) -%}
  {{ return(adapter.dispatch('alter_column_comment', 'dbt')(relation, column_dict)) }}
{%- endmacro %}

{% macro default__alter_column_comment(relation, column_dict) -%}
  {{ exceptions.raise_not_implemented('alter_column_comment macro not implemented for adapter ' ~ adapter.type()) }}
{%- endmacro %}

{# The documented columns that the relation really has; the others are told of, since a comment on them would fail. #}
{% macro validate_doc_columns(relation, column_dict, existing_column_names) %}
  {% set known = existing_column_names | map('lower') | list %}
  {% set documented, unknown = {}, [] %}
  {% for name, column in column_dict.items() %}
    {# A quoted name has its case. #}
    {% if name in existing_column_names or (not column.get('quote') and (name | lower) in known) %}
      {% do documented.update({name: column}) %}
    {% else %}
      {% do unknown.append(name) %}
    {% endif %}
  {% endfor %}
  {% if unknown %}
    {% do exceptions.warn("In relation " ~ relation.render() ~ ": The following columns are specified in the schema but are not present in the database: " ~ (unknown | join(', '))) %}
  {% endif %}
  {{ return(documented) }}
{% endmacro %}

{# For databases that know dollar quoting: it keeps the quotes of a description. #}
{% macro quote_comment_in_dollars(comment) -%}
  {% if comment is not string %}
    {% do exceptions.raise_compiler_error('cannot escape a non-string: ' ~ comment) %}
  {% endif %}
  {%- set fence = '$dbt_comment_literal_block$' -%}
  {%- if fence in comment -%}
    {%- do exceptions.raise_compiler_error('The string ' ~ fence ~ ' is not allowed in comments.') -%}
  {%- endif -%}
  {{ fence }}{{ comment }}{{ fence }}
{%- endmacro %}
