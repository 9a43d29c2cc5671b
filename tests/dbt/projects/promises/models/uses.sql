select l.id, o.name as old_name, n.next from {{ ref('dim') }} as l join {{ ref('dim', version=1) }} as o using (id) join {{ ref('promises', 'dim', v=3) }} as n using (id)
