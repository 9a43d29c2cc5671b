#!/usr/bin/env python3
"""kill_load.py PLUMB ROUNDS [SEED]: `kill -9` at random moments of a load; after the next load the rows are those of an
undisturbed run.

Each round loads the sandbox bank into a fresh folder, is killed somewhere between its first call and its end, and loads
again. Rows are compared but for what names the load itself. At least 80 % of the kills must hit a load at work: its
process is alive, has called the bank, and has not said that it is done.
"""
import os
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

PLUMB = os.path.abspath(sys.argv[1])
ROUNDS = int(sys.argv[2])
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else int(time.time())
NOW = "2026-11-20T07:00:00Z"
OWN_COLUMNS = {"_plumb_load_id", "read_at"}  # differ from load to load


def post(port, target):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/_sandbox/{target}", method="POST", data=b"")
    urllib.request.urlopen(request, timeout=10).read()


def calls(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_sandbox/calls", timeout=10) as answer:
        return answer.read().count(b"\n")


def forget_calls(port):
    request = urllib.request.Request(f"http://127.0.0.1:{port}/_sandbox/calls", method="DELETE")
    urllib.request.urlopen(request, timeout=10).read()


def make_folder(parent, name, port):
    folder = parent / name
    subprocess.run([PLUMB, "init", folder], check=True, capture_output=True)
    env = (folder / ".env").read_text().replace("127.0.0.1:8801", f"127.0.0.1:{port}")
    (folder / ".env").write_text(env)
    return folder


def start_load(folder):
    environment = dict(os.environ, PLUMB_NOW=NOW, XDG_CONFIG_HOME=str(folder / "config"))
    return subprocess.Popen([PLUMB, "--project-dir", folder, "load", "bank"], env=environment,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def load(folder):
    process = start_load(folder)
    out, errors = process.communicate(timeout=120)
    if process.returncode == 3:  # killed while the bank asked: it is not asked again before a person signs in
        environment = dict(os.environ, PLUMB_NOW=NOW, XDG_CONFIG_HOME=str(folder / "config"))
        subprocess.run([PLUMB, "--project-dir", folder, "connections", "login", "bank"], env=environment, check=True,
                       capture_output=True, timeout=60)
        process = start_load(folder)
        out, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors.decode()
    return out


def rows(folder):
    database = sqlite3.connect(folder / "data/raw_bank.db")
    assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    names = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    found = {}
    for name in names:
        assert not name.startswith("_plumb_stage"), f"{name} was left behind"
        if name.startswith("_plumb"):
            continue
        columns = [row[1] for row in database.execute(f'PRAGMA table_info("{name}")') if row[1] not in OWN_COLUMNS]
        listed = ", ".join(f'"{column}"' for column in sorted(columns))
        found[name] = sorted(map(repr, database.execute(f'SELECT {listed} FROM "{name}"')))
    cursor = database.execute("SELECT resource, cursor FROM _plumb_state ORDER BY resource").fetchall()
    found["_plumb_state"] = cursor
    return found


def main():
    dice = random.Random(SEED)
    with tempfile.TemporaryDirectory(prefix="plumb-kill-") as parent:
        parent = pathlib.Path(parent)
        port_file = parent / "port"
        bank = subprocess.Popen([PLUMB, "sandbox", "comdirect", "--now", NOW, "--push-delay-ms", "0", "--port-file", port_file],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while not port_file.exists() or not port_file.read_text().strip():
                time.sleep(0.02)
            port = int(port_file.read_text())
            # Every call takes a little, as a bank's does, so that a load lasts long enough to be hit.
            post(port, "faults?kind=slow&delay_ms=15&times=-1")
            begun = time.monotonic()
            undisturbed = make_folder(parent, "undisturbed", port)
            load(undisturbed)
            lasted = time.monotonic() - begun
            expected = rows(undisturbed)
            assert len(expected["transactions"]) > 500, "the undisturbed load is too small to tell anything"

            hits = 0
            for round_number in range(ROUNDS):
                folder = make_folder(parent, f"round{round_number}", port)
                forget_calls(port)
                process = start_load(folder)
                time.sleep(dice.uniform(0.1, 0.9) * lasted)
                alive = process.poll() is None
                process.send_signal(signal.SIGKILL)
                out, _ = process.communicate()
                if alive and calls(port) > 0 and not out:
                    hits += 1
                load(folder)
                got = rows(folder)
                for name in expected:
                    assert got.get(name) == expected[name], f"seed {SEED}, round {round_number}: {name} differs"
            print(f"{ROUNDS} kills, {hits} of them in mid-load; seed {SEED}; an undisturbed load takes {lasted:.2f} s")
            assert hits >= 0.8 * ROUNDS, "too few kills hit a load at work"
        finally:
            bank.terminate()
            bank.wait()


main()
