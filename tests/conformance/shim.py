"""plumb in place of dbt: what the suite's helpers give, taken from the program's exit code, output and artifacts.

`install(program)` swaps run_dbt, run_dbt_and_capture, get_manifest and patch_microbatch_end_time of dbt.tests.util. A
call runs the program with the very arguments that dbt would get. Results are dbt's own classes, filled from
manifest.json and run_results.json, so that a story looks at them as ever. What a story does with its own hands (seed a
table, compare two) goes on to use dbt's adapter within this process; it lets go of the database before plumb starts.

A command line tells no types of exceptions: what ends it counts as any of dbt's, and its words have to fit.
"""
import contextlib
import datetime
import json
import os
import pathlib
import subprocess
import sys
import types

import dbt.tests.util as util
from dbt.adapters.factory import FACTORY
from dbt.artifacts.schemas.results import NodeStatus
from dbt.cli.exceptions import DbtUsageException
from dbt.contracts.graph.manifest import Manifest, WritableManifest
from dbt.contracts.results import CatalogArtifact, RunExecutionResult, RunResult
from dbt.exceptions import ParsingError
from dbt_common.clients.agate_helper import table_from_data_flat
from dbt_common.exceptions import CompilationError, DbtDatabaseError

TIMEOUT = 100  # seconds; a test has more
COMMANDS = ("build", "clean", "clone", "compile", "debug", "deps", "docs", "list", "ls", "parse", "retry", "run", "run-operation",
            "seed", "show", "snapshot", "source", "test")


class PlumbError(CompilationError, ParsingError, DbtDatabaseError, DbtUsageException):
    """The command ended without any results."""

    def __init__(self, text):
        self.msg = text
        self.node = None
        Exception.__init__(self, text)

    def __str__(self):
        return self.msg


def let_go_of_database():
    for adapter in list(FACTORY.adapters.values()):
        adapter.cleanup_connections()
        close_all = getattr(adapter.connections, "close_all_connections", None)
        if close_all:
            close_all()
        adapter.cache.clear()


def take_connections():
    """As a command of dbt's leaves them: one for this thread, which opens when somebody uses it."""
    for adapter in list(FACTORY.adapters.values()):
        adapter.acquire_connection("master")


def age_of(path):
    return path.stat().st_mtime_ns if path.exists() else None


def clock_of(environment):
    """A story that stops Python's clock stops plumb's, too."""
    now = datetime.datetime.now(datetime.timezone.utc)
    if type(now).__name__ == "FakeDatetime":
        environment["PLUMB_NOW"] = now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return environment


def read_manifest(project_root):
    path = pathlib.Path(project_root) / "target" / "manifest.json"
    if not path.exists():
        return None
    return Manifest.from_writable_manifest(WritableManifest.read_and_check_versions(str(path)))


def find_node(manifest, unique_id, entry):
    node = manifest.nodes.get(unique_id) or manifest.unit_tests.get(unique_id) or manifest.sources.get(unique_id)
    node = node or getattr(manifest, "functions", {}).get(unique_id)
    if node is None:  # hooks, inline queries
        node = types.SimpleNamespace(unique_id=unique_id, name=unique_id.split(".")[-1], resource_type=unique_id.split(".")[0])
    for key in ("compiled_code", "relation_name"):
        if entry.get(key) is not None:
            with contextlib.suppress(AttributeError):
                setattr(node, key, entry[key])
    return node


def read_results(path, project_root):
    artifact = json.loads(path.read_text())
    manifest = read_manifest(project_root)
    results = [
        RunResult(status=NodeStatus(entry["status"]), timing=[], thread_id=entry["thread_id"], execution_time=entry["execution_time"],
                  adapter_response=entry["adapter_response"], message=entry["message"], failures=entry["failures"],
                  node=find_node(manifest, entry["unique_id"], entry))
        for entry in artifact["results"]
    ]
    return RunExecutionResult(results=results, elapsed_time=artifact["elapsed_time"], args=artifact["args"])


def value_of(args, option, fallback):
    return args[args.index(option) + 1] if option in args else fallback


class Plumb:
    def __init__(self, program):
        self.program = program

    def command_line(self, args):
        args = [str(arg) for arg in args]
        for option, folder in (("--project-dir", os.getcwd()), ("--profiles-dir", os.environ.get("DBT_PROFILES_DIR"))):
            if folder and option not in args:
                args += [option, folder]
        return [self.program, *args]

    def run(self, args, expect_pass, callbacks):
        args = ["run"] if args is None else list(args)
        command = next((arg for arg in args if arg in COMMANDS), None)
        asks_rows = command == "show" and "--output" not in args
        if asks_rows:
            args += ["--output", "json"]
        if callbacks:
            args += ["--log-format", "json"]
        print(f"\n\nInvoking plumb with {args}")
        let_go_of_database()
        root = pathlib.Path(value_of(args, "--project-dir", "."))
        target = root / value_of(args, "--target-path", "target")
        artifact = target / ("catalog.json" if command == "docs" else "run_results.json")
        before = age_of(artifact)
        done = subprocess.run(self.command_line(args), capture_output=True, text=True, timeout=TIMEOUT, check=False,
                              env=clock_of(dict(os.environ)))
        take_connections()
        sys.stdout.write(done.stdout)
        sys.stderr.write(done.stderr)
        output = done.stdout + done.stderr
        for callback in callbacks or ():
            for event in events_of(output):
                callback(event)
        written = artifact if age_of(artifact) != before else None
        result = self.result_of(command, done, root, written)
        if done.returncode > 1 or (done.returncode == 1 and result is None and command != "debug"):
            raise PlumbError(output)
        if expect_pass is not None:
            assert (done.returncode == 0) == expect_pass, "dbt exit state did not match expected"
        return result, output

    def result_of(self, command, done, root, artifact):
        """What dbtRunner's result would be; `artifact`: the one that this very command has written."""
        if command in ("ls", "list"):
            return done.stdout.splitlines()
        if command == "debug":
            return done.returncode == 0
        if command == "parse":
            return read_manifest(root)
        if artifact is None:
            return None
        if command == "docs":
            return CatalogArtifact.from_dict(json.loads(artifact.read_text()))
        results = read_results(artifact, root)
        if command == "show" and done.returncode == 0:
            rows = json.loads(done.stdout[done.stdout.index("{"):])["show"]
            results.results[0].agate_table = table_from_data_flat(rows, list(rows[0]) if rows else [])
        return results


class Event(types.SimpleNamespace):
    """Answers as dbt's events do, in which a field that nobody has set is empty: event.info.name, event.data.sql."""
    def __getattr__(self, name):
        return Event()


def events_of(output):
    """Log lines in JSON."""
    def as_object(value):
        return Event(**value)

    for line in output.splitlines():
        if line.startswith("{"):
            with contextlib.suppress(json.JSONDecodeError):
                yield json.loads(line, object_hook=as_object)


def install(program):
    plumb = Plumb(program)

    def run_dbt(args=None, expect_pass=True, callbacks=None):
        return plumb.run(args, expect_pass, callbacks)[0]

    def run_dbt_and_capture(args=None, expect_pass=True):
        return plumb.run(args, expect_pass, None)

    @contextlib.contextmanager
    def patch_microbatch_end_time(text):
        os.environ["PLUMB_NOW"] = text.replace(" ", "T") + "Z"
        try:
            yield
        finally:
            del os.environ["PLUMB_NOW"]

    util.run_dbt = run_dbt
    util.run_dbt_and_capture = run_dbt_and_capture
    util.get_manifest = read_manifest
    util.patch_microbatch_end_time = patch_microbatch_end_time
