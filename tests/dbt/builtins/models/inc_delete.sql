{{ config(materialized='incremental', incremental_strategy='delete+insert', unique_key=['id', 'word'],
          incremental_predicates=['1 = 1'] if var('day') == 3 else none) }}
select id, coalesce(word, '-') as word, {{ var('day') }} as day from {{ ref('raw') }}
