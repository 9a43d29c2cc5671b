{{ config(incremental_strategy='delete+insert', unique_key='id', incremental_predicates=["day > '2026-01-01'"]) }}
select distinct id, word, day, {{ is_incremental() }} as grown from {{ ref('rows') }}
{% if is_incremental() %}where day >= (select max(day) from {{ this }}){% endif %}
