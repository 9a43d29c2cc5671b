{#
  Models in Python that run on MotherDuck as a Flight: what the flight is called.
#}

{% macro flight_name(parsed_model) -%}
  {{ return(adapter.dispatch('flight_name', 'dbt')(parsed_model)) }}
{%- endmacro %}

{# Where the table goes, too: two targets of one project must not share a flight. #}
{% macro default__flight_name(parsed_model) -%}
  {{ return(['dbt', parsed_model['package_name'], parsed_model['database'], parsed_model['schema'], parsed_model['alias']] | join('-')) }}
{%- endmacro %}

{% macro duckdb__flight_name(parsed_model) -%}
  {{ return(default__flight_name(parsed_model)) }}
{%- endmacro %}
