select * from {{ ref('pk_base') }}
