-- depends_on: {{ ref('shapes') }}
{% set found = adapter.get_relation(database=target.database, schema=target.schema, identifier='shapes') %}
{% set missing = adapter.get_relation(target.database, target.schema, 'nothing') %}
{% set made = api.Relation.create(database=this.database, schema=this.schema, identifier='events', type='table') %}
{% set columns = adapter.get_columns_in_relation(ref('events')) %}
{% set nowhere = adapter.get_columns_in_relation(api.Relation.create(database=target.database, schema='no_schema', identifier='none')) %}
select '{{ found.is_table if found }} {{ found }} {{ missing }} {{ missing is none }}' as found,
  '{{ made.render() }} {{ made.include(database=false) }} {{ made.quote(identifier=false) }} {{ made.is_view }} {{ made.type }} {{ made.without_identifier() }}' as made,
  '{% for c in columns %}{{ c.name }} {{ c.dtype }} {{ c.data_type }} {{ c.is_numeric() }} {{ c.is_string() }} {{ c.quoted }};{% endfor %}{{ nowhere }}' as columns,
  '{{ load_relation(this) is none }} {{ adapter.check_schema_exists(target.database, "nowhere") }} {{ adapter.quote("a b") }} {{ dbt.type_timestamp() }} {{ dbt.dateadd("day", 1, "now") | replace("'", "''") }} {{ dbt.safe_cast("1", api.Column.translate_type("string")) }} {{ api.Column.create("a", "integer").string_type(10) }}' as more,
  '{{ dbt.listagg("x", "','", "order by x") | replace("'", "''") }} {{ dbt.split_part("a", "b", 1) | replace("'", "''") }} {{ dbt.date_trunc("month", "d") | replace("'", "''") }} {{ dbt.datediff("a", "b", "day") | replace("'", "''") }}' as listagg
