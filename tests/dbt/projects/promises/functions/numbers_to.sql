select unnest(range(1, top + 1)) as n
