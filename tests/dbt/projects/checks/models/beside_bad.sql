{{ config(materialized='table', database=target.database) }}
select count(*) as n from {{ ref('quoted') }}
