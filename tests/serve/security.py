"""security.py PLUMB: what strangers try. Needs nothing but Python."""
import os
import socket
import stat
import subprocess
import sys
import time
import urllib.parse

from server import Server, project

SECRET, SETTING = "tr0ub4dor-and-3", "s3cret-of-a-setting"
FILES = {
    "plumb.yml": "name: story\nconnections:\n  pg: {type: postgres, host: h, user: u, password: \"{{ env_var('PG_PASSWORD') }}\"}\n"
                 f"  api: {{type: openweather, api_key: {SETTING}}}\n",
    "workflows/leaky.yml": """
workflow: leaky
params:
  x: {default: nothing}
  password: {default: none}
tasks:
  - {id: print, shell: "echo $PG_PASSWORD; echo found=$PG_PASSWORD >> $PLUMB_VALUES", env: {PG_PASSWORD: "{{ env_var('PG_PASSWORD') }}"}}
  - {id: param, shell: "echo \\"$X\\"", env: {X: "{{ params.x }}"}, after: [print]}
""",
}


def raw(port, data, patience=10):
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as wire:
        wire.sendall(data)
        answer = b""
        while piece := wire.recv(65536):
            answer += piece
        return answer.decode()


def refuses_to_be_open_without_a_user(program, folder):
    done = subprocess.run([program, "--project-dir", folder, "serve", "--host", "0.0.0.0", "--port", "0"],
                          capture_output=True, text=True, timeout=30, env={**os.environ, "PG_PASSWORD": SECRET})
    assert done.returncode != 0 and "nobody could sign in" in done.stderr, done
    assert "PLUMB_ADMIN_PASSWORD" in done.stderr, done.stderr


def without_users_only_this_machine_is_admin(server):
    assert server.ask("GET", "/api/v2/dags").status == 200
    assert server.ask("GET", "/api/v2/dags", headers={"Host": "evil.example"}).status == 403, "renamed host"
    pause = {"is_paused": True}
    assert server.ask("PATCH", "/api/v2/dags/leaky", pause, {"Origin": "http://evil.example"}).status == 403, "another site"
    assert server.ask("PATCH", "/api/v2/dags/leaky", pause, {"Sec-Fetch-Site": "cross-site"}).status == 403
    assert server.ask("GET", "/api/v2/dags", headers={"X-Forwarded-For": "9.9.9.9"}).status == 401, "behind a proxy"
    mode = os.stat(server.folder / ".plumb" / "serve.sock").st_mode
    assert stat.S_IMODE(mode) == 0o600, oct(mode)


def shows_no_secret(server):
    run = server.run("leaky", conf={"x": "{{ env_var('PG_PASSWORD') }} {{ 7 * 191 }}", "password": "of-a-param"})
    assert server.finished("leaky", run) == "success"
    at = f"/api/v2/dags/leaky/dagRuns/{urllib.parse.quote(run, safe='')}"
    log = server.ask("GET", at + "/taskInstances/param/logs/1").body
    assert "1337" not in log, "what a person sends is data, not a template"
    for path in ("/api/v2/dags", "/api/v2/dags/leaky/details", "/api/v2/dagSources/leaky", "/api/v2/connections",
                 "/api/v2/connections/pg", "/api/v2/config", "/api/v2/eventLogs", "/metrics", "/openapi.json", at,
                 at + "/taskInstances", at + "/taskInstances/print/logs/1", at + "/taskInstances/print/tries",
                 at + "/taskInstances/print/xcomEntries/found", "/api/plumb/v1/definitions", "/api/plumb/v1/status"):
        assert server.ask("GET", path).status == 200, (path, server.asked[-1][2].body)
    assert "***" in server.ask("GET", at + "/taskInstances/print/logs/1").body
    text = server.ask("GET", at + "/taskInstances/print/logs/1", headers={"Accept": "text/plain"})
    assert "***" in text.body
    live = f"/api/plumb/v1/workflows/leaky/runs/{run}/tasks/print/logs/1/live".replace("+", "%2B").replace(":", "%3A")
    assert "***" in server.ask("GET", live).body
    for method, path, answer in server.asked:
        for secret in (SECRET, SETTING):
            assert secret not in answer.body, (method, path)
    assert "of-a-param" not in server.ask("GET", at).body
    return at


