{# Functions: arguments may have defaults. #}

{% macro postgres__formatted_scalar_function_args_sql() %}
  {% set parts = [] %}
  {% for argument in model.arguments %}
    {% do parts.append(argument.name ~ ' ' ~ argument.data_type ~ (' DEFAULT ' ~ argument.default_value if argument.default_value is not none)) %}
  {% endfor %}
  {{ parts | join(', ') }}
{% endmacro %}
