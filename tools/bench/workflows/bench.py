"""Figures of `plumb serve`: bench.py PLUMB [--tasks N].

Every figure is of a real server on a real disk: each task is a bash that runs `true`, each step is synced to disk before
anything is started. Times of runs are the store's own: from the moment a run was asked for to the end of its last task.
"""
import argparse
import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path


def write_workflows(folder):
    """The shapes that are measured, as files of the project."""
    flows = folder / "workflows"
    flows.mkdir(parents=True)
    (folder / "plumb.yml").write_text("name: bench\npools: {default_pool: 10000}\n")

    def write(name, tasks, head=""):
        lines = [f"workflow: {name}", "max_active_runs: 10000", head, "tasks:"]
        for task, after in tasks:
            lines.append(f"  - {{id: {task}, shell: \"true\", after: [{', '.join(after)}]}}")
        (flows / f"{name}.yml").write_text("\n".join(line for line in lines if line) + "\n")

    def line(count):
        return [(f"t{i}", [f"t{i - 1}"] if i else []) for i in range(count)]

    write("chain", line(10))
    write("parallel", [(f"t{i}", []) for i in range(50)])
    for i in range(100):
        write(f"line10_{i}", line(10))
        write(f"tree10_{i}", [(f"t{k}", [f"t{(k - 1) // 2}"] if k else []) for k in range(10)])
    for i in range(10):
        write(f"line100_{i}", line(100))
    write("fan", [(f"t{i}", []) for i in range(1000)] + [("end", [f"t{i}" for i in range(1000)])],
          "max_active_tasks: 32")
    write("fan_half", [(f"t{i}", []) for i in range(500)] + [("end", [f"t{i}" for i in range(500)])],
          "max_active_tasks: 32")
    write("one", [("t", [])])


def tree(pid):
    """The process and all below it."""
    children = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        parent = int(stat.rpartition(")")[2].split()[1])
        children.setdefault(parent, []).append(int(entry.name))
    found, todo = [], [pid]
    while todo:
        found.append(todo.pop())
        todo += children.get(found[-1], [])
    return found


def resident(pid):
    """Kilobytes of resident memory over the process tree, and proportional ones."""
    rss = pss = 0
    for one in tree(pid):
        try:
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith("Rss:"):
                    rss += int(line.split()[1])
                if line.startswith("Pss:"):
                    pss += int(line.split()[1])
        except OSError:
            pass
    return rss, pss


def cpu_seconds(pid):
    total = 0
    for one in tree(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


class Server:
    def __init__(self, plumb, folder):
        self.folder = folder
        port_file = folder / "port"
        port_file.unlink(missing_ok=True)
        begun = time.perf_counter()
        self.process = subprocess.Popen([plumb, "--project-dir", str(folder), "serve", "--port", "0", "--port-file",
                                         str(port_file), "--tasks", "64"], stdout=subprocess.DEVNULL)
        while True:
            try:
                self.port = int(port_file.read_text())
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                connection.request("GET", "/health")
                if connection.getresponse().read() is not None:
                    break
            except (OSError, ValueError):
                time.sleep(0.0005)
        self.start_seconds = time.perf_counter() - begun

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def trigger(self, connection, workflow):
        connection.request("POST", f"/api/v2/dags/{workflow}/dagRuns", json.dumps({"logical_date": None}),
                           {"Content-Type": "application/json"})
        answer = connection.getresponse()
        body = json.loads(answer.read())
        if answer.status >= 300:
            raise SystemExit(f"{workflow}: {answer.status} {body}")
        return body["dag_run_id"]

    def syncs(self):
        connection = self.connect()
        connection.request("GET", "/metrics")
        for line in connection.getresponse().read().decode().splitlines():
            if line.startswith("plumb_store_syncs_total"):
                return int(float(line.split()[-1]))
        return None

    def ask(self, sql, *values):
        with sqlite3.connect(f"file:{self.folder}/.plumb/store.db?mode=ro", uri=True, timeout=30) as store:
            return store.execute(sql, values).fetchall()

    def wait(self, pattern, count):
        """Until so many runs have ended; seconds from the first request to the last end."""
        while True:
            row = self.ask("SELECT count(*), sum(ended_at IS NOT NULL), min(queued_at), max(ended_at), "
                           "sum(state = 'success') FROM runs WHERE workflow GLOB ?", pattern)[0]
            if row[0] >= count and row[1] == row[0]:
                if row[4] != row[0]:
                    raise SystemExit(f"{pattern}: only {row[4]} of {row[0]} runs succeeded")
                return (row[3] - row[2]) / 1e6
            time.sleep(0.005)

    def stop(self):
        begun = time.perf_counter()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        return time.perf_counter() - begun


def row(what, figure, aim):
    print(f"{what:<58} {figure:>26}   {aim}", flush=True)


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))]


