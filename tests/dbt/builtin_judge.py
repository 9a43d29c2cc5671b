#!/usr/bin/env python3
"""builtin_judge.py [duckdb|postgres] [--keep FOLDER]: Plumb's built-in macros, judged by the real dbt.

Macros of a root project override dbt's own of the same name. So the project in builtins/ is built by dbt twice, on four
days each: as it is, and with the files of src/project/builtin laid into its macros folder. What must be equal:

  names       every macro of dbt and of the adapter is there
  outcomes    each node's status on each day
  tables      all rows of all relations, but for moments of this very run, and names hashed from them
  compiled    the text of every model, byte for byte; among them a model with a call of each utility
              (builtin_utility_calls.txt); of tests, after normalising blanks

Exits with 77 where there is no dbt (PLUMB_DBT names its program, else it is looked for in PATH), or no Postgres.
`tests/support/postgres start FOLDER` starts one, and prints PGHOST and PGPORT.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BUILTIN = HERE.parents[1] / "src" / "project" / "builtin"
DAYS = [1, 2, 3, 4]
DEFINITION = re.compile(r"\{%-?\s*(macro|test|materialization)\s+(\w+)(.*?)[-]?%\}", re.S)


def our_names(package):
    names = set()
    for file in (BUILTIN / package).glob("*.sql"):
        for kind, name, rest in DEFINITION.findall(file.read_text()):
            if kind == "test":
                name = "test_" + name
            if kind == "materialization":
                adapter = re.search(r"adapter\s*=\s*'(\w+)'", rest)
                name = f"materialization_{name}_{adapter.group(1) if adapter else 'default'}"
            names.add(name)
    return names


def write_project(folder, adapter, ours):
    shutil.copytree(HERE / "builtins", folder)
    calls = (HERE / "builtin_utility_calls.txt").read_text().splitlines()
    body = "\n".join(f"-- {number}\n{{{{ {call} }}}}" for number, call in enumerate(calls))
    (folder / "models" / "utilities.sql").write_text(
        "{{ config(materialized='ephemeral') }}\n{% if execute %}\n" + body + "\n{% endif %}\n")
    schema = "ours" if ours else "real"
    output = {"type": "duckdb", "path": "judged.duckdb", "schema": "main"} if adapter == "duckdb" else {
        "type": "postgres", "host": os.environ["PGHOST"], "port": int(os.environ.get("PGPORT", 5432)), "user": "plumb", "password": "none",
        "dbname": f"judge_{schema}", "schema": "main"}
    (folder / "profiles.yml").write_text(json.dumps({"builtins": {"target": "t", "outputs": {"t": output}}}))
    if ours:
        (folder / "macros").mkdir(exist_ok=True)
        for package in ("dbt", f"dbt_{adapter}"):
            for file in (BUILTIN / package).glob("*.sql"):
                # Within this project the macros are the root's, so that the prefix would lead to the real ones.
                text = re.sub(r"\bdbt\.(\w+\()", r"\1", file.read_text())
                if package == "dbt":
                    for name in our_names(f"dbt_{adapter}"):  # two packages may each have one; one project may not
                        text = re.sub(r"\{%-?\s*macro " + name + r"\(.*?endmacro.*?%\}", "", text, flags=re.S)
                (folder / "macros" / f"{package}_{file.name}").write_text(text)


# Runs in a process of its own, whose Python has dbt: builds the project on all days, and writes down what it sees.
BUILD = r"""
import json, os, sys
from dbt.cli.main import dbtRunner
folder, days = sys.argv[1], json.loads(sys.argv[2])
os.chdir(folder)
seen = {"statuses": {}, "messages": {}}
for day in days:
    answer = dbtRunner().invoke(["build", "--profiles-dir", ".", "--vars", f"day: {day}", "--target-path", f"target_{day}",
        "--event-time-start", "2020-01-01", "--event-time-end", "2020-01-05", "--quiet"])
    if answer.exception:
        sys.exit(f"day {day}: {answer.exception}")
    for result in answer.result.results:
        seen["statuses"][f"{day} {result.node.unique_id}"] = str(result.status)
        seen["messages"][f"{day} {result.node.unique_id}"] = str(result.message)
freshness = dbtRunner().invoke(["source", "freshness", "--profiles-dir", ".", "--target-path", "target_freshness", "--quiet"])
for result in (freshness.result.results if freshness.result else []):
    seen["statuses"]["freshness " + result.node.unique_id] = str(result.status)
dbtRunner().invoke(["docs", "generate", "--profiles-dir", ".", "--vars", "day: 4", "--target-path", "target_docs", "--quiet"])
profile = json.load(open("profiles.yml"))["builtins"]["outputs"]["t"]
if profile["type"] == "duckdb":
    import duckdb
    connection = duckdb.connect("judged.duckdb")
    query = lambda sql: connection.execute(sql).fetchall()
else:
    import psycopg2
    connection = psycopg2.connect(host=profile["host"], port=profile["port"], user="plumb", dbname=profile["dbname"])
    connection.autocommit = True
    def query(sql):
        cursor = connection.cursor(); cursor.execute(sql); return cursor.fetchall()
tables = {}
for schema, name, kind in query("select table_schema, table_name, table_type from information_schema.tables where table_schema like 'main%'"):
    columns = [row[0] for row in query(f"select column_name || ' ' || data_type from information_schema.columns "
                                       f"where table_schema = '{schema}' and table_name = '{name}' order by ordinal_position")]
    rows = [[str(value) for value in row] for row in query(f'select * from "{schema}"."{name}"')]
    tables[f"{schema}.{name}"] = {"kind": kind, "columns": columns, "rows": rows}
