#!/usr/bin/env python3
"""Writes the expectations of tests/jinja/cases/*.txt: whatever Jinja2 3.1.6 itself makes of each case.

    python=$(tests/support/python_env.sh jinja2==3.1.6) && "$python" tests/jinja/make_fixtures.py [FILE...]

With --check nothing is written: exits 1 when a file is not what it would write.
"""
import sys
from pathlib import Path

from cases import read_subject, write_subject
from reference import check_versions, render


def main(words):
    check_versions()
    check = "--check" in words
    folder = Path(__file__).parent / "cases"
    paths = [Path(word) for word in words if not word.startswith("--")] or sorted(folder.rglob("*.txt"))
    stale, count = [], 0
    for path in paths:
        subject = read_subject(path)
        answers = [render(case.templates, case.context, case.options) for case in subject.cases]
        count += len(answers)
        text = write_subject(subject, answers)
        if text == path.read_text(encoding="utf-8"):
            continue
        stale.append(path)
        if not check:
            path.write_text(text, encoding="utf-8")
    for path in stale:
        print(f"{path}: {'is not what Jinja2 says; run make_fixtures.py' if check else 'written'}")
    print(f"{count} cases in {len(paths)} files")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
