{{ config(materialized='view', post_hook=[after_commit("insert into log values ('after commit of {{ this.name }}')"), "create or replace view {{ this.schema }}.{{ this.identifier }}_copy as select * from {{ ref('first') }}"]) }}
select *, '{{ count_rows(ref("first")) }}' as counted from {{ ref('first') }}
