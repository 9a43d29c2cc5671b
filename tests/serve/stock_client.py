"""stock_client.py PLUMB: what Airflow's own client does with Airflow it does with us: signs in, lists, triggers,
waits, reads logs and values, clears, marks, backfills, and manages pools and variables. Its models are strict: an answer
that is not of Airflow's shape is an error of the client's."""
import datetime
import os
import sys
import time

import airflow_client.client as airflow
from airflow_client.client import exceptions
from server import Server, project

FILES = {
    "plumb.yml": "name: story\nconnections:\n  files: {type: sqlite, path: data}\n",
    "workflows/hello.yml": """
workflow: hello
description: says hello
tags: [greeting]
params:
  who: {default: world}
tasks:
  - {id: greet, shell: "echo hello {{ params.who }}; echo answer=42 >> $PLUMB_VALUES"}
  - {id: each, shell: "echo {{ item }}", map: {over: [a, b, c]}, after: [greet]}
  - {id: end, shell: "test -e flag", after: [each]}
""",
    "workflows/daily.yml": """
workflow: daily
schedule: "0 7 * * *"
start_date: 2026-01-01
paused: true
tasks: [{id: only, shell: "true"}]
""",
    "workflows/asks.yml": """
workflow: asks
tasks:
  - {id: person, approve: {message: "Go on?"}}
  - {id: after, shell: "true", after: [person]}
""",
    "workflows/broken.yml": "workflow: broken\ntasks: [{id: x, shel: true}]\n",
}


def wait_for(runs, workflow, run_id):
    for _ in range(400):
        run = runs.get_dag_run(workflow, run_id)
        if run.state in ("success", "failed"):
            return run
        time.sleep(0.05)
    raise AssertionError("the run does not end")


def refused(status, act):
    try:
        act()
    except exceptions.ApiException as error:
        assert error.status == status, (error.status, error.body)
        return error
    raise AssertionError(f"expected {status}")


def lists_workflows(client):
    dags = airflow.DAGApi(client)
    page = dags.get_dags(order_by=["dag_id"])
    assert [dag.dag_id for dag in page.dags] == ["asks", "daily", "hello"], page
    assert dags.get_dags(tags=["greeting"]).total_entries == 1
    assert dags.get_dags(limit=1, offset=1, order_by=["-dag_id"]).dags[0].dag_id == "daily"
    details = dags.get_dag_details("daily")
    assert details.timetable_summary == "0 7 * * *" and details.is_paused and not details.catchup
    assert not dags.patch_dag("daily", airflow.DAGPatchBody(is_paused=False)).is_paused
    assert dags.patch_dag("daily", airflow.DAGPatchBody(is_paused=True)).is_paused
    assert dags.get_dag_tags().tags == ["greeting"]
    refused(404, lambda: dags.get_dag("nobody"))
    tasks = airflow.TaskApi(client)
    assert [task.task_id for task in tasks.get_tasks("hello").tasks] == ["greet", "each", "end"]
    assert tasks.get_task("hello", "greet").downstream_task_ids == ["each"]
    errors = airflow.ImportErrorApi(client).get_import_errors()
    assert errors.total_entries == 1 and errors.import_errors[0].filename == "workflows/broken.yml", errors
    assert "workflow: hello" in airflow.DagSourceApi(client).get_dag_source("hello").content
    versions = airflow.DagVersionApi(client).get_dag_versions("hello")
    assert versions.dag_versions[0].version_number == 1
    airflow.DagVersionApi(client).get_dag_version("hello", 1)
    airflow.DagWarningApi(client).list_dag_warnings()


