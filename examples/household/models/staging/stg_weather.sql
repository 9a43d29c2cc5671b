-- The service's documents, taken apart.
select
    id,
    city,
    cast(ingested_at as timestamptz) as seen_at,
    cast(cast(data as json) ->> '$.main.temp' as double) as celsius,
    cast(cast(data as json) ->> '$.main.humidity' as integer) as humidity,
    cast(cast(data as json) ->> '$.wind.speed' as double) as wind,
    cast(data as json) ->> '$.weather[0].description' as description
from {{ source('weather', 'weather_observations') }}
