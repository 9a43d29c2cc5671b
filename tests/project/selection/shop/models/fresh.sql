select 3 as f
