"""Kills a server, its spawner, its engine, or a task at random moments under load, again and again: kill_serve.py PLUMB KILLS [SEED].

After each kill the server is started again if need be. In the end every run that the server had said yes to must have
ended, every execution that a task noted must be an attempt of its own in the store, and no process may be left, not
even a grandchild that made itself a session.
"""
import http.client
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WORKFLOW = """
workflow: load
max_active_runs: 1000
tasks:
  - {id: a, shell: "echo $PLUMB_RUN_ID a $PLUMB_TRY_NUMBER >> ledger; sleep 0.0$((RANDOM % 9))"}
  - {id: b, shell: "echo $PLUMB_RUN_ID b $PLUMB_TRY_NUMBER >> ledger; (setsid sleep 4242 &) ; sleep 4243 & sleep 0.1", after: a}
  - {id: c, shell: "echo $PLUMB_RUN_ID c $PLUMB_TRY_NUMBER >> ledger; sleep 0.05 | cat", after: a}
  - {id: d, shell: "echo $PLUMB_RUN_ID d $PLUMB_TRY_NUMBER >> ledger", after: [b, c]}
  - id: e
    sql: {connection: book, statement: "INSERT INTO ledger VALUES ('{{ run.run_id }}', 'e', {{ task.try_number }})"}
    after: a
"""


class House:
    def __init__(self, plumb, folder):
        self.plumb, self.folder, self.process = plumb, folder, None
        (folder / "workflows").mkdir()
        (folder / "plumb.yml").write_text("name: kills\ndefaults: {retries: 50, retry_delay: 10ms}\n"
                                          "connections: {book: {type: sqlite, path: book.db}}\n")
        with sqlite3.connect(folder / "book.db") as book:
            book.execute("CREATE TABLE ledger (run TEXT, task TEXT, try INTEGER)")
        (folder / "workflows" / "load.yml").write_text(WORKFLOW)
        self.asked = []

    def start(self):
        port_file = self.folder / "port"
        port_file.unlink(missing_ok=True)
        self.process = subprocess.Popen([self.plumb, "--project-dir", str(self.folder), "serve", "--port", "0",
                                         "--port-file", str(port_file)], stdout=subprocess.DEVNULL,
                                        stderr=open(self.folder / "errors", "a"))
        for _ in range(4000):
            try:
                self.port = int(port_file.read_text())
                return
            except (OSError, ValueError):
                if self.process.poll() is not None:
                    raise SystemExit("the server did not start: " + (self.folder / "errors").read_text()[-2000:])
                time.sleep(0.005)
        raise SystemExit("the server did not start in time")

    def trigger(self):
        """A run, if the server lives long enough to say yes."""
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
            connection.request("POST", "/api/v2/dags/load/dagRuns", json.dumps({"logical_date": None}),
                               {"Content-Type": "application/json"})
            answer = connection.getresponse()
            body = answer.read()
            if answer.status < 300:
                self.asked.append(json.loads(body)["dag_run_id"])
        except (OSError, http.client.HTTPException, ValueError):
            pass

    def ask(self, sql):
        with sqlite3.connect(f"file:{self.folder}/.plumb/store.db?mode=ro", uri=True, timeout=30) as store:
            return store.execute(sql).fetchall()


def children_of(pid):
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(entry.name))
        except OSError:
            pass
    return found


def words_of(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def marked(folder):
    """Processes that work for this folder's server: their environment says so, or that they are in it."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (f"PLUMB_PROJECT_DIR={folder}".encode() in (entry / "environ").read_bytes()
                                         or os.readlink(entry / "cwd") == str(folder)):
                found.append((int(entry.name), words_of(entry.name)))
        except OSError:
            pass
    return found


def kill_one(house, dice):
    """Who it was."""
    server = house.process.pid
    children = children_of(server)
    engines = [child for child in children if " engine " in words_of(child)]
    spawners = [child for child in children if child not in engines]
    choice = dice.random()
    if engines and dice.random() < 0.2:
        os.kill(engines[0], signal.SIGKILL)
        return "engine"
    if choice < 0.45 or not spawners:
        os.kill(server, signal.SIGKILL)
        house.process.wait()
        return "server"
    spawner = dice.choice(spawners)
    if choice < 0.65:
        os.kill(spawner, signal.SIGKILL)
        return "spawner"
    if choice < 0.8:
        for victim in (server, spawner):
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                pass
        house.process.wait()
        return "both"
    tasks = children_of(spawner)
    if tasks:
        try:
            os.kill(dice.choice(tasks), signal.SIGKILL)
        except ProcessLookupError:
            pass
    return "task"


def main():
    plumb, kills = os.path.abspath(sys.argv[1]), int(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.randrange(1 << 30)
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="plumb-kills-") as place:
        folder = Path(place).resolve()
        house = House(plumb, folder)
        house.start()
        mid_work, who = 0, {}
        for _ in range(kills):
            for _ in range(dice.randrange(1, 5)):
                house.trigger()
            time.sleep(dice.random() * 0.15)
            at_work = house.ask("SELECT count(*) FROM attempts WHERE ended_at IS NULL")[0][0]
            mid_work += at_work > 0
            victim = kill_one(house, dice)
            who[victim] = who.get(victim, 0) + 1
            if house.process.poll() is not None:
                house.start()
        until = time.time() + 120
        while time.time() < until:
            open_runs = house.ask("SELECT count(*) FROM runs WHERE ended_at IS NULL")[0][0]
            if open_runs == 0:
                break
            time.sleep(0.1)
        faults = []
        known = dict(house.ask("SELECT run_id, state FROM runs"))
        for run in house.asked:
            if run not in known:
                faults.append(f"lost: {run}")
        open_ones = [run for run, state in known.items() if state not in ("success", "failed")]
        if open_ones:
            faults.append(f"{len(open_ones)} runs never ended")
        attempts = set(house.ask("SELECT r.run_id, a.task, a.try_number FROM attempts a JOIN runs r ON r.id = a.run"))
        seen = set()
        lines = (folder / "ledger").read_text().splitlines()
        with sqlite3.connect(folder / "book.db") as book:
            lines += [" ".join(map(str, row)) for row in book.execute("SELECT * FROM ledger")]
        for line in lines:
            run, task, number = line.split()
            execution = (run, task, int(number))
            if execution in seen:
                faults.append(f"executed twice as one attempt: {line}")
            if execution not in attempts:
                faults.append(f"executed without an attempt in the store: {line}")
            seen.add(execution)
        house.process.send_signal(signal.SIGTERM)
        house.process.wait(20)
        for _ in range(50):
            left = marked(folder)
            if not left:
                break
            time.sleep(0.1)
        faults += [f"left behind: {pid} {command}" for pid, command in left]
        failed = sum(state == "failed" for state in known.values())
        print(f"seed {seed}: {kills} kills ({', '.join(f'{n} {name}' for name, n in sorted(who.items()))}), "
              f"{mid_work} of them in mid-work ({100 * mid_work // kills} %); {len(house.asked)} runs asked for, "
              f"{len(known)} made, {failed} failed, {len(seen)} executions")
        for fault in faults[:20]:
            print(fault)
        sys.exit(1 if faults else 0)


main()
