{% snapshot orders_snap %}
{{ config(strategy='check', unique_key='id', check_cols=['status']) }}
select * from {{ ref('stg_orders') }}
{% endsnapshot %}
