{#
  Models in Python that run on MotherDuck as a Flight: what the flight is called.
#}

{% macro flight_name(parsed_model) -%}
  {{ return(adapter.dispatch('flight_name', 'dbt')(parsed_model)) }}
{%- endmacro %}

{% macro default__flight_name(parsed_model) -%}
  {{ return(parsed_model['unique_id'] | replace('.', '_')) }}
{%- endmacro %}

{% macro duckdb__flight_name(parsed_model) -%}
  {{ return(default__flight_name(parsed_model)) }}
{%- endmacro %}