def measure_triggers(server, seconds=6, rate=50):
    """Requests at a steady rate over four connections; from each request to the begin of its first task."""
    asked, lock = {}, threading.Lock()

    def work(offset):
        connection = server.connect()
        begin = time.time()
        for i in range(seconds * rate // 4):
            due = begin + (4 * i + offset) / rate
            time.sleep(max(0, due - time.time()))
            sent = time.time()
            run = server.trigger(connection, "one")
            with lock:
                asked[run] = sent

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.wait("one", len(asked))
    begun = dict(server.ask("SELECT r.run_id, t.started_at FROM runs r JOIN tasks t ON t.run = r.id WHERE r.workflow = 'one'"))
    return [begun[run] / 1e6 - sent for run, sent in asked.items()]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("plumb")
    parser.add_argument("--tasks", type=int, default=5000, help="for the memory after many task runs")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="plumb-bench-") as place:
        folder = Path(place)
        write_workflows(folder)
        Server(arguments.plumb, folder).stop()
        server = Server(arguments.plumb, folder)
        row("start to healthy, 213 workflows", f"{server.start_seconds:.3f} s", "0.05 s of a small folder")
        empty = folder / "empty"
        (empty / "workflows").mkdir(parents=True)
        (empty / "plumb.yml").write_text("name: empty\n")
        small = Server(arguments.plumb, empty)
        small.stop()
        small = Server(arguments.plumb, empty)
        row("start to healthy, an empty folder", f"{small.start_seconds:.3f} s", "0.05 s (Airflow: 60 s)")
        time.sleep(2)
        before = cpu_seconds(small.process.pid)
        time.sleep(10)
        used = (cpu_seconds(small.process.pid) - before) / 10
        rss, pss = resident(small.process.pid)
        row("idle: memory over the process tree", f"{rss / 1024:.1f} MB, PSS {pss / 1024:.1f} MB", "20 MB (2,168)")
        row("idle: of a core", f"{100 * used:.2f} %", "0.1 %")
        row("SIGTERM to the end", f"{small.stop():.3f} s", "10 s")
        connection = server.connect()
        for name, count, aim in (("chain", 10, "0.03 s (Airflow 10.06, Dagu 0.155)"),
                                 ("parallel", 50, "0.08 s (Airflow 15.7, Dagu 0.356)")):
            times, syncs = [], []
            for i in range(7):
                first = server.syncs()
                server.trigger(connection, name)
                server.wait(name, i + 1)
                took = server.ask("SELECT ended_at - queued_at FROM runs WHERE workflow = ? ORDER BY id DESC LIMIT 1", name)
                times.append(took[0][0] / 1e6)
                last = server.syncs()
                if first is not None:
                    syncs.append((last - first) / count)
            text = f"{min(times):.3f} to {max(times):.3f} s, median {percentile(times, 0.5):.3f}"
            row(f"{name} of {count} `true`", text, aim)
            if syncs:
                row("  syncs to disk for each task", f"{max(syncs):.2f}", "2")
        for prefix, runs, what in (("line10_*", 100, "100 workflows x 10 in line"),
                                   ("line100_*", 10, "10 x 100 in line"), ("tree10_*", 100, "100 x 10 as tree")):
            for i in range(runs):
                server.trigger(connection, prefix.replace("*", str(i)))
            seconds = server.wait(prefix, runs)
            busy = server.ask("SELECT sum(t.ended_at - t.started_at) FROM tasks t JOIN runs r ON r.id = t.run "
                              "WHERE r.workflow GLOB ?", prefix)[0][0] / 1e6
            row(f"1,000 tasks: {what}, all of it", f"{seconds:.2f} s", f"lag 0.5 s (tasks' own time: {busy:.1f} s in all)")
        server.trigger(connection, "fan_half")
        half = server.wait("fan_half", 1)
        server.trigger(connection, "fan")
        row("fan-in of 1,000 to 1 (of 500)", f"{server.wait('fan', 1):.2f} s ({half:.2f})", "linear, 1.5 s")
        delays = measure_triggers(server)
        row("trigger by API to first task, p50, 50 requests/s", f"{1000 * percentile(delays, 0.5):.1f} ms", "")
        row("trigger by API to first task, p99", f"{1000 * percentile(delays, 0.99):.1f} ms", "10 ms")
        before = resident(server.process.pid)[0]
        runs = arguments.tasks // 50
        known = server.ask("SELECT count(*) FROM runs WHERE workflow = 'parallel'")[0][0]
        for i in range(runs):
            server.trigger(connection, "parallel")
            if i % 10 == 9:
                server.wait("parallel", known + i + 1)
        server.wait("parallel", known + runs)
        after = resident(server.process.pid)[0]
        row(f"memory after {runs * 50:,} more task runs", f"{after / 1024:.1f} MB, {(after - before) / 1024:+.1f}", "+2 MB")
        server.stop()


if __name__ == "__main__":
    sys.exit(main())
