select * from {{ ref('customers') }} limit {{ var('limit') }}
