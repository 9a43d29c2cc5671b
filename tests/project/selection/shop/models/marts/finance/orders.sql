{{ config(materialized='incremental', unique_key='id', severity='x') }} select * from {{ ref('int_orders') }}
