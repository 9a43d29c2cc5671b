"""A real `plumb serve` under measurement: started, asked over HTTP and looked at through its store and /proc."""
import http.client
import json
import os
import signal
import sqlite3
import subprocess
import time
from pathlib import Path


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