def triggers_waits_and_reads(client, folder):
    runs, tasks = airflow.DagRunApi(client), airflow.TaskInstanceApi(client)
    body = airflow.TriggerDAGRunPostBody(dag_run_id="first", conf={"who": "you"}, note="by hand")
    run = runs.trigger_dag_run("hello", body)
    assert run.dag_run_id == "first" and run.conf == {"who": "you"} and run.note == "by hand"
    refused(409, lambda: runs.trigger_dag_run("hello", body))
    assert wait_for(runs, "hello", "first").state == "failed"

    page = tasks.get_task_instances("hello", "first", order_by=["task_id"])
    assert page.total_entries == 5, page
    states = {(task.task_id, task.map_index): task.state for task in page.task_instances}
    assert states[("greet", -1)] == "success" and states[("end", -1)] == "failed", states
    assert tasks.get_mapped_task_instances("hello", "first", "each").total_entries == 3
    assert tasks.get_mapped_task_instance("hello", "first", "each", 1).state == "success"
    assert tasks.get_task_instance_tries("hello", "first", "end").total_entries == 1
    tasks.get_task_instance_try_details("hello", "first", "end", 1)
    tasks.get_task_instance_dependencies("hello", "first", "end")
    tasks.get_mapped_task_instance_tries("hello", "first", "each", 0)
    batch = tasks.get_task_instances_batch("~", "~", airflow.TaskInstancesBatchBody(dag_ids=["hello"], state=["failed"]))
    assert [task.task_id for task in batch.task_instances] == ["end"]
    log = tasks.get_log("hello", "first", "greet", 1)
    assert "hello you" in str(log.content.actual_instance), log
    assert "b" in str(tasks.get_log("hello", "first", "each", 1, map_index=1, full_content=True).content)
    values = airflow.XComApi(client)
    assert [value.key for value in values.get_xcom_entries("hello", "first", "greet").xcom_entries] == ["answer"]
    assert "42" in str(values.get_xcom_entry(dag_id="hello", dag_run_id="first", task_id="greet", xcom_key="answer"))

    # Clear what failed; with the file there it goes well.
    (folder / "flag").touch()
    body = airflow.ClearTaskInstancesBody(dag_run_id="first", dry_run=True)
    assert [task.task_id for task in tasks.post_clear_task_instances("hello", body).task_instances] == ["end"]
    body.dry_run = False
    tasks.post_clear_task_instances("hello", body)
    assert wait_for(runs, "hello", "first").state == "success"
    assert tasks.get_task_instance_tries("hello", "first", "end").total_entries == 2

    marked = tasks.patch_task_instance("hello", "first", "end", airflow.PatchTaskInstanceBody(new_state="failed", note="no"))
    assert marked.task_instances[0].state == "failed", marked
    assert runs.patch_dag_run("hello", "first", airflow.DAGRunPatchBody(state="success", note="fine")).note == "fine"
    page = runs.get_dag_runs("~", state=["success"], order_by=["-run_after"], run_id_pattern="first")
    assert page.total_entries == 1 and page.dag_runs[0].duration is not None, page
    assert runs.get_list_dag_runs_batch("~", airflow.DAGRunsBatchBody(dag_ids=["hello"])).total_entries == 1
    runs.clear_dag_run("hello", "first", airflow.DAGRunClearBody(dry_run=False))
    assert wait_for(runs, "hello", "first").state == "success"
    runs.get_upstream_asset_events("hello", "first")
    stats = airflow.DagStatsApi(client).get_dag_stats(dag_ids=["hello"]).dags[0].stats
    assert {stat.state.value: stat.count for stat in stats}["success"] == 1
    runs.delete_dag_run("hello", "first")
    refused(404, lambda: runs.get_dag_run("hello", "first"))


def asks_a_person(client):
    runs, tasks = airflow.DagRunApi(client), airflow.TaskInstanceApi(client)
    runs.trigger_dag_run("asks", airflow.TriggerDAGRunPostBody(dag_run_id="q"))
    for _ in range(200):
        page = tasks.get_hitl_details("~", "~")
        if page.hitl_details:
            break
        time.sleep(0.05)
    assert page.hitl_details[0].options == ["Approve", "Reject"], page
    payload = airflow.UpdateHITLDetailPayload(chosen_options=["Approve"])
    tasks.update_hitl_detail("asks", "q", "person", -1, payload)
    assert wait_for(runs, "asks", "q").state == "success"
    assert tasks.get_hitl_detail("asks", "q", "person", -1).response_received


def manages_what_is_stored(client):
    pools, variables = airflow.PoolApi(client), airflow.VariableApi(client)
    assert pools.post_pool(airflow.PoolBody(name="narrow", slots=2)).open_slots == 2
    refused(409, lambda: pools.post_pool(airflow.PoolBody(name="narrow", slots=2)))
    assert pools.patch_pool("narrow", airflow.PoolPatchBody(pool="narrow", slots=3, include_deferred=False)).slots == 3
    assert {pool.name for pool in pools.get_pools().pools} == {"default_pool", "narrow"}
    pools.delete_pool("narrow")
    refused(404, lambda: pools.get_pool("narrow"))

    variables.post_variable(airflow.VariableBody(key="color", value="blue"))
    assert variables.get_variable("color").value == "blue"
    assert variables.get_variables(variable_key_pattern="col").total_entries == 1
    variables.delete_variable("color")
    refused(404, lambda: variables.get_variable("color"))

    connections = airflow.ConnectionApi(client)
    assert connections.get_connections().connections[0].connection_id == "files"
    refused(403, lambda: connections.post_connection(airflow.ConnectionBody(connection_id="x", conn_type="http")))
    assert connections.test_connection(airflow.ConnectionBody(connection_id="files", conn_type="sqlite")).status


def action(kind, word, entities, **more):
    """BulkBodyPoolBody of one action; the client then makes its own class for the action and the kind."""
    return getattr(airflow, f"BulkBody{kind}Body").from_dict({"actions": [{"action": word, "entities": entities, **more}]})


