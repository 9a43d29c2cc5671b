select id, coalesce(customer, 'nobody') as customer, placed, amount, note
from {{ ref('orders') }}
