#!/usr/bin/env python3
"""Runs dbt projects step by step with real dbt and with plumb, each in a folder and on a DuckDB file of its own, and compares.

    differential.py PLUMB [PROJECT...] [--keep FOLDER]     # without a project: all folders beside this file that have steps.txt

steps.txt has a command of dbt on each line (`build --select +orders`), or
    replace FROM TO      the file FROM of the project takes the place of TO
    set NAME VALUE       an environment variable for what follows
After each command these are equal:
    the exit code; what ls, show and run-operation print; node's outcomes and counts of failures in run_results.json
    the manifest's meaning (compare_manifests.py), the text of models and functions as compiled, byte for byte, and of all else
    after normalising blanks
    all relations of all databases: kinds, columns, types and rows, but for moments of this very run and what is hashed from them

Ends with 77 (skipped) where there is no dbt: DBT names its program, else it is looked for in PATH, or pip installs it.
"""
import datetime, json, os, pathlib, re, resource, shlex, shutil, signal, subprocess, sys, tempfile, time

HERE = pathlib.Path(__file__).resolve().parent
PACKAGES = ["dbt-core==1.11.16", "dbt-duckdb==1.11.1", "duckdb==1.5.5"]
PRINTED = ("ls", "list", "show", "run-operation")
COMMAND_SECONDS, COMMAND_BYTES = 240, 4 << 30


def python_with_dbt():
    program = os.environ.get("DBT") or shutil.which("dbt")
    if program:
        return str(pathlib.Path(program).parent / "python")
    found = subprocess.run([HERE.parent / "support" / "python_env.sh", *PACKAGES], capture_output=True, text=True)
    return found.stdout.strip() if found.returncode == 0 else None


# ---- the two sides -------------------------------------------------------------------------------------------------


class Side:
    """One program's copy of the project, and its answers so far."""

    def __init__(self, name, folder, project, run):
        self.name, self.folder, self.run = name, folder, run
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("DBT")}
        self.environment["DBT_PROFILES_DIR"] = "."
        self.began = datetime.datetime.now(datetime.timezone.utc)
        shutil.copytree(project, folder, ignore=shutil.ignore_patterns("target", "logs", "*.duckdb"))

    def take(self, number, words):
        """Does one step; answers what can be compared, or None when there is nothing."""
        if words[0] == "replace":
            shutil.copy(self.folder / words[1], self.folder / words[2])
            return None
        if words[0] == "set":
            self.environment[words[1]] = words[2]
            return None
        target = f"target_{number}"
        output = self.folder / f"{target}.out"
        quiet = ["--quiet"] if words[0] in PRINTED else []
        code = self.run([*words, *quiet], self.folder, {**self.environment, "DBT_TARGET_PATH": target}, output)
        seen = {"exit code": code, "parsed": words[0] == "parse"}
        seen["printed"] = printed(output.read_text()) if words[0] in PRINTED and code == 0 else ""
        # What show compiles has a limit, and tests that it does not show.
        self.read_results(self.folder / ("none" if words[0] == "show" or "--inline" in words else target), seen)
        self.read_databases(seen)
        return seen

    def read_results(self, target, seen):
        seen["compiled"] = {str(file.relative_to(target)): file.read_text() for file in sorted(target.glob("compiled/**/*.sql"))
                            if file.is_file() and "-- Fixture for " not in file.read_text()[:20]}  # one file of many tests
        results = self.read_json(target / "run_results.json")
        seen["invocation"] = results["metadata"]["invocation_id"] if results else "none"
        seen["outcomes"] = {entry["unique_id"]: [entry["status"], entry["failures"]] for entry in results["results"]} if results else {}
        seen["manifest"] = self.read_json(target / "manifest.json")

    def read_json(self, file):
        return json.loads(file.read_text()) if file.exists() else None

    def read_databases(self, seen):
        seen["relations"] = {}
        for file in sorted(self.folder.glob("*.duckdb")):
            read, write = os.pipe()
            child = os.fork()
            if child == 0:  # a process of its own, so that nobody holds the file afterwards
                os.write(write, b"")
                with os.fdopen(write, "w") as out:
                    json.dump(relations_of(str(file), self.began, seen["invocation"]), out)
                os._exit(0)
            os.close(write)
            with os.fdopen(read) as answer:
                seen["relations"].update(json.load(answer))
            os.waitpid(child, 0)


