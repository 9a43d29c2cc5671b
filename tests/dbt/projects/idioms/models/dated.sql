{%- set dt = modules.datetime -%}
{%- set day = dt.datetime.strptime('2026-01-31 13:05:00', '%Y-%m-%d %H:%M:%S') -%}
{%- set rome = modules.pytz.timezone('Europe/Rome') -%}
select
  '{{ (day + dt.timedelta(days=1, hours=3)).strftime("%d.%m.%Y %H:%M %j %A") }}' as later,
  '{{ rome.localize(day).astimezone(modules.pytz.utc).isoformat() }}' as utc,
  '{{ dt.date(2026, 2, 3) - dt.timedelta(weeks=1) }}' as day,
  '{{ modules.re.sub("[aeiou]+", "_", "beautiful queue") }} {{ modules.re.match("(\\w+) (?P<b>\\w+)", "ab cd").group("b") }} {{ modules.re.findall("\\d+", "1 22 333") | join("/") }}' as re,
  '{% for a, b in modules.itertools.product([1, 2], "xy") %}{{ a }}{{ b }} {% endfor %}' as product,
  '{{ var("day") }} {{ var("missing", "none") }} {{ var.has_var("missing") }}' as vars,
  '{{ run_started_at.strftime("%Y") | int > 2000 }} {{ invocation_id | length }} {{ dbt_version.split(".")[0] }}' as run
