{{ config(severity='error', tags=['sing']) }}
select * from {{ ref('revenue') }} where amount < 0
