{{ config(materialized='incremental', full_refresh=(var('day') == 3)) }}
select id, {{ var('day') }} as day from {{ ref('raw') }}
