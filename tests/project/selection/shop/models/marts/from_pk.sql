select * from {{ ref('pk_top') }} join {{ ref('countries') }} using (id)
