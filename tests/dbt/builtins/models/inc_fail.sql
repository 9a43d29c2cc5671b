{{ config(materialized='incremental', on_schema_change='fail') }}
select id{{ ', word' if var('day') == 3 }} from {{ ref('raw') }}
