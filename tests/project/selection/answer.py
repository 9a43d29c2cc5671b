"""Asks dbt the questions of answers.txt once more: python answer.py > new.txt (in an environment with dbt-duckdb)."""

import contextlib
import io
import json
import os
import pathlib
import re
import sys

from dbt.cli.main import dbtRunner

HERE = pathlib.Path(__file__).parent
os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"] = "0"


def answers(manifest, question):
    """The unique ids, without the hashes of tests."""
    command = ["-q", "ls", "--output", "json", "--output-keys", "unique_id", *question.split(" ")]
    with contextlib.redirect_stdout(io.StringIO()):
        result = dbtRunner(manifest=manifest).invoke(command)
    if result.exception:
        return [f"! {result.exception}"]
    return sorted(re.sub(r"\.[0-9a-f]{10}$", "", json.loads(line)["unique_id"]) for line in result.result)


def main():
    lines = (HERE / "answers.txt").read_text().splitlines()
    os.chdir(HERE / "shop")
    manifest = dbtRunner().invoke(["-q", "parse", "--no-partial-parse"]).result
    keep = True
    for line in lines:
        if line.startswith("> "):
            keep = line.endswith("--state")
            sys.stdout.write(line + "\n")
            if not keep:
                sys.stdout.write("".join(answer + "\n" for answer in answers(manifest, line[2:])) + "\n")
        elif keep or line.startswith("#"):
            sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
