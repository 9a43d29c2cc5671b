select max(amount) * {{ function('cents') }}(factor) from {{ ref('revenue') }}
