{{ config(materialized='table') }}

select customer, count(*) as orders, sum(amount) as amount, min(placed) as since
from {{ ref('stg_orders') }}
group by customer
