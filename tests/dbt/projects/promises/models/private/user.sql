select b.id, {{ function('doubled') }}(b.amount) as twice, f.n from {{ ref('base') }} as b, {{ function('numbers_to') }}(2) as f(n)
