{# Functions: arguments may have defaults. #}

{% macro postgres__formatted_scalar_function_args_sql() %}
  {% set parts = [] %}
  {% for argument in model.arguments %}
    {# An argument without a default has none, or an empty one; 0 is a default like others. #}
    {% set default_value = argument.default_value | default('', true) if argument.default_value is not number else argument.default_value %}
    {% do parts.append(argument.name ~ ' ' ~ argument.data_type ~ (' DEFAULT ' ~ default_value if default_value | string != '')) %}
  {% endfor %}
  {{ parts | join(', ') }}
{% endmacro %}
