select transactions.account_id
from {{ ref('stg_transactions') }} as transactions
anti join {{ source('bank', 'accounts') }} as accounts using (account_id)
