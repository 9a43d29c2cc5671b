select id, name, amount from {{ ref('base') }}
