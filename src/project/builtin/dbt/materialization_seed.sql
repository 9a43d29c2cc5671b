{#
  A CSV file of the project, as a table. Its rows come from load_agate_table(), with types guessed or configured.

  A seed that is there already is emptied and filled again, so that what depends on the table survives; a full refresh
  makes it anew. What is written to target/run is the statements with one batch of rows.
#}

{% materialization seed, default %}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set existing = adapter.get_relation(database=database, schema=schema, identifier=model['alias']) -%}
  {%- set full_refresh = should_full_refresh() -%}
  {%- set grant_config = config.get('grants') -%}
  {%- set rows = load_agate_table() -%}
  {%- do store_result('agate_table', response='OK', agate_table=rows) -%}

  {{ run_hooks(pre_hooks, inside_transaction=false) }}
  {{ run_hooks(pre_hooks, inside_transaction=true) }}

  {% if existing is none %}
    {% set made = create_csv_table(model, rows) %}
  {% elif existing.is_view %}
    {{ exceptions.raise_compiler_error("Cannot seed to '{}', it is a view".format(existing.render())) }}
  {% else %}
    {% set made = reset_csv_table(model, full_refresh, existing, rows) %}
  {% endif %}
  {% set filled = load_csv_rows(model, rows) %}

  {# There is no one statement to report: the node's message tells what was done, and to how many rows. #}
  {% set done = 'CREATE' if full_refresh else 'INSERT' %}
  {% set row_count = rows.rows | length %}
  {% call noop_statement('main', done ~ ' ' ~ row_count, done, row_count) %}
    {{ get_csv_sql(made, filled) }}
  {% endcall %}

  {% do apply_grants(target_relation, grant_config, should_revoke=should_revoke(existing, full_refresh)) %}
  {% do persist_docs(target_relation, model) %}
  {% if existing is none or full_refresh %}
    {% do create_indexes(target_relation) %}
  {% endif %}

  {{ run_hooks(post_hooks, inside_transaction=true) }}
  {{ adapter.commit() }}
  {{ run_hooks(post_hooks, inside_transaction=false) }}

  {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
