#!/usr/bin/env python3
"""Schedules across clock changes, start and end dates and catchup: the runs must be those of Airflow's timetables.

    airflow_answers.py TIMETABLE_ANSWERS [--count N] [--seed N]     random cases, compared
    airflow_answers.py --table FILE                                 writes the table that timetable_test.cpp reads

Needs apache-airflow-core 3.1 and time-machine (pip install apache-airflow-core==3.1.8 time-machine, beside the
repository). Of `interval: end` the
fire times are compared: Airflow's interval has no length there, ours is the one that ends with it.
"""
import argparse
import json
import random
import subprocess
import sys

import pendulum
import time_machine
from airflow.timetables.base import DataInterval, TimeRestriction
from airflow.timetables.interval import CronDataIntervalTimetable
from airflow.timetables.trigger import CronTriggerTimetable, MultipleCronTriggerTimetable

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo", "Pacific/Apia"]
SCHEDULES = ["0 7 * * *", "30 2 * * *", "0 2,3 * * *", "*/30 1-3 * * *", "0 * * * *", "*/20 * * * *", "0 */2 * * *", "0 0 * * *",
             "15 6 * * mon-fri", "0 0 1 * *", "30 1 * * sun", "0 0 L * *", "@weekly", "@daily", "0 12 * * fri#2", "0 4 1 */3 *"]
COUNT = 4


def text(moment):
    return None if moment is None else pendulum.instance(moment).in_timezone("UTC").strftime("%Y-%m-%dT%H:%M:%SZ")


def timetable(case):
    schedule = case["schedule"]
    if case["interval"] == "start":
        return CronDataIntervalTimetable(schedule, timezone=pendulum.timezone(case["zone"]))
    if isinstance(schedule, list):
        return MultipleCronTriggerTimetable(*schedule, timezone=case["zone"])
    return CronTriggerTimetable(schedule, timezone=case["zone"])


def reference(case):
    """What next_dagrun_info says, so many times, at a clock that stands still."""
    table, now = timetable(case), case["now"]
    restriction = TimeRestriction(case["earliest"], case["latest"], case["catchup"])
    last = DataInterval(*case["last"]) if case["last"] else None
    answers = []
    with time_machine.travel(now, tick=False):
        for _ in range(COUNT):
            info = table.next_dagrun_info(last_automated_data_interval=last, restriction=restriction)
            if info is None:
                answers.append("none")
                break
            last = info.data_interval
            answers.append(f"{text(last.start)}..{text(last.end)}" if case["interval"] == "start" else text(info.run_after))
    return " ".join(answers)


def random_case(source):
    zone = source.choice(ZONES)
    change = source.choice(["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z",
                            "2026-04-04T15:00:00Z", "2026-10-03T15:30:00Z", "2026-07-01T00:00:00Z"])
    around = pendulum.parse(change)

    def near(days):
        return around.add(minutes=source.randrange(-days * 1440, days * 1440))

    case = {"schedule": source.choice(SCHEDULES), "zone": zone, "interval": source.choice(["end", "start"]),
            "catchup": source.random() < 0.5, "earliest": near(9) if source.random() < 0.7 else None,
            "latest": near(40) if source.random() < 0.2 else None, "now": near(5), "last": None}
    if case["interval"] == "end" and source.random() < 0.2:
        case["schedule"] = source.sample(SCHEDULES[:-3], 2)
    if source.random() < 0.4:
        moment = near(5)
        before = [r for r in [timetable(case)._align_to_prev(moment)] if r] if not isinstance(case["schedule"], list) else [moment]
        end = before[0]
        case["last"] = (end.subtract(days=1), end)
    if case["earliest"] is None and case["last"] is None and case["catchup"]:
        case["earliest"] = near(9)
    return case


def question(case):
    schedule = {"cron": case["schedule"], "interval": case["interval"]}
    return {"ask": "walk", "count": COUNT, "schedule": schedule, "zone": case["zone"], "catchup": case["catchup"],
            "earliest": text(case["earliest"]), "latest": text(case["latest"]), "now": text(case["now"]),
            **({"last": [text(m) for m in case["last"]]} if case["last"] else {})}


def ours(program, cases):
    lines = "".join(json.dumps(question(c)) + "\n" for c in cases)
    answers = subprocess.run([program], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    for case, answer in zip(cases, answers):
        if case["interval"] == "end" and not answer.startswith("error"):
            answer = " ".join(a.split("..")[-1] for a in answer.split(" "))
        yield answer


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", nargs="?")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--table")
    arguments = parser.parse_args()
    source = random.Random(arguments.seed)
    cases = [random_case(source) for _ in range(arguments.count)]
    expected = [reference(c) for c in cases]
    if arguments.table:
        with open(arguments.table, "w") as file:
            for case, answer in zip(cases, expected):
                file.write(json.dumps(question(case)) + "\n  " + answer + "\n")
        return
    faults = 0
    for case, answer, our in zip(cases, expected, ours(arguments.program, cases)):
        if answer != our:
            faults += 1
            if faults <= 12:
                print(f"{json.dumps(question(case))}\n  airflow {answer}\n  plumb   {our}")
    print(f"{len(cases) - faults} passed, {faults} failed")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
