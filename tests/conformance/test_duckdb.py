"""The suite on DuckDB: a file of each class's own."""
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager

from suite import stories

globals().update(stories(__name__))


@pytest.fixture(scope="class")
def dbt_profile_target(tmp_path_factory):
    yield {"type": "duckdb", "threads": 4, "path": str(tmp_path_factory.mktemp("database") / "dbt.duckdb")}
    DuckDBConnectionManager.close_all_connections()


NOT_APPLICABLE = {}
