"""openapi.py PLUMB: every route is asked, and every answer is held against the OpenAPI document that the server gives."""
import json
import re
import sys
import urllib.parse

import jsonschema
from server import Server, project

FILES = {
    "plumb.yml": "name: story\nconnections:\n  files: {type: sqlite, path: data}\n",
    "workflows/one.yml": """
workflow: one
tags: [x]
schedule: {assets: [raw.a]}
tasks:
  - {id: make, shell: "echo hello; echo answer=42 >> $PLUMB_VALUES", produces: [raw.b]}
  - {id: each, shell: "echo {{ item }}", map: {over: [a, b]}, after: [make]}
""",
    "workflows/asks.yml": "workflow: asks\ntasks: [{id: person, approve: {message: 'Go on?'}}]\n",
    "workflows/daily.yml": "workflow: daily\nschedule: '0 7 * * *'\nstart_date: 2026-01-01\ntasks: [{id: t, shell: 'true'}]\n",
    "workflows/broken.yml": "workflow: broken\ntasks: [{id: x, shel: true}]\n",
}
# What a path's names stand for in the story.
NAMES = {"dag_id": "one", "task_id": "make", "map_index": "-1", "try_number": "1", "task_try_number": "1",
         "xcom_key": "answer", "version_number": "1", "asset_id": "1", "backfill_id": "1", "import_error_id": "1",
         "event_log_id": "1", "pool_name": "default_pool", "variable_key": "color", "connection_id": "files",
         "workflow": "asks", "connection": "files", "user": "ann", "token": "none", "file_token": "x",
         "section": "server", "option": "port", "asset_alias_id": "1"}
BODIES = {
    "DAGPatchBody": {"is_paused": False}, "TriggerDAGRunPostBody": {"logical_date": None},
    "DAGRunPatchBody": {"note": "x"}, "DAGRunClearBody": {"dry_run": True}, "PatchTaskInstanceBody": {"note": "x"},
    "ClearTaskInstancesBody": {"dry_run": True, "only_failed": False}, "CreateAssetEventsBody": {"asset_id": 1},
    "PoolBody": {"name": "narrow", "slots": 1}, "PoolPatchBody": {"slots": 9},
    "VariableBody": {"key": "color", "value": "blue"},
    "BackfillPostBody": {"dag_id": "daily", "from_date": "2026-01-02T00:00:00Z", "to_date": "2026-01-03T23:00:00Z"},
    "ConnectionBody": {"connection_id": "files", "conn_type": "sqlite"}, "LoginBody": {"username": "ann", "password": "12345678"},
    "NewUserBody": {"name": "ann", "password": "12345678", "role": "admin"}, "NewTokenBody": {"user": "ann"},
    "ChangeUserBody": {"role": "admin"}, "ApproveBody": {"task": "person", "approved": True},
    "UpdateHITLDetailPayload": {"chosen_options": ["Approve"]},
    "BulkBody": {"actions": [{"action": "delete", "entities": ["nobody"]}]},
}
STREAMS = ("/changes", "/live", "/wait")


def checker(document, schema):
    return jsonschema.Draft202012Validator({**schema, "components": document["components"]})


def check(document, path, method, operation, answer):
    assert answer.status < 500, (method, path, answer.status, answer.body)
    responses = operation["responses"]
    response = responses.get(str(answer.status), responses["default"])
    content = response.get("content", {})
    if not content:
        assert not answer.body, (method, path, answer.body)
    elif "application/json" in content:
        checker(document, content["application/json"]["schema"]).validate(answer.json())
    return str(answer.status) in responses


def ask(server, document, path, method, operation, names):
    target = re.sub(r"\{(\w+)\}", lambda found: urllib.parse.quote(names[found[1]], safe=""), path)
    body = None
    if "requestBody" in operation:
        name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
        body = BODIES.get(name, {})
    return check(document, path, method, operation, server.ask(method.upper(), target, body))


def main():
    with project(FILES) as folder:
        server = Server(sys.argv[1], folder)
        try:
            document = server.ask("GET", "/openapi.json").json()
            for schema in document["components"]["schemas"].values():
                jsonschema.Draft202012Validator.check_schema(schema)
            asked, run_id = server.run("asks"), server.run("one")
            assert server.finished("one", run_id) == "success"
            names = {**NAMES, "dag_run_id": run_id, "run_id": asked}
            assert server.ask("POST", "/api/v2/variables", BODIES["VariableBody"]).status == 201
            operations = [(path, method, operation) for path, item in document["paths"].items()
                          for method, operation in item.items() if not path.endswith(STREAMS)]
            # First what only asks, then what changes, last what removes; who can sign in comes at the very end.
            order = ["get", "put", "patch", "post", "delete"]
            operations.sort(key=lambda one: ("/plumb/v1/" in one[0] and ("users" in one[0] or "session" in one[0] or "tokens" in one[0]),
                                             order.index(one[1])))
            good = 0
            for path, method, operation in operations:
                if "users" in path or "tokens" in path or path.startswith("/auth"):
                    continue
                good += ask(server, document, path, method, operation, names)
            # 404s and refusals are answers too; but most of the table is to be seen at work.
            assert good > len(operations) * 0.6, (good, len(operations))
            for method, path, status in [("GET", "/nowhere", 404), ("DELETE", "/api/v2/dags", 405),
                                         ("GET", "/api/v2/dags?limit=x", 422), ("GET", "/api/v2/dags?order_by=x", 400),
                                         ("POST", "/api/v2/dags/one/dagRuns", 422), ("GET", "/api/v2/dags/none", 404)]:
                answer = server.ask(method, path, "[1" if method == "POST" else None)
                assert answer.status == status, (method, path, answer.status, answer.body)
                assert "detail" in answer.json()
            print(f"{good} of {len(operations)} routes gave what they promise, the others said why not")
        except BaseException:
            print(server.said())
            raise
        finally:
            server.stop()


main()