def printed(text):
    """JSON is compared as what it means."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def run_plumb(program):
    def run(words, folder, environment, output):
        with open(output, "w") as out:
            return subprocess.run([program, *words], cwd=folder, env=environment, stdout=out, stderr=subprocess.DEVNULL,
                                  stdin=subprocess.DEVNULL, timeout=COMMAND_SECONDS).returncode
    return run


def run_dbt(words, folder, environment, output):
    """dbt is imported once; each command is a fork of this process, as fresh as the program would be."""
    child = os.fork()
    if child == 0:
        signal.alarm(COMMAND_SECONDS)
        resource.setrlimit(resource.RLIMIT_AS, (COMMAND_BYTES, COMMAND_BYTES))
        out = os.open(output, os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
        os.dup2(out, 1), os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment, DBT_SEND_ANONYMOUS_USAGE_STATS="false", DBT_USE_COLORS="false")
        answer = DBT().invoke(["--no-partial-parse", *words])
        code = 0 if answer.success else 2 if answer.exception else 1
        if answer.exception:
            print(answer.exception)
        sys.stdout.flush(), sys.stderr.flush()
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


# ---- what is in a database -----------------------------------------------------------------------------------------


def relations_of(path, began, invocation):
    import duckdb
    connection = duckdb.connect(path)  # which may have a log to play
    def query(sql):
        return connection.execute(sql).fetchall()
    relations = {}
    catalog = pathlib.Path(path).stem
    for schema, name, kind in query("select table_schema, table_name, table_type from information_schema.tables "
                                    f"where table_catalog = '{catalog}'"):
        columns = query("select column_name, data_type from information_schema.columns where table_catalog = "
                        f"'{catalog}' and table_schema = '{schema}' and table_name = '{name}' order by ordinal_position")
        try:
            rows = [calm(row, [column for column, _ in columns], began, invocation) for row in query(f'from "{schema}"."{name}"')]
        except duckdb.Error as error:
            rows = [str(error).splitlines()[0]]
        relations[f"{catalog}.{schema}.{name}"] = {"kind": kind, "columns": columns, "rows": sorted(rows)}
    return relations


MOMENT = re.compile(r"20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?")


def calm(row, columns, began, invocation):
    """A row's text without what differs from run to run: present moments, the run's id, and a snapshot's hash of such."""
    passed = (datetime.datetime.now(datetime.timezone.utc) - began).total_seconds()
    def moment(found):
        then = datetime.datetime.fromisoformat(found[0][:19] + "+00:00")
        away = (then - began).total_seconds()
        since = away % 3600  # "23 hours ago" is as present as now; the rows of a project are from long ago
        return "NOW" if abs(away) < 100_000 and (since < passed or since > 3540) else found[0]
    values = [MOMENT.sub(moment, str(value)).replace(invocation, "THIS RUN") for value in row]
    if any("NOW" in value for value in values) and "dbt_scd_id" in columns:
        values[columns.index("dbt_scd_id")] = "HASHED"
    return " | ".join(values)


# ---- what differs --------------------------------------------------------------------------------------------------


def is_exact(file):
    """Models are compared byte for byte: they lie in .../models/x.sql, generic tests in .../models/x.yml/test.sql."""
    return ".yml" not in file and re.search(r"/(models|functions|analyses|snapshots)/", file)


def squeeze(texts):
    return {file: text if is_exact(file) else " ".join(text.split()) for file, text in texts.items()}


def compare(ours, theirs):
    from compare_manifests import differences, meaning
    found = []
    def entries(kind, one, other):
        for key in sorted(one.keys() | other.keys()):
            if one.get(key) != other.get(key):
                found.append(f"{kind} {key}:\n    plumb {shorten(one.get(key), other.get(key))}\n    dbt   {shorten(other.get(key), one.get(key))}")
    entries("", *({key: side.get(key) for key in ("exit code", "printed")} for side in (ours, theirs)))
    entries("outcome of", ours["outcomes"], theirs["outcomes"])
    entries("compiled", squeeze(ours["compiled"]), squeeze(theirs["compiled"]))
    entries("relation", ours["relations"], theirs["relations"])
    if ours["manifest"] and theirs["manifest"]:
        differences("manifest", *(meaning(side["manifest"], ours["parsed"]) for side in (ours, theirs)), found)
    return found


def shorten(text, other):
    """Of a long value the part from a little before the first difference."""
    text, other = (json.dumps(value) for value in (text, other))
    same = next((i for i, (a, b) in enumerate(zip(text, other)) if a != b), 0)
    return ("…" if same > 100 else "") + text[max(0, same - 100):same + 400]


def run_project(plumb, project, folder):
    """Answers the number of steps that differ."""
    print(f"{project.name}", flush=True)
    sides = [Side("plumb", folder / "plumb" / project.name, project, run_plumb(plumb)),
             Side("dbt", folder / "dbt" / project.name, project, run_dbt)]
    differing, shown = 0, set()
    for number, line in enumerate((project / "steps.txt").read_text().splitlines(), 1):
        words = shlex.split(line, comments=True)
        if not words:
            continue
        times, answers = [], []
        for side in sides:
            began = time.monotonic()
            answers.append(side.take(number, words))
            times.append(time.monotonic() - began)
        found = compare(*answers) if answers[0] is not None else []
        print(f"  {line}: {'equal' if not found else f'{len(found)} differences'}" +
              (f" (exit code {answers[0]['exit code']}, {len(answers[0]['outcomes'])} nodes, {len(answers[0]['relations'])} relations; {times[0]:.1f} s, dbt {times[1]:.1f} s)"
               if answers[0] else ""), flush=True)
        for difference in found:
            if difference not in shown:  # of the manifest most stay the same from step to step
                print(f"    {difference}", flush=True)
        shown.update(found)
        differing += bool(found)
    return differing


def main():
    python = python_with_dbt()
    if not python or not os.path.exists(python):
        print("no dbt here")
        return 77
    if not os.environ.get("DIFFERENTIAL_INSIDE"):  # once more, by the Python that has dbt
        os.environ["DIFFERENTIAL_INSIDE"] = "1"
        os.execv(python, [python, *sys.argv])
    global DBT
    import duckdb
    from dbt.cli.main import dbtRunner as DBT
    import dbt.adapters.duckdb  # what every command needs, imported once

    words = sys.argv[1:]
    keep = None
    if "--keep" in words:
        at = words.index("--keep")
        keep = words[at + 1]
        del words[at:at + 2]
    plumb = os.path.abspath(words[0])
    projects = [pathlib.Path(word).resolve() for word in words[1:]] or sorted(steps.parent for steps in HERE.rglob("steps.txt"))
    with tempfile.TemporaryDirectory() as folder:
        differing = sum(run_project(plumb, project, pathlib.Path(keep or folder).resolve()) for project in projects)
    print("no differences" if not differing else f"{differing} steps differ")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    sys.exit(main())
