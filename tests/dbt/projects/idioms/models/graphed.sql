-- depends_on: {{ ref('pivoted') }}
{% set names = [] %}
{% if execute %}
{% for node in graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | sort(attribute='name') %}
  {% do names.append(node.name ~ ':' ~ (node.depends_on.nodes | length) ~ ':' ~ node.config.get('materialized') ~ ':' ~ node['alias']) %}
{% endfor %}
{% endif %}
select '{{ names | join(" ") }}' as names, '{{ graph.sources | length if execute }}' as sources, '{{ (graph.nodes["seed.idioms.events"].path) if execute }}' as seed
