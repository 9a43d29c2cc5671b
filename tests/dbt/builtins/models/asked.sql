{{ config(materialized='table_function' if target.type == 'duckdb' else 'view', parameters=['least']) }}
select id from {{ ref('raw') }} {% if target.type == 'duckdb' %}where id >= least{% endif %}
