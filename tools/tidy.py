#!/usr/bin/env python3
"""Runs clang-tidy over src/, and remembers what was clean.

clang-tidy takes about three seconds a file. A file found clean is remembered by the content of everything of ours that
went into it (the file, the headers it reaches, .clang-tidy, the flags, clang-tidy's version), so a second run costs
nothing, and a change costs the files it touches. On a machine with an empty memory a whole house would take minutes:
so one run looks at no more than MOST files, the most recently changed first, says how many it left, and the next one
goes on from there; `--all` (./do soak) looks at every file. A run that remembers more therefore checks more, never
less.

Usage: tidy.py BUILD_FOLDER [--all]
"""
import concurrent.futures
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from check_rooms import read_includes

ROOT = Path(__file__).resolve().parent.parent
TIDY = "clang-tidy-14"
MOST = 60


def memory():
    cache = os.environ.get("PLUMB_CACHE")
    if not cache:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "plumb"
    folder = Path(cache) / "tidy"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def reached(source):
    """The source and all headers of ours that it includes, directly or not."""
    found, todo = set(), [source]
    while todo:
        path = todo.pop()
        if path in found or not path.is_file():
            continue
        found.add(path)
        todo += [ROOT / "src" / include.name for include in read_includes(path)]
    return sorted(found)


def key_of(source, command, common):
    digest = hashlib.sha256(common)
    digest.update(command.replace(str(ROOT), "").encode())
    for path in reached(source):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def most_recent_first(sources):
    def names(*command):
        return subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()

    changed = names("diff", "--name-only", "HEAD") + names("ls-files", "--others", "--exclude-standard")
    changed += names("log", "-1000", "--format=", "--name-only")
    rank = {}
    for name in changed:
        rank.setdefault(ROOT / name, len(rank))
    return sorted(sources, key=lambda source: (rank.get(source, len(rank)), source))


def tidy(build, source):
    return subprocess.run([TIDY, "-p", build, "--quiet", "--extra-arg=-Wno-unknown-warning-option", source],
                          capture_output=True, text=True, check=False)


def main():
    build = sys.argv[1]
    commands = {Path(entry["file"]): entry["command"]
                for entry in json.loads(Path(build, "compile_commands.json").read_text())}
    sources = [path for path in commands if path.is_relative_to(ROOT / "src") and not path.name.endswith("_test.cpp")]
    version = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
    common = version + (ROOT / ".clang-tidy").read_bytes()
    clean = memory()
    keys = {source: key_of(source, commands[source], common) for source in sources}
    todo = [source for source in most_recent_first(sources) if not (clean / keys[source]).exists()]
    now = todo if "--all" in sys.argv else todo[:MOST]

    said, failed = set(), 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, result in zip(now, pool.map(lambda source: tidy(build, source), now)):
            if result.returncode == 0:
                (clean / keys[source]).touch()
                continue
            failed += 1
            text = result.stdout.replace(f"{ROOT}/", "") or result.stderr
            if text not in said:  # a header's fault is found by each file that includes it
                said.add(text)
                print(text, flush=True)
    left = f", {len(todo) - len(now)} left for the next run" if len(now) < len(todo) else ""
    print(f"clang-tidy: {len(sources) - len(todo)} files known to be clean, {len(now)} looked at, {failed} with faults{left}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
