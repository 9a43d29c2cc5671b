"""The suite on Postgres: a schema of each class's own in the database that PGHOST and the like name."""
import os

import pytest

from suite import stories

globals().update(stories(__name__))


@pytest.fixture(scope="class")
def dbt_profile_target():
    return {
        "type": "postgres", "threads": 4, "host": os.environ["PGHOST"], "port": int(os.environ.get("PGPORT", 5432)),
        "user": os.environ["PGUSER"], "password": "none", "dbname": os.environ["PGDATABASE"],
    }


NOT_APPLICABLE = {}
