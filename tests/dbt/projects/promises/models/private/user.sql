select b.id, b.amount * 2 as twice from {{ ref('base') }} as b
