{#
  Seeds. DuckDB reads the CSV file itself, which is far faster than binding values; a seed that its reader does not take
  as dbt would (it says so by fast_load: false, or there is no file on disk) is inserted in batches.
#}

{% macro duckdb__get_binding_char() %}
  {{ return(adapter.get_binding_char()) }}
{% endmacro %}

{% macro duckdb__get_batch_size() %}
  {{ return(10000) }}
{% endmacro %}

{% macro duckdb__load_csv_rows(model, agate_table) %}
  {% if config.get('fast', true) %}
    {% set path = adapter.get_seed_file_path(model) %}
    {% set delimiter = config.get('delimiter', ',') %}
    {% set sql %}
      COPY {{ this.render() }} FROM '{{ path }}' (FORMAT CSV, HEADER TRUE, DELIMITER '{{ delimiter }}')
    {% endset %}
    {% do adapter.add_query(sql, abridge_sql_log=true) %}
    {{ return(sql) }}
  {% endif %}
  {{ return(default__load_csv_rows(model, agate_table)) }}
{% endmacro %}
