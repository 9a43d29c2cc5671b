{{ config(materialized='incremental', incremental_strategy='merge', unique_key='id', merge_exclude_columns=['first_day']) }}
select id, word, {{ var('day') }} as first_day from {{ ref('raw') }}
