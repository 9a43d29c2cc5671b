#!/usr/bin/env python3
"""Random cron expressions in UTC: the times before and after a moment must be croniter's.

    cron_differential.py TIMETABLE_ANSWERS [--count N] [--seed N] [--show K]

Left out is what docs/schedules.md lists as different: a range of one value (5-5), a day beside fri#2 or L5, 15W
beside a weekday, and plain weekdays in a list with fri#2. LW and 5L, which croniter does not know, have their tests beside the code.
"""
import argparse
import datetime
import json
import random
import subprocess
import sys
import threading

from croniter import CroniterError, croniter

MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
WEEKDAYS = "sun mon tue wed thu fri sat".split()
YEARS = 30


class Grammar:
    def __init__(self, random_source):
        self.random = random_source

    def value(self, low, high, names=()):
        value = self.random.randint(low, high)
        if names and self.random.random() < 0.3:
            return names[(value - low) % len(names)]
        return str(value) if self.random.random() < 0.95 else f"{value:02}"

    def range(self, low, high, names):
        while True:
            begin, end = self.value(low, high, names), self.value(low, high, names)
            numbers = [names.index(v) + low if v in names else int(v) for v in (begin, end)]
            if len({n % 7 for n in numbers} if high == 7 else set(numbers)) == 2:
                return f"{begin}-{end}"

    def item(self, low, high, names):
        kind = self.random.random()
        step = f"/{self.random.randint(1, max(2, (high - low) // self.random.randint(1, 4)))}"
        if kind < 0.45:
            return self.value(low, high, names)
        if kind < 0.7:
            return self.range(low, high, names) + (step if self.random.random() < 0.4 else "")
        return ("*" if self.random.random() < 0.8 else str(self.random.randint(low, min(high, 6)))) + step

    def field(self, low, high, names=(), free=0.35):
        if self.random.random() < free:
            return "*"
        return ",".join(self.item(low, high, names) for _ in range(self.random.choice((1, 1, 1, 2, 3))))

    def expression(self):
        chance = self.random.random
        day = self.field(1, 31, free=0.5)
        weekday = self.field(0, 7, WEEKDAYS, free=0.5)
        if chance() < 0.1:
            day = self.random.choice(["L", "l", f"{self.random.randint(1, 28)},L", f"{self.random.randint(1, 31)}W", "?"])
            weekday = "*" if "W" in day else weekday
        if chance() < 0.1:
            weekday = ",".join(self.value(0, 7, WEEKDAYS) + f"#{self.random.randint(1, 5)}" for _ in range(self.random.choice((1, 2))))
            day = "*"
        elif chance() < 0.05:
            weekday, day = f"L{self.random.randint(0, 7)}", "*"
        fields = [self.field(0, 59), self.field(0, 23), day, self.field(1, 12, MONTHS, free=0.6), weekday]
        if chance() < 0.2:
            fields.append(self.field(0, 59))
        return (" " if chance() < 0.9 else "  ").join(fields)


def text(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def reference(expression, start):
    """Three times after and two before, or None when there are none within the years."""
    try:
        after = croniter(expression, start, max_years_between_matches=YEARS)
        following = [after.get_next(datetime.datetime) for _ in range(3)]
        before = croniter(expression, start, max_years_between_matches=YEARS)
        preceding = [before.get_prev(datetime.datetime) for _ in range(2)]
    except CroniterError:
        return None
    return " ".join(map(text, following)), f"{text(preceding[1])}..{text(preceding[0])}"


def ask(program, questions):
    process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def write():
        process.stdin.write("".join(json.dumps(q) + "\n" for q in questions))
        process.stdin.close()

    threading.Thread(target=write).start()
    answers = process.stdout.read().splitlines()
    if process.wait() != 0 or len(answers) != len(questions):
        sys.exit(f"{program} ended with {process.returncode} after {len(answers)} of {len(questions)} answers")
    return answers


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=10)
    arguments = parser.parse_args()
    source = random.Random(arguments.seed)
    grammar = Grammar(source)
    expected, questions, refused = [], [], 0
    while len(expected) < arguments.count:
        expression = grammar.expression()
        start = datetime.datetime(2000, 1, 1) + datetime.timedelta(seconds=source.randrange(60 * 366 * 86400))
        if source.random() < 0.1:
            start = start.replace(hour=0, minute=0, second=0, day=1)
        answer = reference(expression, start)
        if answer is None:
            refused += 1
            continue
        expected.append((expression, start, answer))
        second = datetime.timedelta(seconds=1)
        questions.append({"schedule": expression, "ask": "between", "from": text(start + second), "to": "2150-01-01", "limit": 3})
        questions.append({"schedule": expression, "ask": "manual", "now": text(start - second)})
    answers = ask(arguments.program, questions)
    faults = 0
    for (expression, start, answer), following, preceding in zip(expected, answers[::2], answers[1::2]):
        if (following, preceding) == answer:
            continue
        faults += 1
        if faults <= arguments.show:
            print(f"{expression!r} at {text(start)}\n  croniter {answer[0]} | {answer[1]}\n  plumb    {following} | {preceding}")
    print(f"{len(expected) - faults} passed, {faults} failed ({refused} more without an answer of croniter's; seed {arguments.seed})")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
