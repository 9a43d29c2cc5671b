{{ config(materialized='table') }}
select (select count(*) from {{ ref('append') }}) as appended, (select sum(id) from {{ ref('merge') }}) as merged, (select count(*) from {{ ref('change_fail') }}) as n
