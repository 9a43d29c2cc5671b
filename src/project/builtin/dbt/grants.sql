{#
  Grants: who may do what with a relation, made so that it is exactly what the `grants` config says.

  Where rights survive the making of a relation (an incremental run, or a database that copies them) those that are no
  longer wanted are taken back; a fresh relation has none to take.
#}

{# Does the database carry rights over to a relation that replaces another? #}
{% macro copy_grants() %}
  {{ return(adapter.dispatch('copy_grants', 'dbt')()) }}
{% endmacro %}

{% macro default__copy_grants() %}
  {{ return(true) }}
{% endmacro %}

{# May one statement name several grantees? #}
{% macro support_multiple_grantees_per_dcl_statement() %}
  {{ return(adapter.dispatch('support_multiple_grantees_per_dcl_statement', 'dbt')()) }}
{% endmacro %}

{%- macro default__support_multiple_grantees_per_dcl_statement() -%}
  {{ return(true) }}
{%- endmacro -%}

{% macro should_revoke(existing_relation, full_refresh_mode=true) %}
  {% if not existing_relation %}
    {{ return(false) }}
  {% endif %}
  {{ return(copy_grants() if full_refresh_mode else true) }}
{% endmacro %}

{% macro get_show_grant_sql(relation) %}
  {{ return(adapter.dispatch('get_show_grant_sql', 'dbt')(relation)) }}
{% endmacro %}

{% macro default__get_show_grant_sql(relation) %}
    show grants on {{ relation.render() }}
{% endmacro %}

{% macro get_grant_sql(relation, privilege, grantees) %}
  {{ return(adapter.dispatch('get_grant_sql', 'dbt')(relation, privilege, grantees)) }}
{% endmacro %}

{%- macro default__get_grant_sql(relation, privilege, grantees) -%}
    grant {{ privilege }} on {{ relation.render() }} to {{ grantees | join(', ') }}
{%- endmacro -%}

{% macro get_revoke_sql(relation, privilege, grantees) %}
  {{ return(adapter.dispatch('get_revoke_sql', 'dbt')(relation, privilege, grantees)) }}
{% endmacro %}

{%- macro default__get_revoke_sql(relation, privilege, grantees) -%}
    revoke {{ privilege }} on {{ relation.render() }} from {{ grantees | join(', ') }}
{%- endmacro -%}

{# One statement for a privilege, or one for each grantee. #}
{% macro get_dcl_statement_list(relation, grant_config, get_dcl_macro) %}
  {{ return(adapter.dispatch('get_dcl_statement_list', 'dbt')(relation, grant_config, get_dcl_macro)) }}
{% endmacro %}

{%- macro default__get_dcl_statement_list(relation, grant_config, get_dcl_macro) -%}
  {%- set statements = [] -%}
  {%- for privilege, grantees in grant_config.items() if grantees -%}
    {%- if support_multiple_grantees_per_dcl_statement() -%}
      {%- do statements.append(get_dcl_macro(relation, privilege, grantees)) -%}
    {%- else -%}
      {%- for grantee in grantees -%}
        {%- do statements.append(get_dcl_macro(relation, privilege, [grantee])) -%}
      {%- endfor -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(statements) }}
{%- endmacro -%}

{% macro call_dcl_statements(dcl_statement_list) %}
  {{ return(adapter.dispatch('call_dcl_statements', 'dbt')(dcl_statement_list)) }}
{% endmacro %}

{% macro default__call_dcl_statements(dcl_statement_list) %}
  {% call statement('grants') %}
    {% for dcl_statement in dcl_statement_list %}
      {{ dcl_statement }};
    {% endfor %}
  {% endcall %}
{% endmacro %}

{% macro apply_grants(relation, grant_config, should_revoke) %}
  {{ return(adapter.dispatch('apply_grants', 'dbt')(relation, grant_config, should_revoke)) }}
{% endmacro %}

{% macro default__apply_grants(relation, grant_config, should_revoke=true) %}
  {% if not grant_config %}
    {{ return(none) }}
  {% endif %}
  {% set missing, superfluous = grant_config, {} %}
  {% if should_revoke %}
    {% set granted = adapter.standardize_grants_dict(run_query(get_show_grant_sql(relation))) %}
    {% set missing = diff_of_two_dicts(grant_config, granted) %}
    {% set superfluous = diff_of_two_dicts(granted, grant_config) %}
    {% if not missing and not superfluous %}
      {{ log('On ' ~ relation.render() ~ ': All grants are in place, no revocation or granting needed.') }}
    {% endif %}
  {% endif %}
  {% set statements = get_dcl_statement_list(relation, superfluous, get_revoke_sql)
                      + get_dcl_statement_list(relation, missing, get_grant_sql) %}
  {% if statements %}
    {{ call_dcl_statements(statements) }}
  {% endif %}
{% endmacro %}
