{{ config(materialized='ephemeral') }} select * from {{ ref('stg_orders') }} join {{ ref('stg_payments') }} using (id)
