{% test dbt_expectations_like(model, column_name) %}
{% set top = run_query("select max(" ~ column_name ~ ") from " ~ model).columns[0].values()[0] if execute else 0 %}
select * from {{ model }} where {{ column_name }} > {{ top }} - 1
{% endtest %}
