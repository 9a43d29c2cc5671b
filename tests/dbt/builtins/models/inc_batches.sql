{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='changed', batch_size='day', begin='2020-01-01', lookback=1, unique_key=('id' if target.type == 'postgres' else none)) }}
select id, word, changed from {{ ref('raw') }}
