{#
  Hooks. DuckDB's adapter opens a transaction only for statements that ask for one, and commits by itself; there is
  nothing to commit by hand before a hook that wants none.
#}

{% macro run_hooks(hooks, inside_transaction=true) %}
  {% for hook in hooks | selectattr('transaction', 'equalto', inside_transaction) %}
    {% set sql = render(hook.get('sql')) %}
    {% if sql | trim | length > 0 %}
      {% call statement(auto_begin=inside_transaction) %}
        {{ sql }}
      {% endcall %}
    {% endif %}
  {% endfor %}
{% endmacro %}