def walks_no_paths(server, at):
    tried = ["/../plumb.yml", "/..%2fplumb.yml", "/%2e%2e/%2e%2e/etc/passwd", "/api/v2/../../etc/passwd",
             at + "/taskInstances/..%2f..%2f..%2fplumb.yml/logs/1", at + "/taskInstances/print/logs/..%2f1",
             "/api/v2/dags/..%2f..%2fplumb/dagRuns/..%2f/taskInstances/x/logs/1",
             "/api/v2/dagSources/..%2f..%2fplumb.yml", at + "/taskInstances/print%00/logs/1"]
    for path in tried:
        answer = raw(server.port, f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        status = int(answer.split()[1])
        assert status in (400, 404, 422), (path, answer)
        assert "connections:" not in answer and "root:" not in answer


def is_read_in_one_way(server):
    head = "POST /api/v2/dags HTTP/1.1\r\nHost: localhost\r\n"
    for headers in ("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 3\r\nContent-Length: 4\r\n"):
        assert " 400 " in raw(server.port, (head + headers + "\r\n0\r\n\r\n").encode()).split("\r\n")[0]
    large = raw(server.port, (head + "Content-Length: 9000000\r\n\r\n").encode() + b"x" * 2_000_000)
    assert not large or " 413 " in large.split("\r\n")[0], large[:200]


def takes_no_endless_thing(server):
    assert server.ask("GET", "/api/v2/dags?" + "&".join(f"tags=x{i}" for i in range(2000))).status == 422
    for deep in ("[" * 100_000 + "]" * 100_000, '{"a":' * 50_000 + "1" + "}" * 50_000):
        answer = server.ask("POST", "/api/v2/dags/leaky/dagRuns", '{"conf":' + deep + "}")
        assert answer.status == 422, answer.body


def names_no_folder_by_a_run(server):
    for name in ("../../../evil", "..", ".hidden", "a/b", "a\n b", "%2e%2e", "a\0b", "x" * 300):
        answer = server.ask("POST", "/api/v2/dags/leaky/dagRuns", {"logical_date": None, "dag_run_id": name})
        assert answer.status == 400 and "is no name for a run" in answer.body, (name, answer.body)
    assert not list(server.folder.parent.glob("evil*")) and not list(server.folder.glob(".hidden*"))


def tells_no_secret_in_a_terminal(program, server, at):
    run = urllib.parse.unquote(at.rsplit("/", 1)[1])
    for words in (["logs", "leaky", run], ["runs", "show", "leaky", run], ["runs", "show", "leaky", run, "--json"],
                  ["workflows", "show", "leaky"], ["workflows", "show", "leaky", "--json"], ["connections", "list"],
                  ["connections", "test", "pg"], ["query", "SELECT * FROM pg.x.y"], ["-v", "workflows", "check"]):
        done = subprocess.run([program, "--project-dir", str(server.folder), *words], capture_output=True, text=True,
                              timeout=60, env={**os.environ, "PG_PASSWORD": SECRET, "PLUMB_HTTP_ATTEMPTS": "1"})
        said = done.stdout + done.stderr
        assert said and not any(secret in said for secret in (SECRET, SETTING, "of-a-param")), (words, said)
    said = server.said() + "".join(file.read_text() for file in (server.folder / ".plumb" / "logs").rglob("*.log"))
    assert "***" in said and SECRET not in said and SETTING not in said, said


def waits_for_no_slow_client(server):
    slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(200)]
    for wire in slow:
        wire.sendall(b"GET /health HTTP/1.1\r\nHost: lo")
    begin = time.monotonic()
    assert server.ask("GET", "/health").status == 200
    assert time.monotonic() - begin < 2
    for wire in slow:
        wire.close()


def cookie_of(answer):
    return answer.headers["Set-Cookie"].split(";")[0]


