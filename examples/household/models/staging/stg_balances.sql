select
    account_id,
    account_display_id as account,
    account_type,
    cast(day as date) as day,
    currency,
    cast(balance as decimal(15, 2)) as balance,
    cast(balance_eur as decimal(15, 2)) as balance_eur
from {{ source('bank', 'balances') }}
