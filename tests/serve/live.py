"""live.py PLUMB: five hundred clients follow a log as it grows, and one the changes; the server needs no thread for any
of them, and little memory."""
import json
import selectors
import socket
import sys
import time
import urllib.parse

from server import Server, project

FILES = {"workflows/talk.yml": """
workflow: talk
tasks:
  - {id: talk, shell: "while [ ! -e ../go ] && [ ! -e go ]; do sleep 0.1; done; for i in 1 2 3 4 5; do echo line $i; sleep 0.1; done"}
"""}
CLIENTS = 500


def follow(port, path, headers=""):
    wire = socket.create_connection(("127.0.0.1", port))
    wire.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n{headers}\r\n".encode())
    return wire


def status_of(pid, name):
    with open(f"/proc/{pid}/status") as file:
        return int(next(line for line in file if line.startswith(name)).split()[1])


def read_all(wires, patience):
    texts = {wire: b"" for wire in wires}
    with selectors.DefaultSelector() as selector:
        for wire in wires:
            wire.setblocking(False)
            selector.register(wire, selectors.EVENT_READ)
        end = time.monotonic() + patience
        while selector.get_map() and time.monotonic() < end:
            for key, _ in selector.select(1):
                piece = key.fileobj.recv(65536)
                texts[key.fileobj] += piece
                if not piece:
                    selector.unregister(key.fileobj)
        assert not selector.get_map(), f"{len(selector.get_map())} did not end"
    return [text.decode() for text in texts.values()]


def main():
    with project(FILES) as folder:
        server = Server(sys.argv[1], folder)
        try:
            changes = follow(server.port, "/api/plumb/v1/changes?workflow=talk")
            run = server.run("talk")
            at = urllib.parse.quote(run, safe="")
            for _ in range(200):
                task = server.ask("GET", f"/api/v2/dags/talk/dagRuns/{at}/taskInstances/talk").json()
                if task["state"] == "running":
                    break
                time.sleep(0.05)
            before = status_of(server.process.pid, "VmRSS")
            path = f"/api/plumb/v1/workflows/talk/runs/{at}/tasks/talk/logs/1/live"
            wires = [follow(server.port, path) for _ in range(CLIENTS)]
            waits = follow(server.port, f"/api/v2/dags/talk/dagRuns/{at}/wait?interval=1&result=talk")
            time.sleep(1)
            (folder / "go").touch()
            texts = read_all(wires, 60)
            threads, after = status_of(server.process.pid, "Threads"), status_of(server.process.pid, "VmRSS")
            for text in texts:
                lines = [json.loads(line[6:])["text"] for line in text.splitlines() if line.startswith('data: {"at"')]
                assert lines == [f"line {i}" for i in range(1, 6)], text
                assert "event: end" in text
            assert threads < 16, threads
            assert after - before < 40_000, (before, after)
            assert json.loads(read_all([waits], 10)[0].splitlines()[-1])["state"] == "success"

            # Whoever comes back goes on where he stopped, and a finished log is told at once.
            last = [line for line in texts[0].splitlines() if line.startswith("id: ")][-1][4:]
            again = read_all([follow(server.port, path, f"Last-Event-ID: {last}\r\n")], 10)[0]
            assert "line" not in again and "event: end" in again, again

            changes.setblocking(False)
            told = changes.recv(1 << 20).decode()
            assert "event: run" in told and '"state":"success"' in told, told
            print(f"{CLIENTS} clients: {threads} threads, {after - before} kB more")
        except BaseException:
            print(server.said())
            raise
        finally:
            server.stop()


main()
