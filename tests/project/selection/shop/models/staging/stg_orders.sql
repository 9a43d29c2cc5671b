{{ config(tags=['x']) }} select * from {{ source('raw','orders') }}
