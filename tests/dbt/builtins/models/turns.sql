{{ config(materialized=['table', 'view', 'table', 'table'][var('day') - 1], alias='turned') }}
select id from {{ ref('raw') }}
