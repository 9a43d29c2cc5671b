{{ config(incremental_strategy='microbatch', event_time='day', begin='2026-01-01', batch_size='day', lookback=1) }}
select id, word, cast(day as timestamp) as day, '{{ model.batch.id if model.batch else "" }}' as batch from {{ ref('rows') }}
