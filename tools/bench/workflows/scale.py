"""Large ones: many workflows, a long history, a huge log, many task runs. Each takes minutes and up to 2 GB of disk."""
import json
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from server import Server, cpu_seconds, percentile, resident, row

SECOND = 1_000_000


def megabytes(server):
    return resident(server.process.pid)[0] / 1024


def page(server, what, path, aim, times=15):
    connection, taken = server.connect(), []
    before = cpu_seconds(server.process.pid)
    for _ in range(times):
        begun = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        taken.append(time.perf_counter() - begun)
        assert answer.status == 200, (path, answer.status, body[:200])
    cpu = (cpu_seconds(server.process.pid) - before) / times
    figure = f"{1000 * min(taken):.1f}, median {1000 * percentile(taken, 0.5):.1f} ms"
    row(what, figure, f"{aim} (CPU {1000 * cpu:.1f} ms)")


def many(plumb, _):
    """10,000 workflows."""
    with tempfile.TemporaryDirectory(prefix="plumb-bench-") as place:
        folder = Path(place)
        (folder / "workflows").mkdir()
        (folder / "plumb.yml").write_text("name: many\n")
        for i in range(10_000):
            (folder / "workflows" / f"w{i:05}.yml").write_text(
                f"workflow: w{i:05}\nschedule: '{i % 60} {3 + i % 20} * * *'\ndescription: the {i}th\n"
                f"tags: [team{i % 10}]\ntasks:\n  - {{id: fetch, shell: 'echo {{{{ ds }}}}'}}\n"
                "  - {id: check, shell: 'true', after: [fetch]}\n  - {id: tell, shell: 'echo', after: [check]}\n")
        begun = time.perf_counter()
        subprocess.run([plumb, "--project-dir", str(folder), "workflows", "check"], check=True,
                       stdout=subprocess.DEVNULL)
        row("10,000 workflows: check", f"{time.perf_counter() - begun:.2f} s", "")
        Server(plumb, folder).stop()
        server = Server(plumb, folder)
        row("  start to healthy", f"{server.start_seconds:.2f} s", "")
        time.sleep(15)
        before = cpu_seconds(server.process.pid)
        time.sleep(10)
        used = (cpu_seconds(server.process.pid) - before) / 10
        row("  idle", f"{megabytes(server):.0f} MB", f"{100 * used:.1f} % of a core")
        for what, path in (("first page", "/api/v2/dags?limit=50"), ("last page", "/api/v2/dags?limit=50&offset=9950"),
                           ("one", "/api/v2/dags/w05000")):
            page(server, f"  {what}", path, "5 ms")
        file = folder / "workflows" / "w05000.yml"
        file.write_text(file.read_text().replace("the 5000th", "another"))
        begun, connection = time.perf_counter(), server.connect()
        while True:
            connection.request("GET", "/api/v2/dags/w05000")
            if json.loads(connection.getresponse().read())["description"] == "another":
                break
            time.sleep(0.005)
        row("  a changed file is known after", f"{time.perf_counter() - begun:.2f} s", "of it 0.2 s until it settles")
        row("  memory then", f"{megabytes(server):.0f} MB", "")
        server.stop()


