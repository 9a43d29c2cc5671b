{# Still to come: here so that projects on DuckDB parse. #}
{% materialization table, adapter='duckdb' %}{% endmaterialization %}
{% materialization incremental, adapter='duckdb' %}{% endmaterialization %}
{% materialization external, adapter='duckdb' %}{% endmaterialization %}
{% materialization table_function, adapter='duckdb' %}{% endmaterialization %}
