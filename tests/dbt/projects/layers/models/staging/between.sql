{{ config(materialized='ephemeral') }}
select {{ tools.columns_but(ref('stg'), but=['key', 'made_by']) }} from {{ ref('stg') }}