def fill(store, runs):
    """So many runs of ten tasks over a year, as the server would have written them."""
    names = [name for (name,) in store.execute("SELECT name FROM workflows ORDER BY name LIMIT 100")]
    now = int(time.time() * SECOND)
    step = 400 * 86_400 * SECOND // runs
    counts = {}

    def count(*key):
        counts[key] = counts.get(key, 0) + 1

    def insert(table, columns, rows):
        store.executemany(f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(rows[0]))})", rows)

    store.execute("BEGIN")
    for first in range(1, runs + 1, 2000):
        rows, tasks, attempts, events = [], [], [], []
        for i in range(first, min(first + 2000, runs + 1)):
            name, at, state = names[i % len(names)], now - (runs - i) * step, "success" if i % 50 else "failed"
            run = time.strftime("scheduled__%Y-%m-%dT%H:%M:%S", time.gmtime(at / SECOND)) + f".{at % SECOND:06}+00:00"
            rows.append((i, name, run, "scheduled", state, at, at, at, at, at, at + 1000, at + SECOND, 1, "timetable",
                         "", "", "", -1, "x", "{}"))
            count("run", name, state)
            for k in range(10):
                task_state = state if k == 9 else "success"
                begun = at + k * 50_000
                tasks.append((name, i, f"t{k}", -1, task_state, 1, 1, "shell", "default_pool", 1, 10 - k, begun, begun,
                              begun, begun + 9000, "host", 4711, "", "", "", "", '{"command": "true"}'))
                attempts.append((i, f"t{k}", -1, 1, task_state, begun, begun, begun + 9000, 0, 0, "",
                                 f"{name}/{run}/t{k}/1.log", "host", 4711, "x"))
                count("task", name, task_state)
            events.append((at, "trigger", "anna", name, run, "", "{}"))
            count("event", name, "")
        insert("runs", "id, workflow, run_id, type, state, logical_date, interval_start, interval_end, run_after, "
               "queued_at, started_at, ended_at, version, triggered_by, triggering_user, note, parent_task, "
               "parent_map_index, owner, params_json", rows)
        insert("tasks", "workflow, run, task, map_index, state, try_number, max_tries, kind, pool, slots, priority, "
               "scheduled_at, queued_at, started_at, ended_at, host, pid, message, waiting_for, map_label, note, "
               "rendered_json", tasks)
        insert("attempts", "run, task, map_index, try_number, state, queued_at, started_at, ended_at, exit_code, "
               "signal, message, log, host, pid, owner", attempts)
        insert("events", "at, event, who, workflow, run_id, task, extra_json", events)
    store.executemany("INSERT INTO counts VALUES (?, ?, ?, ?)", [(*key, n) for key, n in counts.items()])
    store.execute("COMMIT")


def history(plumb, write_workflows):
    """1,000,000 task runs of the past: pages, memory, and the sweep that takes most of them away."""
    with tempfile.TemporaryDirectory(prefix="plumb-bench-") as place:
        folder = Path(place)
        write_workflows(folder)
        Server(plumb, folder).stop()
        server = Server(plumb, folder)
        time.sleep(3)
        empty, start = megabytes(server), server.start_seconds
        server.stop()
        with sqlite3.connect(folder / ".plumb" / "store.db", isolation_level=None) as store:
            fill(store, 100_000)
        store.close()
        Server(plumb, folder).stop()
        server = Server(plumb, folder)
        time.sleep(3)
        row("1,000,000 task runs: start", f"{server.start_seconds:.3f} s", f"without any {start:.3f} s")
        row("  idle", f"{megabytes(server):.1f} MB", f"without any {empty:.1f} MB, +2 MB")
        runs, tasks = "/api/v2/dags/~/dagRuns?limit=50", "/api/v2/dags/~/dagRuns/~/taskInstances?limit=50"
        for what, path in (("runs: newest", runs), ("runs: last page", f"{runs}&offset=99950"),
                           ("runs: by start", f"{runs}&order_by=-start_date"), ("runs: failed", f"{runs}&state=failed"),
                           ("tasks: newest", tasks), ("tasks: last page", f"{tasks}&offset=999950"),
                           ("tasks: failed", f"{tasks}&state=failed"),
                           ("events: newest", "/api/v2/eventLogs?limit=50&order_by=-when"),
                           ("events: last page", "/api/v2/eventLogs?limit=50&offset=99950")):
            page(server, f"  {what}", path, "5 ms")
        row("  after that", f"{megabytes(server):.1f} MB", "")
        server.stop()
        with (folder / "plumb.yml").open("a") as file:
            file.write("retention: {history: 30d}\n")
        server = Server(plumb, folder)
        connection, begun, calm, swept = server.connect(), time.perf_counter(), [], []
        while (since := time.perf_counter() - begun) < 180:  # the sweep begins after two minutes
            asked = time.perf_counter()
            connection.request("PATCH", "/api/v2/dags/one", json.dumps({"is_paused": False}),
                               {"Content-Type": "application/json"})
            connection.getresponse().read()
            (calm if since < 115 else swept if since > 125 else []).append(time.perf_counter() - asked)
            time.sleep(0.02)
        left = server.ask("SELECT count(*) FROM runs")[0][0]
        row("  an operation while history is swept, p99", f"{1000 * percentile(swept, 0.99):.1f} ms",
            f"before {1000 * percentile(calm, 0.99):.1f} ms; {100_000 - left:,} runs went in a minute")
        server.stop()


