"""A `plumb serve` in a folder of its own, and plain requests to it. For the stories beside."""
import contextlib
import http.client
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import urllib.parse


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)


class Server:
    def __init__(self, program, folder, environment=None, options=()):
        self.folder = pathlib.Path(folder)
        port_file = self.folder / "port"
        port_file.unlink(missing_ok=True)
        self.output = open(self.folder / "output", "ab")
        self.process = subprocess.Popen(
            [program, "--project-dir", str(folder), "serve", "--port", "0", "--port-file", str(port_file), *options],
            stdout=self.output, stderr=self.output, env={**os.environ, **(environment or {})})
        for _ in range(400):
            if port_file.exists() and port_file.read_text().strip():
                break
            assert self.process.poll() is None, self.said()
            time.sleep(0.025)
        self.port = int(port_file.read_text())
        self.asked = []  # (method, path, answer), for whoever looks at all of them

    def said(self):
        return (self.folder / "output").read_text()

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        text = json.dumps(body) if body is not None and not isinstance(body, (str, bytes)) else body
        connection.request(method, path, text, {"Content-Type": "application/json", **(headers or {})})
        response = connection.getresponse()
        answer = Answer(response.status, dict(response.getheaders()), response.read().decode())
        connection.close()
        self.asked.append((method, path, answer))
        return answer

    def run(self, workflow, **body):
        answer = self.ask("POST", f"/api/v2/dags/{workflow}/dagRuns", {"logical_date": None, **body})
        assert answer.status == 200, answer.body
        return answer.json()["dag_run_id"]

    def finished(self, workflow, run_id, patience=60):
        path = f"/api/v2/dags/{workflow}/dagRuns/{urllib.parse.quote(run_id, safe='')}"
        for _ in range(patience * 20):
            state = self.ask("GET", path).json()["state"]
            if state in ("success", "failed"):
                return state
            time.sleep(0.05)
        raise AssertionError(f"{run_id} did not end")

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=15)
        self.output.close()
        return code


@contextlib.contextmanager
def project(files):
    """A folder with these files: {"workflows/a.yml": text}."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {"plumb.yml": "name: story\n", **files}.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        yield pathlib.Path(folder)
