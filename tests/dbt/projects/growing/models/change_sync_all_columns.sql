{{ config(on_schema_change='sync_all_columns', unique_key='id', incremental_strategy='delete+insert') }}
select distinct {{ var('columns') }} from {{ ref('rows') }}
