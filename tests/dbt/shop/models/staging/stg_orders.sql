{{ config(tags=['in_file'], meta={'in_file': true}, alias='orders_alias') }}

select id, customer, {{ cents('amount') }} as amount, {{ helpers.shout('status') }} as status
from {{ source('raw', 'orders') }}
where day >= '{{ var("start_date") }}'
