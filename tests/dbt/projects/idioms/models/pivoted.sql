{% set kinds = values_of(ref('events'), 'kind') -%}
select {{ pivot(ref('events'), 'kind', 'coalesce(amount, 0)') }}, '{{ kinds | join("+") }}' as kinds, {{ kinds | length }} as n
from {{ ref('events') }}
