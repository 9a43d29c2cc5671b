{{ config(materialized='incremental' if var('day') > 1 else 'table', unique_key='id', incremental_strategy='merge', full_refresh=(var('day') == 4),
          indexes=[{'columns': ['id'], 'unique': true}], unlogged=(target.type == 'postgres'),
          grants={'select': ['pg_monitor']} if target.type == 'postgres' and var('day') != 3 else {'select': []} if target.type == 'postgres' else {}) }}
select id, word from {{ ref('raw') }}
