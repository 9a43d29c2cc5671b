{{ config(materialized='external' if target.type == 'duckdb' else 'table', location='filed_' ~ var('day') ~ '.parquet') }}
select id, word from {{ ref('raw') }} where {{ var('day') }} <> 2
