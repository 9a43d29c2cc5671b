{{ config(on_schema_change='ignore', unique_key='id', incremental_strategy='delete+insert') }}
select distinct {{ var('columns') }} from {{ ref('rows') }}
