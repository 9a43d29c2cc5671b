{{ config(enabled=var('late', true), access='public', group='finance') }}
select * from {{ ref('helpers', 'helper_model') }} join {{ ref('dim', v=1) }} using (x) join {{ ref('dim') }} using (y)
