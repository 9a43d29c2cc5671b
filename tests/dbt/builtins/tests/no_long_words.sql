select * from {{ ref('a_view') }} where length(word) > 10
