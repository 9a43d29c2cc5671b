select 1 as id, 'a' as name, cast(1.5 as decimal(10, 2)) as amount union all select 2, 'b', 2.25
