{#
  Models in Python: what is written behind the user's code, so that its dbt.ref(), dbt.source(), dbt.config and dbt.this
  mean something where the code runs.
#}

{% macro py_script_postfix(model) %}
# The part between here and the end was added by the compiler; the code above is the model's.

{{ build_ref_function(model) }}
{{ build_source_function(model) }}
{{ build_config_dict(model) }}

class config:
    def __init__(self, *args, **kwargs):
        pass

    @staticmethod
    def get(key, default=None):
        return config_dict.get(key, default)

    @staticmethod
    def meta_get(key, default=None):
        return meta_dict.get(key, default)


class this:
    """dbt.this() and dbt.this.identifier"""
    database = "{{ this.database }}"
    schema = "{{ this.schema }}"
    identifier = "{{ this.identifier }}"
    {% set name = resolve_model_name(this) %}
    def __repr__(self):
        return '{{ name }}'


class dbtObj:
    def __init__(self, load_df_function) -> None:
        self.source = lambda *args: source(*args, dbt_load_df_function=load_df_function)
        self.ref = lambda *args, **kwargs: ref(*args, **kwargs, dbt_load_df_function=load_df_function)
        self.config = config
        self.this = this()
        self.is_incremental = {{ is_incremental() }}

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
def ref(*args, **kwargs):
    refs = {{ relations | tojson }}
    key = '.'.join(args)
    version = kwargs.get("v") or kwargs.get("version")
    if version:
        key += f".v{version}"
    return kwargs.get("dbt_load_df_function")(refs[key])
{% endmacro %}

{% macro build_source_function(model) %}
  {%- set relations = {} -%}
  {%- for pair in model.sources -%}
    {%- do relations.update({pair | join('.'): resolve_model_name(source(*pair))}) -%}
  {%- endfor -%}
def source(*args, dbt_load_df_function):
    sources = {{ relations | tojson }}
    return dbt_load_df_function(sources['.'.join(args)])
{% endmacro %}

{# Only what the code asks for: a config may hold what Python cannot spell. #}
{% macro build_config_dict(model) %}
  {%- set used, used_meta = {}, {} -%}
  {%- for key, default in zip(model.config.config_keys_used or [], model.config.config_keys_defaults or []) -%}
    {%- do used.update({key: model.config.get(key, default)}) -%}
  {%- endfor -%}
  {%- for key, default in zip(model.config.meta_keys_used or [], model.config.meta_keys_defaults or []) -%}
    {%- do used_meta.update({key: (model.config.meta or {}).get(key, default)}) -%}
  {%- endfor -%}
config_dict = {{ used }}
meta_dict = {{ used_meta }}
{% endmacro %}

{% macro resolve_model_name(input_model_name) %}
  {{ return(adapter.dispatch('resolve_model_name', 'dbt')(input_model_name)) }}
{% endmacro %}

{%- macro default__resolve_model_name(input_model_name) -%}
  {{ input_model_name | string | replace('"', '\"') }}
{%- endmacro -%}

{# For packages that ask which of the two engines runs them. #}
{% macro is_core_v2() %}
  {{ return(false) }}
{% endmacro %}
