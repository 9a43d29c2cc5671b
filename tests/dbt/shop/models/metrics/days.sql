select date '2024-01-01' as day, {{ function('shop', 'cents') }}(1) as cents,
  '{{ run_started_at.strftime("%Z") }}' as zone, '{{ modules.datetime.date(2024, 1, 31) }}' as until
{{ config(meta={'zone': run_started_at.tzinfo | string, 'until': modules.datetime.date(2024, 1, 31).isoformat()}) }}
