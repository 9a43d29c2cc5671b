"""Figures of `plumb serve`: bench.py PLUMB [--tasks N], and of large ones: bench.py PLUMB many|history|log|memory.

Every figure is of a real server on a real disk: each task runs `true`, or a bash where it says so, and each step is synced
to disk before anything is started. Times of runs are the store's own: from the moment a run was asked for to the end of its last task.
"""
import argparse
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import scale
from server import Server, cpu_seconds, percentile, resident, row


def write_workflows(folder):
    """The shapes that are measured, as files of the project."""
    flows = folder / "workflows"
    flows.mkdir(parents=True)
    (folder / "plumb.yml").write_text("name: bench\npools: {default_pool: 10000}\n")

    def write(name, tasks, head="", command="true"):
        lines = [f"workflow: {name}", "max_active_runs: 10000", head, "tasks:"]
        for task, after in tasks:
            lines.append(f"  - {{id: {task}, shell: \"{command}\", after: [{', '.join(after)}]}}")
        (flows / f"{name}.yml").write_text("\n".join(line for line in lines if line) + "\n")

    def line(count):
        return [(f"t{i}", [f"t{i - 1}"] if i else []) for i in range(count)]

    write("chain", line(10))
    write("parallel", [(f"t{i}", []) for i in range(50)])
    # No program of its own: only bash can do it.
    write("chain_bash", line(10), command="exit 0")
    write("parallel_bash", [(f"t{i}", []) for i in range(50)], command="exit 0")
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


def floor(count, at_once):
    """Seconds for so many `true` under xargs: what the tasks cost without anybody who keeps an account."""
    begun = time.perf_counter()
    subprocess.run(["xargs", "-P", str(at_once), "-I{}", "true"], check=True, text=True, input="x\n" * count)
    return time.perf_counter() - begun


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("plumb")
    parser.add_argument("--tasks", type=int, default=5000, help="for the memory after many task runs")
    parser.add_argument("large", nargs="*", help=f"what takes minutes: {', '.join(scale.MODES)}")
    arguments = parser.parse_args()
    for mode in arguments.large:
        scale.MODES[mode](arguments.plumb, write_workflows)
    if arguments.large:
        return
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
        for name, count, what, aim in (("chain", 10, "`true`", "0.03 s (Airflow 10.06, Dagu 0.155)"),
                                       ("parallel", 50, "`true`", "0.08 s (Airflow 15.7, Dagu 0.356)"),
                                       ("chain_bash", 10, "bash", ""), ("parallel_bash", 50, "bash", "")):
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
            row(f"{name.split('_')[0]} of {count} {what}", text, aim)
            if syncs:
                row("  syncs to disk for each task", f"{max(syncs):.2f}", "2")
        for prefix, runs, what in (("line10_*", 100, "100 workflows x 10 in line"),
                                   ("line100_*", 10, "10 x 100 in line"), ("tree10_*", 100, "100 x 10 as tree")):
            at_once = min(runs, 64)
            bare = floor(1000, at_once)
            for i in range(runs):
                server.trigger(connection, prefix.replace("*", str(i)))
            seconds = server.wait(prefix, runs)
            bare = (bare + floor(1000, at_once)) / 2
            row(f"1,000 tasks: {what}: lag", f"{seconds - bare:+.2f} s", f"0.5 s ({seconds:.2f} s, xargs {bare:.2f} s)")
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
