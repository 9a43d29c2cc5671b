{#
  Dates while compiling, in Jinja rather than in the database: for models that loop over partitions.
#}

{% macro convert_datetime(date_str, date_fmt) %}
  {% set parsed = try_or_compiler_error(
       "The provided partition date '" ~ date_str ~ "' does not match the expected format '" ~ date_fmt ~ "'",
       modules.datetime.datetime.strptime, date_str.strip(), date_fmt) %}
  {{ return(parsed) }}
{% endmacro %}

{# Every day from the first to the last, both included, as text. #}
{% macro dates_in_range(start_date_str, end_date_str=none, in_fmt='%Y%m%d', out_fmt='%Y%m%d') %}
  {% set first = convert_datetime(start_date_str, in_fmt) %}
  {% set last = convert_datetime(end_date_str or start_date_str, in_fmt) %}
  {% set days = (last - first).days %}
  {% if days < 0 %}
    {{ exceptions.raise_compiler_error('Partition start date is after the end date (' ~ start_date_str ~ ', ' ~ end_date_str ~ ')') }}
  {% endif %}
  {% set texts = [] %}
  {% for day in range(days + 1) %}
    {% do texts.append((first + modules.datetime.timedelta(days=day)).strftime(out_fmt)) %}
  {% endfor %}
  {{ return(texts) }}
{% endmacro %}

{# '20240101' or '20240101,20240105'. #}
{% macro partition_range(raw_partition_date, date_fmt='%Y%m%d') %}
  {% set ends = (raw_partition_date | string).split(',') %}
  {% if ends | length > 2 %}
    {{ exceptions.raise_compiler_error('Invalid partition time. Expected format: {Start Date}[,{End Date}]. Got: ' ~ raw_partition_date) }}
  {% endif %}
  {{ return(dates_in_range(ends[0], ends[1] if ends | length == 2 else none, in_fmt=date_fmt)) }}
{% endmacro %}

{# The present as digits, down to the microsecond: for names that must not collide. #}
{% macro py_current_timestring() %}
  {{ return(modules.datetime.datetime.now().strftime('%Y%m%d%H%M%S%f')) }}
{% endmacro %}
