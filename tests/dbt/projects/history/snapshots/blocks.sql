{% snapshot by_time %}
{{ config(target_schema='old', unique_key='id', strategy='timestamp', updated_at='changed') }}
select * from {{ ref('people') }}
{% endsnapshot %}

{% snapshot by_time_gone %}
{{ config(unique_key="id || '-' || name", strategy='timestamp', updated_at='changed', invalidate_hard_deletes=True) }}
select * from {{ ref('people_view') }} where id < 100
{% endsnapshot %}

{% snapshot by_check %}
{{ config(unique_key='id', strategy='check', check_cols=['city'], post_hook="{{ 'select 1' }}") }}
select id, name, city from {{ ref('people') }}
{% endsnapshot %}
