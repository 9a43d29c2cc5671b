{{ config(materialized='ephemeral') }}
select code from {{ ref('between') }}
