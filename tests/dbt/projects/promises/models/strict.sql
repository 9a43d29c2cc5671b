{{ config(materialized='incremental', unique_key='id', on_schema_change='append_new_columns') }}
select cast(id as bigint) as id, shown, amount from (select id, name as shown, amount from {{ ref('base') }})
