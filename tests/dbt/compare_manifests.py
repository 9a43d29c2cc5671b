#!/usr/bin/env python3
"""Parses a dbt project with real dbt and with plumb, and compares what the two manifests mean.

    compare_manifests.py PLUMB [PROJECT]     # the program; a folder, or the example beside this file

What is compared: all nodes, sources, exposures, groups, metrics and what they are made of, functions, unit tests, selectors,
docs, disabled nodes and the two maps; of macros those of the user's packages. What differs by nature is left out: times, ids of runs, the order of keys, and the checksum of unit
tests. Ends with 77 (skipped) where there is no dbt; DBT names it.
"""
import json, os, shutil, subprocess, sys, tempfile

IGNORED = {"created_at", "root_path", "build_path"}
SECTIONS = ["nodes", "sources", "exposures", "groups", "unit_tests", "docs", "disabled", "metrics", "semantic_models",
            "saved_queries", "functions", "selectors", "group_map", "parent_map", "child_map"]
BUILTIN = ("dbt", "dbt_duckdb", "dbt_postgres")


def parse(command, project, target):
    subprocess.run(command + ["parse", "--project-dir", project, "--profiles-dir", project, "--target-path", target],
                   check=True, stdout=subprocess.DEVNULL, cwd=project)
    with open(os.path.join(target, "manifest.json")) as file:
        return json.load(file)


def differences(path, ours, theirs, found):
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(set(ours) | set(theirs)):
            if key in IGNORED or (key == "checksum" and ".unit_test." in path):
                continue
            if ".disabled." in path and key in ("description", "source_description"):  # dbt has not rendered them all
                continue
            if ".operation." in path and key in ("compiled_path", "index"):  # hooks count themselves once more when they run
                continue
            if key == "compiled_code" and ".test." in path:  # blanks of our own macros
                ours[key], theirs[key] = (" ".join((side.get(key) or "").split()) for side in (ours, theirs))
            if key not in ours:
                found.append(f"{path}.{key}: only dbt has {json.dumps(theirs[key])[:200]}")
            elif key not in theirs:
                found.append(f"{path}.{key}: only plumb has {json.dumps(ours[key])[:200]}")
            else:
                differences(f"{path}.{key}", ours[key], theirs[key], found)
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs) and ours and isinstance(ours[0], dict):
        for i, (one, other) in enumerate(zip(ours, theirs)):
            differences(f"{path}[{i}]", one, other, found)
    elif (path.endswith(("depends_on.nodes", "depends_on.macros", ".tags")) or "_map." in path) and set(ours) == set(theirs):
        return
    elif ours != theirs:
        found.append(f"{path}: plumb {json.dumps(ours)[:300]}, dbt {json.dumps(theirs)[:300]}")


def users(manifest, section):
    entries = manifest.get(section, {})
    if section in ("docs", "macros"):
        return {key: value for key, value in entries.items() if value["package_name"] not in BUILTIN}
    return entries


def meaning(manifest, parsed=True):
    """What is compared of a manifest. Running adds the macros that were called, down to the built-in ones, to what nodes depend on."""
    if not parsed:
        for node in [*manifest["nodes"].values(), *manifest["functions"].values()]:
            node.get("depends_on", {}).pop("macros", None)
    return {section: users(manifest, section) for section in SECTIONS + ["macros"]}


def main():
    dbt = os.environ.get("DBT") or shutil.which("dbt")
    if not dbt:
        print("no dbt here")
        return 77
    plumb = os.path.abspath(sys.argv[1])
    source = sys.argv[2] if len(sys.argv) > 2 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "shop")
    with tempfile.TemporaryDirectory() as folder:
        project = os.path.join(folder, "project")
        shutil.copytree(source, project, ignore=shutil.ignore_patterns("target", "logs"))
        theirs = parse([dbt, "--quiet", "--no-partial-parse"], project, os.path.join(folder, "dbt"))
        ours = parse([plumb], project, os.path.join(folder, "plumb"))
    found = []
    differences("manifest", meaning(ours), meaning(theirs), found)
    print("\n".join(found) if found else "the manifests mean the same")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
