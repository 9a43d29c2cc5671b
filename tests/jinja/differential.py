#!/usr/bin/env python3
"""Random templates, rendered by Jinja2 and by plumb: the answers must be the same.

    differential.py PLUMB_JINJA_CONFORMANCE [--seed N] [--count M] [--show K] [--ignore-lines]

Prints each case that differs, cut down to what still differs, and exits 1 when there is one.
"""
import argparse
import json
import re
import resource
import select
import signal
import subprocess
import sys
import time

from grammar import Grammar
from reference import check_versions, render

# Where Jinja2 trips over its own means, an answer says nothing: the Python that it generates does not compile, an inf
# or nan that it computed ahead has no name there, or Python itself gives up.
NO_ANSWER = {"TimeoutError", "NameError", "SyntaxError", "RecursionError", "MemoryError", "IndentationError", "UnboundLocalError"}


UNLIMITED = resource.RLIM_INFINITY


def bound_this_process():
    """Jinja2 has no limits of its own: a chance template may want all memory, or never end."""
    resource.setrlimit(resource.RLIMIT_AS, (1 << 31, UNLIMITED))

    def too_long(_signal, _frame):
        raise TimeoutError

    signal.signal(signal.SIGALRM, too_long)


class Engine:
    """plumb_jinja_conformance, started anew when a case ends it."""

    def __init__(self, program):
        self.program = program
        self.process = None

    def render(self, case):
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen([self.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (UNLIMITED, UNLIMITED)))
        try:
            self.process.stdin.write(json.dumps(case).encode() + b"\n")
            self.process.stdin.flush()
            ready, _, _ = select.select([self.process.stdout], [], [], 20)
            line = self.process.stdout.readline() if ready else b""
        except BrokenPipeError:
            line = b""
        if not line:
            hung = self.process.poll() is None and not ready
            self.process.kill()
            self.process.wait()
            return {"error": "hangs" if hung else f"ends with {self.process.returncode}"}
        return json.loads(line)


class Comparison:
    def __init__(self, engine, with_lines):
        self.engine = engine
        self.with_lines = with_lines

    def compared(self, case):
        """The values of a `with` have the line of what stands before it: Jinja2 does not note theirs."""
        with_lines = self.with_lines and not any(re.search(r"%[-+]?\s*with\b", text) for text in case["templates"].values())
        return ["prints", "error", "message"] + (["template", "line"] if with_lines else [])

    def answers(self, case):
        signal.alarm(10)
        try:
            expected = render(case["templates"], json.dumps(case["context"]), case["options"])
        finally:
            signal.alarm(0)
        return expected, self.engine.render(case)

    def differs(self, case):
        """Both answers when they differ, else None."""
        expected, got = self.answers(case)
        if expected.get("error") in NO_ANSWER:
            return None
        compared = self.compared(case)
        if expected.get("line") == 0:  # one that Jinja2 does not know
            compared = ["error", "message"]
        if all(expected.get(key) == got.get(key) for key in compared):
            return None
        # Within what captures the output it is what docs/jinja.md tells of.
        if with_context := self.without(case, r"\bwithout\s+context"):
            return self.differs(with_context)
        return expected, got

    @staticmethod
    def without(case, pattern):
        """The case with what the pattern finds left out; None when it finds nothing."""
        templates = {name: re.sub(pattern, "", text) for name, text in case["templates"].items()}
        return {**case, "templates": templates} if templates != case["templates"] else None


def smaller_texts(text):
    """Ways to cut a source down: without a run of tokens, the long runs first."""
    tokens = re.findall(r"\{[{%#][-+]?|[-+]?[}%#]\}|\w+|\s+|'[^']*'|\"[^\"]*\"|.", text)
    size = max(1, len(tokens) // 2)
    while True:
        for at in range(0, len(tokens), size):
            yield "".join(tokens[:at] + tokens[at + size:])
        if size == 1:
            return
        size //= 2


def smaller_cases(case):
    for name in list(case["templates"]):
        if name != "main":
            yield {**case, "templates": {n: t for n, t in case["templates"].items() if n != name}}
    for name in list(case["context"]):
        yield {**case, "context": {n: v for n, v in case["context"].items() if n != name}}
    for name in list(case["options"]):
        yield {**case, "options": {n: v for n, v in case["options"].items() if n != name}}
    for name, text in case["templates"].items():
        for smaller in smaller_texts(text):
            if smaller != text:
                yield {**case, "templates": {**case["templates"], name: smaller}}


def kind_of(pair):
    return [(answer.get("error"), "prints" in answer) for answer in pair]


def shrink(case, comparison, seconds=6):
    """The same difference in a smaller case, as far as a few seconds lead."""
    kind = kind_of(comparison.differs(case))
    end = time.monotonic() + seconds
    progress = True
    while progress and time.monotonic() < end:
        progress = False
        for smaller in smaller_cases(case):
            if time.monotonic() > end:
                break
            pair = comparison.differs(smaller)
            if pair and kind_of(pair) == kind:
                case, progress = smaller, True
                break
    return case


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1500)
    parser.add_argument("--show", type=int, default=5, help="how many differences to cut down and show")
    parser.add_argument("--ignore-lines", action="store_true", help="an error may be told at another line")
    words = parser.parse_args()
    check_versions()
    bound_this_process()
    comparison = Comparison(Engine(words.program), not words.ignore_lines)
    different = errors = 0
    seen = set()
    for number in range(words.count):
        case = Grammar(f"{words.seed}/{number}").case()
        pair = comparison.differs(case)
        if pair is None:
            continue
        different += 1
        kind = str(kind_of(pair))
        if len(seen) >= words.show:
            continue
        small = shrink(case, comparison)
        expected, got = comparison.differs(small)
        kind = json.dumps([expected.get("error"), got.get("error"), (got.get("message") or "")[:25], (expected.get("message") or "")[:25],
                           "" if "prints" in got and "prints" not in expected else small["templates"]["main"][:12] if "prints" in got else ""])
        if kind in seen:
            continue
        seen.add(kind)
        print(f"--- case {words.seed}/{number}\n{json.dumps(small, ensure_ascii=False)}\nJinja2: {json.dumps(expected, ensure_ascii=False)}\n"
              f"plumb:  {json.dumps(got, ensure_ascii=False)}", flush=True)
    print(f"{words.count} cases of seed {words.seed}, {different} come out differently")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
