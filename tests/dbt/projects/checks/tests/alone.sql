{{ config(severity='error', warn_if='>0', error_if='>100', store_failures=true, tags=['alone']) }}
select * from {{ ref('quoted') }} where id = 3
