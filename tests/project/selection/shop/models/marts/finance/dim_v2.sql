select *, {{ twice(1) }} as x from {{ ref('customers') }}
