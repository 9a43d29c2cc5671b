select day, sum(balance_eur) as eur, count(*) as accounts
from {{ ref('stg_balances') }}
group by day
