{% macro note(text) %}insert into {{ target.schema }}.log values ('{{ text | replace("'", "''") }}'){% endmacro %}

{% macro sum_up(results) %}
  {% if execute %}
    {% set counts = {} %}
    {% for result in results %}
      {% do counts.update({result.status | string: counts.get(result.status | string, 0) + 1}) %}
      {% do log(result.node.unique_id ~ ' ' ~ result.status, info=true) %}
      {% set response = result.adapter_response if result.adapter_response else {} %}
      {{ note(result.node.unique_id ~ ': ' ~ result.status ~ ' ' ~ (result.failures if result.failures is not none else '-') ~ ' ' ~ response.get('code', '') ~ ' ' ~ result.node.config.materialized ~ ' ' ~ (result.to_dict().keys() | sort | join('.'))) }};
    {% endfor %}
    {% set order = counts | dictsort %}
    {{ note(order | tojson) }};
    {{ note(results | map(attribute='node') | map(attribute='resource_type') | unique | sort | join(' ')) }}
  {% endif %}
{% endmacro %}

{% macro count_rows(relation) %}
  {% set found = run_query('select count(*) as n, max(word) as word from ' ~ relation) %}
  {% if execute %}{{ return(found.columns[0].values()[0] ~ found.rows[0]['word']) }}{% endif %}
  {{ return('') }}
{% endmacro %}
