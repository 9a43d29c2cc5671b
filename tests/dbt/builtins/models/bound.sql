{{ config(materialized='table') }}
select id, cast(word as varchar) as word, cast(1.5 as numeric(4,1)) as "Amount" from {{ ref('raw') }} where word is not null
