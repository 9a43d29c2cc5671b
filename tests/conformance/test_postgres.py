"""The suite on Postgres: a schema of each class's own in the database that PGHOST and the like name."""
import os

import pytest
from dbt.tests.adapter.functions.test_udfs import SqlUDFDefaultArgSupport
from dbt.tests.adapter.materialized_view import changes
from dbt.tests.adapter.materialized_view.basic import MaterializedViewBasic
from dbt.tests.adapter.simple_copy.test_copy_uppercase import BaseSimpleCopyUppercase
from dbt.tests.util import get_model_file, set_model_file

from suite import stories

TARGET = {
    "type": "postgres", "threads": 4, "host": os.environ["PGHOST"], "port": int(os.environ.get("PGPORT", 5432)),
    "user": os.environ["PGUSER"], "password": "none", "dbname": os.environ["PGDATABASE"],
}

globals().update(stories(__name__, {"target_user": (TARGET["user"], "root")}))


@pytest.fixture(scope="class")
def dbt_profile_target():
    return dict(TARGET)


class TestSimpleCopyUppercase(BaseSimpleCopyUppercase):
    @pytest.fixture(scope="class")
    def dbt_profile_target(self):
        return {**TARGET, "dbname": "dbtMixedCase"}


class TestSqlUDFDefaultArgSupport(SqlUDFDefaultArgSupport):
    expect_default_arg_support = True


def kind_of_relation(project, relation):
    sql = f"""
        select case relkind when 'r' then 'table' when 'v' then 'view' when 'm' then 'materialized_view' end
        from pg_class join pg_namespace on pg_namespace.oid = relnamespace
        where nspname = '{relation.schema}' and relname = '{relation.identifier}'"""
    return project.run_sql(sql, fetch="one")[0]


class TestMaterializedViewBasic(MaterializedViewBasic):
    query_relation_type = staticmethod(kind_of_relation)

    @staticmethod
    def insert_record(project, table, record):
        project.run_sql(f"insert into {table} (id, value) values {record}")

    @staticmethod
    def refresh_materialized_view(project, materialized_view):
        project.run_sql(f"refresh materialized view {materialized_view}")

    @staticmethod
    def query_row_count(project, relation):
        return project.run_sql(f"select count(*) from {relation}", fetch="one")[0]


class IndexChanges(changes.MaterializedViewChanges):
    """Indexes are all that dbt-postgres changes; nothing needs a new view."""

    query_relation_type = staticmethod(kind_of_relation)

    @staticmethod
    def indexed_columns(project, relation):
        sql = f"select indexdef from pg_indexes where schemaname = '{relation.schema}' and tablename = '{relation.identifier}'"
        return sorted(row[0].split("(")[1].rstrip(")") for row in project.run_sql(sql, fetch="all"))

    @pytest.fixture(scope="class", autouse=True)
    def models(self):
        config = "{{ config(materialized='materialized_view', indexes=[{'columns': ['id']}]) }}"
        return {"my_materialized_view.sql": config + "select * from {{ ref('my_seed') }}"}

    @classmethod
    def check_start_state(cls, project, materialized_view):
        assert cls.indexed_columns(project, materialized_view) == ["id"]

    @staticmethod
    def change_config_via_alter(project, materialized_view):
        model = get_model_file(project, materialized_view)
        set_model_file(project, materialized_view, model.replace("['id']", "['value']"))

    @classmethod
    def check_state_alter_change_is_applied(cls, project, materialized_view):
        assert cls.indexed_columns(project, materialized_view) == ["value"]


class TestMaterializedViewChangesApply(IndexChanges, changes.MaterializedViewChangesApplyMixin):
    pass


class TestMaterializedViewChangesContinue(IndexChanges, changes.MaterializedViewChangesContinueMixin):
    pass


class TestMaterializedViewChangesFail(IndexChanges, changes.MaterializedViewChangesFailMixin):
    pass


NO_REPLACE = "dbt-postgres has no change that needs a new view"
NO_PYTHON = "Postgres has no Python models"
NO_OTHER_FUNCTIONS = "dbt-postgres fails it too: it makes no functions in Python, and no aggregates"
NOT_IN_DBT_1_11 = "needs a dbt later than 1.11: `seed` has no --empty"
NOT_APPLICABLE = {
    "TestMaterializedViewChangesApply::test_change_is_applied_via_replace": NO_REPLACE,
    "TestMaterializedViewChangesContinue::test_change_is_not_applied_via_replace": NO_REPLACE,
    "TestMaterializedViewChangesFail::test_change_is_not_applied_via_replace": NO_REPLACE,
    "TestGetCatalogForSingleRelation": "dbt-postgres has no catalog of one relation",
    "TestClonePossible::test_can_clone_true": "dbt-postgres clones by views, see TestCloneNotPossible",
    "TestCloneSameSourceAndTarget": "dbt-postgres fails it too: it clones by views",
    "TestMetadataWithEmptyFlag::test_run[alter_column_type]": "dbt-postgres fails it too: MY_VALUE is no column of Postgres",
    "TestEmptyInlineSourceRef": "dbt-postgres fails it too: an emptied source gets a second alias",
    "TestEmptySeedFlag::test_seed_empty_creates_table_with_zero_rows": NOT_IN_DBT_1_11,
    "TestEmptySeedFlag::test_seed_empty_preserves_column_types": NOT_IN_DBT_1_11,
    "TestEmptySeedFlag::test_build_empty_with_seed": NOT_IN_DBT_1_11,
    "TestCurrentTimestampNaive": "current_timestamp() is aware of zones, see TestCurrentTimestampAware",
    "TestEscapeSingleQuotesBackslash": "Postgres escapes quotes by doubling them, see TestEscapeSingleQuotesQuote",
    **dict.fromkeys(
        ["TestPythonModelTests", "TestPythonIncrementalTests", "TestPythonMetaGetTests", "TestPythonEmptyTests", "TestPythonSampleTests",
         "TestPySparkTests"], NO_PYTHON),
    **dict.fromkeys(
        ["TestBasicPythonUDAF", "TestPythonUDAFDefaultArgSupport", "TestPythonUDFSupported", "TestPythonUDFDefaultArgSupport",
         "TestPythonUDFVolatilitySupport", "TestPythonUDFWithPackagesSupported", "TestBasicSQLUDAF"], NO_OTHER_FUNCTIONS),
    **dict.fromkeys([name for name in list(globals()) if "JS" in name], "Postgres has no functions in JavaScript"),
}
