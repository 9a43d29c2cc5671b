{{ config(materialized='incremental', unique_key='id', post_hook="{% if is_incremental() %}insert into log values ('grown'){% endif %}") }}
select id, word {% if var('fails') %}, no_such_column {% endif %} from {{ ref('second') }}
{% if is_incremental() %}where id > (select max(id) from {{ this }}){% endif %}
