select {{ var('depth') }} as depth
