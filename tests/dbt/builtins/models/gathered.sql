{{ config(materialized='materialized_view' if target.type == 'postgres' and var('day') != 4 else 'view',
          indexes=[{'columns': ['id' if var('day') < 3 else 'word']}] if target.type == 'postgres' else []) }}
select id, note as word from {{ ref('people') }}
