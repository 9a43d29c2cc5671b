{{ config(materialized='incremental', unique_key='id', incremental_strategy='delete+insert', on_schema_change='sync_all_columns') }}
select id, {% if var('day') == 1 %}word{% else %}cast(id as {{ 'bigint' if var('day') > 2 and target.type == 'postgres' else 'smallint' }}) as other, changed{% endif %} from {{ ref('raw') }}
