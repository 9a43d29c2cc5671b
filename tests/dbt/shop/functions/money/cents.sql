{{ config(volatility='deterministic') }} amount * {{ var('limit') }}
