{{ config(materialized='view', post_hook=["insert into {{ target.schema }}.hook_log values ('viewed {{ this.name }}')", {"sql": "insert into {{ target.schema }}.hook_log values ('outside')", "transaction": false}]) }}
select id, word from {{ ref('raw') }}
