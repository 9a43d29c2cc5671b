{{ config(materialized='ephemeral') }}
select id, word from {{ ref('raw') }} where word is not null
