select
    {{ month_of('booked_on') }} as month,
    category,
    sum(-amount) filter (where amount < 0) as spent,
    sum(amount) filter (where amount > 0) as earned,
    count(*) as bookings
from {{ ref('stg_transactions') }}
where currency = 'EUR'
group by all
