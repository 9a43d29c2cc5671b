"""Sends the statements that a run left in target/run straight to DuckDB, in the order in which they ended: the limit."""
import json
import sys

import duckdb

results = json.load(open(sys.argv[1]))["results"]
nodes = json.load(open("target/manifest.json"))["nodes"]
client = duckdb.connect(sys.argv[2])
database = client.execute("select current_database()").fetchone()[0]
for result in results:
    node = nodes[result["unique_id"]]
    path = node["original_file_path"]
    if node["resource_type"] == "test":
        path = f"{path}/{node['path']}"
    with open(f"target/run/{node['package_name']}/{path}") as file:
        sql = file.read().replace(f'"{node["database"] or "big"}"."main"', f'"{database}"."main"')
    if node["resource_type"] == "test":
        client.execute(sql).fetchall()
        continue
    client.execute("begin")
    client.execute(sql)
    client.execute(f'alter table "{database}"."main"."{node["alias"]}__dbt_tmp" rename to "{node["alias"]}"')
    client.execute("commit")
