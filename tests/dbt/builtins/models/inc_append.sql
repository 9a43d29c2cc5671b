{{ config(materialized='incremental', incremental_strategy='append') }}
select id, word, {{ var('day') }} as day from {{ ref('raw') }}
{% if is_incremental() %}where id > (select max(id) from {{ this }}){% endif %}
