select 1 as x, 2 as y, 3 as z
