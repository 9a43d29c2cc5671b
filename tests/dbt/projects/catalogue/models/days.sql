select cast(d as date) as day from generate_series(date '2026-01-01', date '2026-01-05', interval 1 day) as t(d)
