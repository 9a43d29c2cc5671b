{{ config(alias='Quoted Alias', schema='odd') }}
select id, "Name" as name, num, '{{ env_var("CHECKS_WORD", "default") }}' as word from {{ ref('plain') }}
