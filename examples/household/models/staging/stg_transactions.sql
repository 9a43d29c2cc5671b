-- One row for each booking, with money as money and a category from rules of our own.
select
    account_id,
    reference,
    cast(booking_date as date) as booked_on,
    cast(amount as decimal(15, 2)) as amount,
    currency,
    type_key,
    counterparty_name as counterparty,
    remittance,
    coalesce(rules.category, case when amount > 0 then 'income' else 'other' end) as category
from {{ source('bank', 'transactions') }} as transactions
left join {{ ref('categories') }} as rules
    on lower(coalesce(counterparty_name, '') || ' ' || coalesce(remittance, '')) like '%' || lower(rules.word) || '%'
qualify row_number() over (partition by account_id, reference order by rules.priority nulls last) = 1