def changes_several_at_once(client):
    pools, variables = airflow.PoolApi(client), airflow.VariableApi(client)
    pool = lambda name, slots: {"name": name, "slots": slots}
    made = pools.bulk_pools(action("Pool", "create", [pool("a", 1), pool("b", 2)]))
    assert made.create.success == ["a", "b"] and made.create.errors == [] and made.delete is None, made
    again = pools.bulk_pools(action("Pool", "create", [pool("a", 9), pool("c", 9)])).create
    assert again.success == [] and again.errors[0]["status_code"] == 409, again
    again = pools.bulk_pools(action("Pool", "create", [pool("a", 9), pool("c", 9)], action_on_existence="skip")).create
    assert again.success == ["c"] and pools.get_pool("a").slots == 1, again
    gone = pools.bulk_pools(action("Pool", "delete", ["a", "nobody"])).delete
    assert gone.success == [] and "'nobody'" in gone.errors[0]["error"], gone
    gone = pools.bulk_pools(action("Pool", "delete", ["a", "b", "c", "default_pool"])).delete
    assert gone.success == ["a", "b", "c"] and gone.errors[0]["status_code"] == 400, gone
    variables.bulk_variables(action("Variable", "create", [{"key": "color", "value": "blue"}]))
    variables.bulk_variables(action("Variable", "update", [{"key": "color", "value": "red"}]))
    assert variables.get_variable("color").value == "red"
    variables.bulk_variables(action("Variable", "delete", ["color"]))
    refused(403, lambda: airflow.ConnectionApi(client).bulk_connections(action("Connection", "delete", ["files"])))

    runs, tasks = airflow.DagRunApi(client), airflow.TaskInstanceApi(client)
    runs.trigger_dag_run("hello", airflow.TriggerDAGRunPostBody(dag_run_id="several"))
    wait_for(runs, "hello", "several")
    task = lambda name: {"task_id": name, "new_state": "failed", "note": "looked at"}
    done = tasks.bulk_task_instances("hello", "several", action("BulkTaskInstance", "update", [task("greet"), task("nobody")]))
    assert done.update.success == ["greet"] and done.update.errors[0]["status_code"] == 404, done
    assert tasks.get_task_instance("hello", "several", "greet").note == "looked at"
    refused(403, lambda: tasks.delete_task_instance("hello", "several", "greet"))
    runs.delete_dag_run("hello", "several")


def backfills(client):
    api = airflow.BackfillApi(client)
    day = datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)
    body = airflow.BackfillPostBody(dag_id="daily", from_date=day, to_date=day + datetime.timedelta(days=2, hours=23))
    assert api.create_backfill_dry_run(body).total_entries == 3
    airflow.DAGApi(client).patch_dag("daily", airflow.DAGPatchBody(is_paused=False))
    made = api.create_backfill(body)
    runs = airflow.DagRunApi(client)
    for _ in range(400):
        page = runs.get_dag_runs("daily", run_type=["backfill"], state=["success"])
        if page.total_entries == 3:
            break
        time.sleep(0.05)
    assert page.total_entries == 3, page
    assert api.get_backfill(made.id).dag_id == "daily"
    assert api.list_backfills("daily").total_entries == 1


def looks_at_the_rest(client):
    assert airflow.MonitorApi(client).get_health().scheduler.status == "healthy"
    assert airflow.VersionApi(client).get_version().version == "3.1.8"
    events = airflow.EventLogApi(client).get_event_logs(order_by=["-event_log_id"])
    assert events.total_entries > 0
    airflow.EventLogApi(client).get_event_log(events.event_logs[0].event_log_id)
    airflow.JobApi(client).get_jobs()
    airflow.ProviderApi(client).get_providers()
    airflow.PluginApi(client).get_plugins()
    airflow.AssetApi(client).get_assets()
    airflow.AssetApi(client).get_asset_events()
    airflow.ConfigApi(client).get_config()
    value = airflow.ConfigApi(client).get_config_value("server", "address").sections[0].options[0].value
    assert value.actual_instance == "127.0.0.1", value
    refused(404, lambda: airflow.ConfigApi(client).get_config_value("core", "parallelism"))
    refused(404, lambda: airflow.AssetApi(client).get_asset_alias(1))


def main():
    with project(FILES) as folder:
        os.chdir(folder)
        server = Server(sys.argv[1], folder, {"PLUMB_ADMIN_PASSWORD": "correct horse"})
        try:
            host = f"http://127.0.0.1:{server.port}"
            with airflow.ApiClient(airflow.Configuration(host=host)) as nobody:
                refused(401, lambda: airflow.DAGApi(nobody).get_dags())
            answer = server.ask("POST", "/auth/token", {"username": "admin", "password": "correct horse"})
            assert answer.status == 201, answer.body
            settings = airflow.Configuration(host=host, access_token=answer.json()["access_token"])
            with airflow.ApiClient(settings) as client:
                lists_workflows(client)
                triggers_waits_and_reads(client, folder)
                asks_a_person(client)
                manages_what_is_stored(client)
                changes_several_at_once(client)
                backfills(client)
                looks_at_the_rest(client)
        except BaseException:
            print(server.said())
            raise
        finally:
            code = server.stop()
        assert code in (0, 130, 143), code
    print("fine")


main()
