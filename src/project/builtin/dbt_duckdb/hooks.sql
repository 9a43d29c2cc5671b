{#
  Hooks. DuckDB's adapter opens a transaction only for statements that ask for one, and commits by itself; there is
  nothing to commit by hand before a hook that wants none.
#}

{% macro run_hooks(hooks, inside_transaction=true) %}
  {{ send_hooks(hooks, inside_transaction) }}
{% endmacro %}
