{{ config(meta={'b': 1, 'owner': 'in file'}, tags=['t1']) }}
select distinct customer_id, 'x' as "Weird Name" from {{ ref('orders') }}
