{{ config(materialized='table') }}
-- What the sources look like on each day: rows are added, changed and, on day 3, deleted; on day 4 row 3 is back.
select * from (
    select 1 as id, 'a' as word, cast('2020-01-01' as timestamp) as changed
    union all select 2, '{{ "b" if var("day") == 1 else "b2" }}', cast('2020-01-0{{ [var("day"), 2] | min }}' as timestamp)
    {% if var('day') != 3 %}union all select 3, 'c', cast('2020-01-01' as timestamp){% endif %}
    {% if var('day') > 1 %}union all select 4, 'd', cast('2020-01-02' as timestamp){% endif %}
    {% if var('day') == 3 %}union all select 5, null, cast('2020-01-03' as timestamp){% endif %}
) as rows_of_the_day
