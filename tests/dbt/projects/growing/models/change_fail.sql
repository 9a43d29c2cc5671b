{{ config(on_schema_change='fail', unique_key='id', incremental_strategy='delete+insert') }}
select distinct {{ var('columns') }} from {{ ref('rows') }}
