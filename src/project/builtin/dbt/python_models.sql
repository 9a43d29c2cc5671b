{#
  Models in Python: what is written behind the user's code, so that its dbt.ref(), dbt.source(), dbt.config and dbt.this
  mean something where the code runs.
#}

{% macro py_script_postfix(model) %}
# Below the model: what its `dbt` is.
{{ build_ref_function(model) }}
{{ build_source_function(model) }}
{{ build_config_dict(model) }}

class config:
    """dbt.config(…), dbt.config.get(key) and dbt.config.meta_get(key)"""
    def __init__(self, *args, **kwargs):
        pass

    get = staticmethod(config_dict.get)
    meta_get = staticmethod(meta_dict.get)


class this:
    """dbt.this: its name as SQL, and the three parts of it"""
    database, schema, identifier = {{ this.database | tojson }}, {{ this.schema | tojson }}, {{ this.identifier | tojson }}

    def __repr__(self):
        return {{ this | string | tojson }}


class dbtObj:
    """Made by who runs the model, who also knows how to read a relation into a frame."""
    is_incremental = {{ is_incremental() }}

    def __init__(self, read):
        self.config, self.this = config, this()
        self.ref = lambda *names, **version: ref(*names, read=read, **version)
        self.source = lambda *names: source(*names, read=read)

{{ py_script_comment() }}
{% endmacro %}

{# An adapter explains here how its users run the script by hand. #}
{% macro py_script_comment() %}
{% endmacro %}

{% macro build_ref_function(model) %}
  {%- set relations = {} -%}
  {%- for reference in model.refs -%}
    {%- set arguments = [reference.name] if reference.package is none else [reference.package, reference.name] -%}
    {%- set relation = ref(*arguments, v=reference.version) -%}
    {%- set key = (arguments | join('.')) ~ ('.v' ~ reference.version if reference.version) -%}
    {%- do relations.update({key: resolve_model_name(relation)}) -%}
  {%- endfor -%}
def ref(*names, read, v=None, version=None):
    wanted = version or v
    return read({{ relations | tojson }}['.'.join(names) + (f'.v{wanted}' if wanted else '')])
{% endmacro %}

{% macro build_source_function(model) %}
  {%- set relations = {} -%}
  {%- for pair in model.sources -%}
    {%- do relations.update({pair | join('.'): resolve_model_name(source(*pair))}) -%}
  {%- endfor -%}
def source(*names, read):
    return read({{ relations | tojson }}['.'.join(names)])
{% endmacro %}

{# As JSON in a text, since Python spells true and null in its own way. #}
{% macro build_config_dict(model) %}
import json
config_dict = json.loads({{ model.config | tojson | tojson }})
meta_dict = config_dict.get('meta') or {}
{% endmacro %}

{% macro resolve_model_name(input_model_name) %}
  {{ return(adapter.dispatch('resolve_model_name', 'dbt')(input_model_name)) }}
{% endmacro %}

{# Its name alone: a model in Python reads all rows, --empty and --sample or not. #}
{%- macro default__resolve_model_name(input_model_name) -%}
  {{- input_model_name.render() -}}
{%- endmacro -%}

{# For packages that ask which of the two engines runs them. #}
{% macro is_core_v2() %}
  {{ return(false) }}
{% endmacro %}
