{{ config(alias='  special ', post_hook="comment on table {{ this }} is 'from {{ model.alias }}'") }}
select * from {{ ref('between') }} join (select code as other from {{ ref('between') }}) on code = other
