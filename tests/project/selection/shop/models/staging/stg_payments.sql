{{ config(tags='hourly') }} select * from {{ ref('payments') }}
