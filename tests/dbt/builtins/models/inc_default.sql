{{ config(materialized='incremental', unique_key='id') }}
select id, word, changed from {{ ref('raw') }}
