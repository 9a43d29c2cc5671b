{{ config(materialized='incremental', unique_key='id', incremental_strategy='delete+insert', on_schema_change='ignore') }}
select id, word {% if var('day') > 1 %}, changed {% endif %} from {{ ref('raw') }}
