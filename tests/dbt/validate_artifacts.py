#!/usr/bin/env python3
"""Runs a project through plumb and holds its artifacts against dbt's published JSON schemas.

    validate_artifacts.py PLUMB SCHEMAS PROJECT      # SCHEMAS has manifest-v12.json and its kin

Ends with 77 (skipped) where the schemas are not there. Wants the package jsonschema.
"""
import json, os, shutil, subprocess, sys, tempfile

ARTIFACTS = {"manifest.json": "manifest-v12.json", "run_results.json": "run-results-v6.json",
             "catalog.json": "catalog-v1.json", "sources.json": "sources-v3.json"}


def main():
    plumb, schemas, project = map(os.path.abspath, sys.argv[1:4])
    if not os.path.isdir(schemas):
        print("no schemas here")
        return 77
    import jsonschema
    with tempfile.TemporaryDirectory() as folder:
        work = os.path.join(folder, "project")
        shutil.copytree(project, work, ignore=shutil.ignore_patterns("target", "dbt_packages"))
        # Whatever fails in the project fails in its artifacts as well, which are to be valid all the same.
        for command in (["deps"], ["build"], ["source", "freshness"], ["docs", "generate", "--no-compile"]):
            if command == ["deps"] and not os.path.exists(os.path.join(work, "packages.yml")):
                continue
            done = subprocess.run([plumb, *command], cwd=work, capture_output=True, text=True)
            if done.returncode > 1:
                print(f"plumb {' '.join(command)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
                return 1
            if command == ["build"]:
                shutil.copy(os.path.join(work, "target/run_results.json"), folder)
        shutil.copy(os.path.join(folder, "run_results.json"), os.path.join(work, "target"))
        bad = 0
        for artifact, schema in ARTIFACTS.items():
            with open(os.path.join(work, "target", artifact)) as text, open(os.path.join(schemas, schema)) as rules:
                checker = jsonschema.Draft202012Validator(json.load(rules))
                document = json.load(text)
                # What dbt 1.11.16 writes too, though its published schema does not know it yet.
                for macro in document.get("macros", {}).values():
                    macro.pop("config", None)
                document.get("macros", {}).pop("macro.dbt.materialization_function_default", None)
                for error in checker.iter_errors(document):
                    bad += 1
                    print(f"{artifact}: {'.'.join(map(str, error.absolute_path))}: {error.message[:300]}")
        return 1 if bad else 0


sys.exit(main())
