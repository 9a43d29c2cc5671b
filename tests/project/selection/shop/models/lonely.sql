select 2 as lonely
