select code, {{ tools.surrogate_key(['code', 'label']) }} as key, {{ tools.depth()|length }} as depth, '{{ this.schema }}' as here, '{{ model.package_name }}' as package
from {{ ref('code_list') }}
