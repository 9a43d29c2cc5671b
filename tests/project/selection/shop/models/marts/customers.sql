select * from {{ ref('stg_customers') }} join {{ ref('orders') }} using (id)
