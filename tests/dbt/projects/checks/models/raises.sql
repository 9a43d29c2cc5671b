{% if execute and var('raises', true) %}{{ exceptions.raise_compiler_error("not like this: " ~ this.name) }}{% endif %} select 1 as id
