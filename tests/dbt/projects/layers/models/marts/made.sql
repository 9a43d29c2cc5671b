{{ config(materialized='logged', level=3, pre_hook=["create schema if not exists {{ this.schema }}"]) }}
select * from {{ ref('named') }}
