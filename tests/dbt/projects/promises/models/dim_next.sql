select id, name, amount, true as next from {{ ref('dim', v=2) }}
