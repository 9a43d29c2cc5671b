{#
  Materializations still to come; their names are here so that projects that use them parse.
#}

{% materialization snapshot, default %}
  {{ exceptions.raise_not_implemented('snapshot') }}
{% endmaterialization %}

{% materialization unit, default %}
  {{ exceptions.raise_not_implemented('unit') }}
{% endmaterialization %}

{% materialization clone, default %}
  {{ exceptions.raise_not_implemented('clone') }}
{% endmaterialization %}

{% materialization materialized_view, default %}
  {{ exceptions.raise_not_implemented('materialized_view') }}
{% endmaterialization %}

{% materialization function, default %}
  {{ exceptions.raise_not_implemented('function') }}
{% endmaterialization %}
