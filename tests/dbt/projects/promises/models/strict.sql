{{ config(materialized='incremental', unique_key='id', on_schema_change='append_new_columns') }}
select cast(id as bigint) as id, "Mixed Case", amount from (select id, name as "Mixed Case", amount from {{ ref('base') }})
