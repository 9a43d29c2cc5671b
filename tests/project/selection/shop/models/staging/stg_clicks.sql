select * from {{ source('web','clicks') }}
