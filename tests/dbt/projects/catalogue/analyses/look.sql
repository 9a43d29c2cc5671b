select sum(amount) from {{ ref('orders') }} -- {{ this if false else 'analysis' }}
