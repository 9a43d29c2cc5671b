{{ config(materialized='incremental', unique_key='id', post_hook=["select 3", {"sql": "select 4", "transaction": false}], on_schema_change='fail') }}
-- depends_on: {{ ref('late') }}
select customer, sum(amount) as amount from {{ ref('stg_orders') }}
{% if is_incremental() %} where id > (select max(id) from {{ this }}) {% endif %}
group by 1
