{#
  User-defined functions of the functions/ folder: created or replaced before the models that call them. The statement
  is put together from parts, so that an adapter replaces only the part it spells differently.
#}

{% materialization function, default, supported_languages=['sql', 'python', 'javascript'] %}
  {% set existing = load_cached_relation(this) %}
  {% set target_relation = this.incorporate(type='function') %}
  {% for key in ('runtime_version', 'entry_point') if model.language == 'python' and not model.config.get(key) %}
    {{ exceptions.raise_compiler_error(('An' if key == 'entry_point' else 'A') ~ ' `' ~ key ~ '` is required for python functions') }}
  {% endfor %}
  {# Found by name, so that a project can bring a kind of its own. #}
  {% set macro_name = (model.config.get('type') or 'scalar') ~ '_function_' ~ (model.language or 'sql') %}
  {% if macro_name not in context %}
    {{ exceptions.raise_compiler_error("No macro named '" ~ macro_name ~ "' found within namespace") }}
  {% endif %}
  {% set build_sql = context[macro_name](target_relation) %}

  {{ function_execute_build_sql(build_sql, existing, target_relation) }}

  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% macro function_execute_build_sql(build_sql, existing_relation, target_relation) %}
  {{ return(adapter.dispatch('function_execute_build_sql', 'dbt')(build_sql, existing_relation, target_relation)) }}
{% endmacro %}

{% macro default__function_execute_build_sql(build_sql, existing_relation, target_relation) %}
  {% set grant_config = config.get('grants') %}
  {% call statement(name='main') %}
    {{ build_sql }}
  {% endcall %}
  {% do apply_grants(target_relation, grant_config, should_revoke=should_revoke(existing_relation, full_refresh_mode=true)) %}
  {% do persist_docs(target_relation, model) %}
  {{ adapter.commit() }}
{% endmacro %}

{# ---- scalar, in SQL ---- #}

{% macro scalar_function_sql(target_relation) %}
  {{ return(adapter.dispatch('scalar_function_sql', 'dbt')(target_relation)) }}
{% endmacro %}

{% macro default__scalar_function_sql(target_relation) %}
  {{ scalar_function_create_replace_signature_sql(target_relation) }}
  {{ scalar_function_body_sql() }};
{% endmacro %}

{% macro scalar_function_create_replace_signature_sql(target_relation) %}
  {{ return(adapter.dispatch('scalar_function_create_replace_signature_sql', 'dbt')(target_relation)) }}
{% endmacro %}

{% macro default__scalar_function_create_replace_signature_sql(target_relation) %}
    CREATE OR REPLACE FUNCTION {{ target_relation.render() }} ({{ formatted_scalar_function_args_sql() }})
    returns {{ model.returns.data_type }}
    {{ scalar_function_volatility_sql() }}
    as
{% endmacro %}

{% macro formatted_scalar_function_args_sql() %}
  {{ return(adapter.dispatch('formatted_scalar_function_args_sql', 'dbt')()) }}
{% endmacro %}

{% macro default__formatted_scalar_function_args_sql() %}
  {%- for argument in model.arguments -%}
    {{ argument.name }} {{ argument.data_type }}{{ ', ' if not loop.last }}
  {%- endfor -%}
{% endmacro %}

{% macro scalar_function_body_sql() %}
  {{ return(adapter.dispatch('scalar_function_body_sql', 'dbt')()) }}
{% endmacro %}

{% macro default__scalar_function_body_sql() %}
    $$
       {{ model.compiled_code }}
    $$ language sql
{% endmacro %}

{# May the database keep a result and use it again? #}
{% macro scalar_function_volatility_sql() %}
  {{ return(adapter.dispatch('scalar_function_volatility_sql', 'dbt')()) }}
{% endmacro %}

{% macro default__scalar_function_volatility_sql() %}
  {%- set volatility = model.config.get('volatility') -%}
  {%- if volatility == 'deterministic' -%}
    IMMUTABLE
  {%- elif volatility == 'stable' -%}
    STABLE
  {%- elif volatility == 'non-deterministic' -%}
    VOLATILE
  {%- elif volatility is not none -%}
    {% do unsupported_volatility_warning(volatility) %}
  {%- endif -%}
{% endmacro %}

{% macro unsupported_volatility_warning(volatility) %}
  {{ return(adapter.dispatch('unsupported_volatility_warning', 'dbt')(volatility)) }}
{% endmacro %}

{% macro default__unsupported_volatility_warning(volatility) %}
  {% do exceptions.warn("Found `" ~ volatility ~ "` volatility specified on function `" ~ model.name ~ "`. This volatility is not supported by " ~ adapter.type() ~ ", and will be ignored") %}
{% endmacro %}

{# ---- scalar, in JavaScript: for the databases that have it ---- #}

{% macro formatted_scalar_function_args_javascript() %}
  {{ return(adapter.dispatch('formatted_scalar_function_args_javascript', 'dbt')()) }}
{% endmacro %}

{% macro default__formatted_scalar_function_args_javascript() %}
  {{ return(formatted_scalar_function_args_sql()) }}
{% endmacro %}

{% macro scalar_function_volatility_javascript() %}
  {{ return(adapter.dispatch('scalar_function_volatility_javascript', 'dbt')()) }}
{% endmacro %}

{% macro default__scalar_function_volatility_javascript() %}
  {{ return(scalar_function_volatility_sql()) }}
{% endmacro %}

{# ---- aggregates ---- #}

{% macro get_aggregate_function_create_replace_signature(target_relation) %}
  {{ return(adapter.dispatch('get_aggregate_function_create_replace_signature', 'dbt')(target_relation)) }}
{% endmacro %}

{% macro default__get_aggregate_function_create_replace_signature(target_relation) %}
    create or replace aggregate function {{ target_relation.render() }} ({{ get_formatted_aggregate_function_args() }})
    returns {{ model.returns.data_type }}
    {{ get_function_language_specifier() }}
    {{ get_aggregate_function_volatility_specifier() }}
    {{ get_function_python_options() if model.language == 'python' }}
    as
{% endmacro %}

{% macro get_formatted_aggregate_function_args() %}
  {{ return(adapter.dispatch('get_formatted_aggregate_function_args', 'dbt')()) }}
{% endmacro %}

{% macro default__get_formatted_aggregate_function_args() %}
  {{ return(formatted_scalar_function_args_sql()) }}
{% endmacro %}

{% macro get_function_language_specifier() %}
  {{ return(adapter.dispatch('get_function_language_specifier', 'dbt')()) }}
{% endmacro %}

{% macro default__get_function_language_specifier() %}
    language {{ model.language }}
{% endmacro %}

{% macro get_aggregate_function_volatility_specifier() %}
  {{ return(adapter.dispatch('get_aggregate_function_volatility_specifier', 'dbt')()) }}
{% endmacro %}

{% macro default__get_aggregate_function_volatility_specifier() %}
  {{ return(scalar_function_volatility_sql()) }}
{% endmacro %}

{% macro get_function_python_options() %}
  {{ return(adapter.dispatch('get_function_python_options', 'dbt')()) }}
{% endmacro %}

{% macro default__get_function_python_options() %}
    runtime_version = '{{ model.config.get('runtime_version') }}'
    handler = '{{ model.config.get('entry_point') }}'
{% endmacro %}
