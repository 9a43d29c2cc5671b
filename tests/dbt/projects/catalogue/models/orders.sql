-- {{ ref('raw_orders') }}
select id, customer_id, amount, ordered from {{ source('raw', 'orders') }}