def signs_in_by_the_rules(server):
    def sign_in(password, headers=None):
        return server.ask("POST", "/api/plumb/v1/session", {"username": "ann", "password": password}, headers)

    made = server.ask("POST", "/api/plumb/v1/users", {"name": "ann", "password": "correct horse", "role": "operator"})
    assert made.status == 201, made.body
    assert server.ask("GET", "/api/v2/dags").status == 401, "now there is a user"
    assert server.ask("GET", "/health").status == 200
    signpost = server.ask("GET", "/")
    assert signpost.status == 200 and "leaky" not in signpost.body and "story" not in signpost.body, "it is for anybody"

    first = sign_in("correct horse", {"Cookie": "plumb_session=plumb_aaaa_chosen-by-another"})
    assert first.status == 201 and "chosen-by-another" not in first.headers["Set-Cookie"], "a fixed session"
    assert "HttpOnly" in first.headers["Set-Cookie"] and "SameSite=Strict" in first.headers["Set-Cookie"]
    old = {"Cookie": cookie_of(first)}
    second = sign_in("correct horse", old)
    assert server.ask("GET", "/api/v2/dags", headers=old).status == 401, "the session before this sign-in has ended"
    cookie, token = {"Cookie": cookie_of(second)}, {"X-CSRF-Token": second.json()["csrf_token"]}
    assert server.ask("GET", "/api/v2/dags", headers=cookie).status == 200
    pause = {"is_paused": False}
    assert server.ask("PATCH", "/api/v2/dags/leaky", pause, cookie).status == 403, "without the token"
    assert server.ask("PATCH", "/api/v2/dags/leaky", pause, {**cookie, "X-CSRF-Token": "0" * 64}).status == 403
    assert server.ask("PATCH", "/api/v2/dags/leaky", pause, {**cookie, **token, "Origin": "http://evil"}).status == 403
    assert server.ask("PATCH", "/api/v2/dags/leaky", pause, {**cookie, **token}).status == 200
    assert server.ask("GET", "/api/plumb/v1/users", headers=cookie).status == 403, "an operator is no admin"
    bearer = {"Authorization": "Bearer " + cookie["Cookie"].split("=")[1]}
    assert server.ask("GET", "/api/v2/dags", headers=bearer).status == 401, "a cookie is no token"

    token = server.ask("POST", "/auth/token", {"username": "ann", "password": "correct horse"}).json()["access_token"]
    bearer = {"Authorization": "Bearer " + token}
    assert server.ask("GET", "/api/v2/dags", headers=bearer).status == 200
    assert server.ask("GET", "/api/v2/dags", headers={"Authorization": "Bearer " + token[:-1]}).status == 401
    assert server.ask("DELETE", "/api/plumb/v1/session", headers={**cookie, "X-CSRF-Token": second.json()["csrf_token"]}).status == 204
    assert server.ask("GET", "/api/v2/dags", headers=cookie).status == 401
    statuses = [sign_in("wrong horse").status for _ in range(8)]
    assert statuses[:5] == [401] * 5 and 429 in statuses, statuses
    assert "Retry-After" in sign_in("correct horse").headers, "the right one has to wait, too"
    stored = b"".join(path.read_bytes() for path in (server.folder / ".plumb").glob("store.db*"))
    assert b"correct horse" not in stored and token.split("_")[2].encode() not in stored


def works_behind_a_proxy(program, folder):
    server = Server(program, folder, {"PG_PASSWORD": SECRET, "PLUMB_ADMIN_USER": "root", "PLUMB_ADMIN_PASSWORD": "ignored: there is one"},
                    ("--base-path", "/plumb", "--trusted-proxy", "127.0.0.1"))
    try:
        for path in ("/plumb/health", "/health"):
            assert server.ask("GET", path).status == 200, path
        assert server.ask("GET", "/plumbing/health").status == 404
        assert server.ask("GET", "/plumb/openapi.json").json()["servers"][0]["url"] == "/plumb"
        body = {"username": "ann", "password": "correct horse"}
        answer = server.ask("POST", "/plumb/api/plumb/v1/session", body,
                            {"X-Forwarded-Proto": "https", "X-Forwarded-For": "1.2.3.4, 5.6.7.8"})
        assert answer.status == 201, "the user from before, and the address of the proxy's client is not the guesser's"
        assert "; Secure" in answer.headers["Set-Cookie"] and "Path=/plumb;" in answer.headers["Set-Cookie"]
        cookie = {"Cookie": cookie_of(answer), "X-CSRF-Token": answer.json()["csrf_token"]}
        same = {"Origin": "https://data.example", "X-Forwarded-Host": "data.example"}
        pause = {"is_paused": True}
        assert server.ask("PATCH", "/plumb/api/v2/dags/leaky", pause, {**cookie, **same}).status == 200
        same["Origin"] = "https://evil.example"
        assert server.ask("PATCH", "/plumb/api/v2/dags/leaky", pause, {**cookie, **same}).status == 403
    finally:
        server.stop()


def counts_what_happens(server):
    text = server.ask("GET", "/metrics").body
    assert 'plumb_run_changes_total{state="success"} 1' in text, text
    for line in text.splitlines():
        assert line.startswith("# ") or len(line.rsplit(" ", 1)) == 2 and float(line.rsplit(" ", 1)[1]) >= 0, line
    assert 'plumb_task_seconds_bucket{le="+Inf"} 2' in text, text


def main():
    program = sys.argv[1]
    with project(FILES) as folder:
        refuses_to_be_open_without_a_user(program, str(folder))
        server = Server(program, folder, {"PG_PASSWORD": SECRET})
        try:
            without_users_only_this_machine_is_admin(server)
            at = shows_no_secret(server)
            counts_what_happens(server)
            walks_no_paths(server, at)
            names_no_folder_by_a_run(server)
            is_read_in_one_way(server)
            takes_no_endless_thing(server)
            tells_no_secret_in_a_terminal(program, server, at)
            waits_for_no_slow_client(server)
            signs_in_by_the_rules(server)
        except BaseException:
            print(server.said())
            raise
        finally:
            begin = time.monotonic()
            server.stop()
            assert time.monotonic() - begin < 10
        works_behind_a_proxy(program, folder)
    print("fine")


main()
