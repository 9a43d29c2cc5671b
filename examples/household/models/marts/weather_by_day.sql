{{ config(materialized='incremental', unique_key=['city', 'day'], incremental_strategy='delete+insert') }}

select
    city,
    cast(seen_at as date) as day,
    round(avg(celsius), 1) as celsius,
    max(wind) as wind,
    count(*) as observations
from {{ ref('stg_weather') }}
{% if is_incremental() %}
where cast(seen_at as date) >= (select max(day) from {{ this }})
{% endif %}
group by all