def log(plumb, _):
    """A task that prints 1 GB, and a log file of 1 GB."""
    with tempfile.TemporaryDirectory(prefix="plumb-bench-") as place:
        folder = Path(place)
        (folder / "workflows").mkdir()
        (folder / "plumb.yml").write_text("name: log\n")
        (folder / "workflows" / "big.yml").write_text(
            f"workflow: big\ntasks: [{{id: big, shell: \"yes '{'a line of a log ' * 6}' | head -c 1000000000\"}}]\n")
        server = Server(plumb, folder)
        before, connection = megabytes(server), server.connect()
        run = server.trigger(connection, "big")
        row("1 GB printed by a task", f"{server.wait('big', 1):.1f} s", f"{megabytes(server) - before:+.1f} MB")
        (name,), = server.ask("SELECT log FROM attempts")
        file = folder / ".plumb" / "logs" / name
        row("  of it kept", f"{file.stat().st_size / 1e6:.1f} MB", "64 MiB, and the last 64 KiB")
        with file.open() as lines:
            many_lines = lines.readline() * 10_000
        with file.open("w") as lines:
            while lines.tell() < 1_000_000_000:
                lines.write(many_lines)
        path = f"/api/v2/dags/big/dagRuns/{quote(run)}/taskInstances/big/logs/1"
        for what, query in (("by pages", ""), ("by full_content", "&full_content=true")):
            token, begun, slowest = "o0", time.perf_counter(), 0
            while token:
                asked = time.perf_counter()
                connection.request("GET", f"{path}?token={token}{query}")
                token = json.loads(connection.getresponse().read())["continuation_token"]
                slowest = max(slowest, time.perf_counter() - asked)
            row(f"1 GB of log {what}", f"{time.perf_counter() - begun:.1f} s, {megabytes(server) - before:+.1f} MB",
                f"a page at most {1000 * slowest:.0f} ms")
        live = f"/api/plumb/v1/workflows/big/runs/{quote(run)}/tasks/big/logs/1/live"
        for what, where, accept in (("as text", path, "text/plain"), ("as events", live, "*/*")):
            begun = time.perf_counter()
            connection.request("GET", where, headers={"Accept": accept})
            answer = connection.getresponse()
            while answer.read(1 << 20):
                pass
            row(f"  {what}", f"{time.perf_counter() - begun:.1f} s, {megabytes(server) - before:+.1f} MB", "")
        begun = time.perf_counter()
        subprocess.run([plumb, "--project-dir", str(folder), "logs", "big"], check=True, stdout=subprocess.DEVNULL)
        row("  plumb logs", f"{time.perf_counter() - begun:.1f} s", "")
        server.stop()


def memory(plumb, write_workflows):
    """100,000 task runs."""
    with tempfile.TemporaryDirectory(prefix="plumb-bench-") as place:
        folder = Path(place)
        write_workflows(folder)
        Server(plumb, folder).stop()
        server = Server(plumb, folder)
        time.sleep(12)
        idle, connection, warm = megabytes(server), server.connect(), 0
        for i in range(2000):
            server.trigger(connection, "parallel")
            if i % 20 == 19:
                server.wait("parallel", i + 1)
            if i == 19:
                warm = megabytes(server)
        time.sleep(25)  # until it rests
        row("memory after 100,000 task runs", f"{megabytes(server) - idle:+.1f} MB",
            f"+2 MB; idle {idle:.1f} MB, after the first 1,000 {warm - idle:+.1f} MB")
        server.stop()


MODES = {"many": many, "history": history, "log": log, "memory": memory}
