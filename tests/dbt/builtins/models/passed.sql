select id, word as w from {{ ref('passing') }}
