select *, {{ tools.plain() }} as plain, {{ tools.untouched() }} as untouched from {{ ref('tools', 'codes') }}
