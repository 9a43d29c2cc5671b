{#
  pre-hook, post-hook, on-run-start and on-run-end.

  A hook is {sql, transaction}. Those of a transaction run within the node's own one; the others need no transaction
  open, because they are the likes of `vacuum`, so what is open is committed first.
#}

{% macro run_hooks(hooks, inside_transaction=true) %}
  {% if not inside_transaction and hooks | selectattr('transaction', 'equalto', false) | list %}
    {% call statement(auto_begin=false) %}
      commit;
    {% endcall %}
  {% endif %}
  {{ send_hooks(hooks, inside_transaction) }}
{% endmacro %}

{% macro send_hooks(hooks, inside_transaction) %}
  {% for hook in hooks | selectattr('transaction', 'equalto', inside_transaction) %}
    {% set sql = render(hook.get('sql')) %}
    {% if sql | trim | length > 0 %}
      {% call statement(auto_begin=inside_transaction) %}
        {{ sql }}
      {% endcall %}
    {% endif %}
  {% endfor %}
{% endmacro %}

{% macro make_hook_config(sql, inside_transaction) %}
    {{ tojson({'sql': sql, 'transaction': inside_transaction}) }}
{% endmacro %}

{% macro before_begin(sql) %}
    {{ make_hook_config(sql, inside_transaction=false) }}
{% endmacro %}

{% macro in_transaction(sql) %}
    {{ make_hook_config(sql, inside_transaction=true) }}
{% endmacro %}

{% macro after_commit(sql) %}
    {{ make_hook_config(sql, inside_transaction=false) }}
{% endmacro %}
