{{ config(materialized='table', pre_hook=[note('pre of first'), before_begin("insert into log values ('outside')")], post_hook="{{ note('rows ' ~ count_rows(this)) }}") }}
select * from {{ ref('raw') }}
