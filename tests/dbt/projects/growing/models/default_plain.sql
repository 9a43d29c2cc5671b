{{ config(materialized='incremental') }}
select distinct id, word, day, {{ is_incremental() }} as grown from {{ ref('rows') }}
{% if is_incremental() %}where day >= (select max(day) from {{ this }}){% endif %}
