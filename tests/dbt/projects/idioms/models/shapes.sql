{%- set s = settings() -%}
{%- set d = {'x': 1, 'y': [1, {'z': none}]} -%}
{%- do d.update(w=2) -%}
{%- do d['y'].append((1, 'a')) -%}
{% call(name) wrap('inner_query') %}
select
  '{{ s.text | replace("'", "''") }}' as text, '{{ s["list"] }} {{ s.none }} {{ s.set }} {{ s.zip | string | replace("'", "") }}' as list, '{{ name }}' as called,
  '{{ d | tojson | replace("'", "''") }}' as json, '{{ fromjson('{"a": [1, 2.5, null, true]}').a }}' as back, '{{ toyaml({"b": [1, "x"], "a": none}) | trim | replace("\n", "~") }}' as yaml, '{{ fromyaml("a: [1, 2]\nb: yes").b }}' as from_yaml,
  '{{ var("nested").deep.er | map("string") | join("|") | replace("'", "''") }}' as nested, '{{ var("list_of") | sort(reverse=true) | first }}' as first,
  {{ quiet() }} as odd, '{{ upper_all(["a", "b"]) | join }}' as upper, '{{ [3, 1, 2] | sort }} {{ [1, 2, 3, 4, 5] | batch(2) | list }} {{ (1, 2) + (3,) }}' as lists,
  '{{ "%05.1f|%s|%-4s|" | format(3.14159, "x", "ab") }} {{ "{0}-{b}".format(1, b=2) }} {{ "a,b,c".split(",")[-1] }} {{ "abc"[::-1] }} {{ "x" * 3 }} {{ 7 // 2 }} {{ 7 % 3 }} {{ 2 ** 10 }} {{ 7 / 2 }} {{ 1e3 }} {{ 10 | float }}' as formats,
  '{{ local_md5("x") }} {{ set([1]) }} {{ zip([1], [2]) | list }} {{ "a" if not undefined_thing else "b" }} {{ undefined_thing is defined }} {{ none | default("d", true) }}' as more,
  '{{ tojson({"b": 1, "a": [2, none, "é<&"]}, sort_keys=true) }} {{ tojson({"b": {"c": "<>"}, "a": 1}) }} {{ d.items() | list | length }} {{ dict(a=1).get("b", "no") }} {{ {"a": 1}.items() | list | string | replace("'", "") }} {{ "A b_c".lower().replace(" ", "-").title() }} {{ "x" in ["x"] and 1 != 2 }} {{ loop is defined }}' as rest
{% endcall %}