if profile["type"] == "postgres":
    tables["rights"] = {"kind": "", "columns": [], "rows": [list(map(str, row)) for row in query(
        "select table_name, grantee, privilege_type from information_schema.role_table_grants where grantee = 'pg_monitor' and table_schema like 'main%'")]}
    tables["indexes"] = {"kind": "", "columns": [], "rows": [[str(row[0]), str(row[1])] for row in query(
        "select tablename, regexp_replace(indexdef, '.* ON', '') from pg_indexes where schemaname like 'main%'")]}
    tables["comments"] = {"kind": "", "columns": [], "rows": [list(map(str, row)) for row in query(
        "select relname, objsubid, description from pg_description join pg_class on objoid = pg_class.oid join pg_namespace on relnamespace = pg_namespace.oid where nspname like 'main%'")]}
seen["tables"] = tables
json.dump(seen, open("seen.json", "w"))
"""


def calm(table):
    """A table's rows without what differs from run to run: present moments, and hashes of them."""
    names = [column.split(" ")[0] for column in table["columns"]]

    def value(position, text):
        name = names[position] if position < len(names) else ""
        if re.match(r"20(2[4-9]|[3-9]\d)-", text):
            return "now"
        if name in ("dbt_scd_id", "scd"):
            return "id"
        return text
    return sorted([value(*pair) for pair in enumerate(row)] for row in table["rows"])


def compiled(folder):
    texts = {}
    for day in DAYS:
        root = folder / f"target_{day}" / "compiled"
        for file in root.rglob("*.sql"):
            name = str(file.relative_to(root))
            text = file.read_text()
            is_model = ".yml" not in name and "/models/" in f"/{name}"
            # judge_real and judge_ours are the databases' names on Postgres.
            text = re.sub(r"judge_(real|ours)", "judge", text)
            texts[f"{day} {name}"] = text if is_model else " ".join(text.split())
    return texts


def report(kind, real, ours):
    differing = [key for key in sorted(real.keys() | ours.keys()) if real.get(key) != ours.get(key)]
    print(f"{kind}: {len(real) - len([key for key in differing if key in real])} of {len(real)} equal")
    for key in differing:
        print(f"  {key}\n    dbt:   {str(real.get(key))[:1500]!r}\n    plumb: {str(ours.get(key))[:1500]!r}")
    return len(differing)


def find_python():
    program = os.environ.get("PLUMB_DBT") or shutil.which("dbt")
    if not program:
        return None
    python = pathlib.Path(program).resolve().parent / "python"
    python = pathlib.Path(program).parent / "python" if not python.exists() else python
    return str(python) if python.exists() else None


def judge(adapter, work, python):
    seen = {}
    for side in ("real", "ours"):
        if (work / side / "seen.json").exists():  # of an earlier run, kept
            seen[side] = json.loads((work / side / "seen.json").read_text())
            continue
        write_project(work / side, adapter, side == "ours")
        if adapter == "postgres":
            subprocess.run([python, "-c", "import psycopg2; c = psycopg2.connect(user='plumb', dbname='postgres'); c.autocommit = True; "
                            f"c.cursor().execute('create database judge_{side}')"], check=True)
        built = subprocess.run([python, "-c", BUILD, str(work / side), json.dumps(DAYS)], capture_output=True, text=True)
        (work / f"{side}.out").write_text(built.stdout + built.stderr)
        if not (work / side / "seen.json").exists():
            print(f"{side}: dbt failed\n{built.stdout[-3000:]}\n{built.stderr[-3000:]}")
            return 1
        seen[side] = json.loads((work / side / "seen.json").read_text())

    manifest = json.loads((work / "real" / "target_1" / "manifest.json").read_text())
    faults = 0
    for package in ("dbt", f"dbt_{adapter}"):
        real = {key.split(".")[2] for key in manifest["macros"] if key.split(".")[1] == package}
        missing = sorted(real - our_names(package))
        print(f"names of {package}: {len(real) - len(missing)} of {len(real)}" + "".join(f"\n  missing {name}" for name in missing))
        faults += len(missing)

    faults += report("outcomes", seen["real"]["statuses"], seen["ours"]["statuses"])
    for key, status in seen["ours"]["statuses"].items():
        if status != seen["real"]["statuses"].get(key):
            print(f"  {key}: {seen['ours']['messages'].get(key)}")
    shown = {side: {name: (table["kind"], table["columns"], calm(table)) for name, table in seen[side]["tables"].items()}
             for side in seen}
    faults += report("tables", shown["real"], shown["ours"])
    faults += report("compiled", compiled(work / "real"), compiled(work / "ours"))
    return faults


def main():
    adapter = next((word for word in sys.argv[1:] if word in ("duckdb", "postgres")), "duckdb")
    keep = sys.argv[sys.argv.index("--keep") + 1] if "--keep" in sys.argv else None
    python = find_python()
    found = python and subprocess.run([python, "-c", f"import dbt.cli.main, dbt.adapters.{adapter}"], capture_output=True)
    if not found or found.returncode:
        print(f"no dbt with {adapter} here")
        return 77
    if adapter == "postgres" and "PGHOST" not in os.environ:
        print("no Postgres: PGHOST is not set")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        faults = judge(adapter, pathlib.Path(keep or folder).resolve(), python)
    print("no differences" if not faults else f"{faults} differences")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
