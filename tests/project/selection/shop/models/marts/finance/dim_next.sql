select 3 as x from {{ ref('customers') }}
