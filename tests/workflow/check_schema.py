#!/usr/bin/env python3
"""The schema for editors and the reader are made of one table: do they judge alike?

Every file that `plumb workflows check` accepts has to follow the schema, those of `plumb init` and the examples among them,
and every file of definitions/refused, which is out of shape, is refused by both. (What only the reader can know, names of
pipelines or circles, is tested elsewhere.)

And docs/workflows.md has every key, in the words of the schema.

Usage: check_schema.py PLUMB    Exits 77 without jsonschema or PyYAML.
"""
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

HERE = Path(__file__).parent / "definitions"
EXAMPLE = Path(__file__).parents[2] / "examples" / "household" / "workflows"


class Loader(yaml.SafeLoader):
    """As editors read YAML: a date is text."""


Loader.yaml_implicit_resolvers = {
    first: [one for one in resolvers if one[0] != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def check(plumb, project):
    """The faults by file name."""
    run = subprocess.run([plumb, "workflows", "check", "--json", "--project-dir", project], capture_output=True,
                         text=True, timeout=60)
    answer = json.loads(run.stdout)
    faults = {}
    for fault in answer["faults"]:
        faults.setdefault(Path(fault.get("file", "")).name, []).append(fault["message"])
    return faults, run.returncode


def properties(schema):
    """Every (key, description) in a schema."""
    if isinstance(schema, list):
        for one in schema:
            yield from properties(one)
    elif isinstance(schema, dict):
        for key, value in schema.get("properties", {}).items():
            yield key, value.get("description", "")
        for value in schema.values():
            yield from properties(value)


def missing_rows(schema, page):
    """A row of the page begins with the key and ends with what it is for."""
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    for key, description in sorted(set(properties(schema))):
        description = description.replace("|", "\\|")
        if not any(row.startswith(f"| `{key}` |") and row.endswith(f"| {description} |") for row in rows):
            yield f"docs/workflows.md lacks the row: | `{key}` | {description} |"


def main():
    plumb = sys.argv[1]
    schema = json.loads(subprocess.run([plumb, "workflows", "schema"], capture_output=True, check=True).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    wrong = list(missing_rows(schema, (Path(__file__).parents[2] / "docs" / "workflows.md").read_text()))
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        shutil.copytree(HERE, project, dirs_exist_ok=True)
        for judged in ("accepted", "refused"):
            workflows = project / "workflows"
            shutil.copytree(HERE / judged, workflows)
            faults, code = check(plumb, folder)
            files = sorted(workflows.iterdir())
            for file in files:
                errors = [error.message[:200] for error in validator.iter_errors(yaml.load(file.read_text(), Loader))]
                told = faults.get(file.name, [])
                if judged == "accepted" and (errors or told):
                    wrong.append(f"{file.name}: should be right; schema: {errors}, reader: {told}")
                if judged == "refused" and not (errors and told):
                    wrong.append(f"{file.name}: should be wrong; schema: {errors}, reader: {told}")
            if code != (0 if judged == "accepted" else 2):
                wrong.append(f"check ended with {code} for {judged}: {faults}")
            print(f"{len(files)} files {judged}")
            shutil.rmtree(workflows)
        home = project / "home"
        subprocess.run([plumb, "init", home], capture_output=True, check=True, timeout=60)
        shutil.copytree(EXAMPLE, home / "workflows", dirs_exist_ok=True)
        faults, code = check(plumb, home)
        for file in sorted((home / "workflows").iterdir()):
            errors = [error.message[:200] for error in validator.iter_errors(yaml.load(file.read_text(), Loader))]
            if errors or faults.get(file.name):
                wrong.append(f"{file.name}: should be right; schema: {errors}, reader: {faults.get(file.name)}")
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
