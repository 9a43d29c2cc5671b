#!/usr/bin/env python3
"""Writes tests/fixtures/zones.jsonl: what Python's zoneinfo says of instants and local times.

Lines are ["offset", zone, instant, seconds] and ["instant", zone, local time, instant]. Of a local time that occurs
twice the first instant is taken; for one that is skipped the instant of the change. Only zones and years are asked
about which no release of the tz database is likely to change.
"""
import datetime
import json
import pathlib
import random
import zoneinfo

TARGET = pathlib.Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "zones.jsonl"
UTC = datetime.timezone.utc
# Zone and first year to ask about.
ZONES = {
    "Europe/Berlin": 1900, "America/New_York": 1900, "Europe/London": 1972, "Europe/Dublin": 1972, "Asia/Kolkata": 1970,
    "Asia/Kathmandu": 1970, "Australia/Lord_Howe": 1990, "Australia/Sydney": 1990, "Pacific/Apia": 2000,
    "Pacific/Chatham": 1990, "America/St_Johns": 1990, "America/Sao_Paulo": 1990, "Africa/Johannesburg": 1970,
    "Antarctica/Troll": 2006, "Pacific/Kiritimati": 1990, "America/Nuuk": 1990, "Etc/GMT+5": 1970, "UTC": 1970,
}


def iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def changes(zone, year):
    """The instants of a year at which the offset changes."""
    begin = datetime.datetime(year, 1, 1, tzinfo=UTC)
    step = datetime.timedelta(days=1)
    for day in range(366):
        low, high = begin + day * step, begin + (day + 1) * step
        if low.astimezone(zone).utcoffset() == high.astimezone(zone).utcoffset():
            continue
        while high - low > datetime.timedelta(seconds=1):
            middle = low + (high - low) // 2
            middle = middle.replace(microsecond=0)
            if middle.astimezone(zone).utcoffset() == low.astimezone(zone).utcoffset():
                low = middle
            else:
                high = middle
        yield high


def to_instant(zone, local):
    instant = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local:
        return instant
    return next(c for year in (instant.year - 1, instant.year, instant.year + 1) for c in changes(zone, year)
                if abs(c - instant) < datetime.timedelta(days=1, hours=12)
                and (c - datetime.timedelta(seconds=1)).astimezone(zone).replace(tzinfo=None) < local < c.astimezone(zone).replace(tzinfo=None))


def rows():
    chance = random.Random(3)
    for name, first_year in ZONES.items():
        zone = zoneinfo.ZoneInfo(name)
        instants = [datetime.datetime(y, chance.randint(1, 12), chance.randint(1, 28), chance.randint(0, 23), tzinfo=UTC)
                    for y in [first_year, 2011, 2024, 2036, 2037, 2038, 2039, 2100, 2400] + [chance.randint(first_year, 2200) for _ in range(8)]]
        locals_ = [chance.choice(instants).replace(tzinfo=None)]
        for year in (2011, 2026, 2040):
            for change in changes(zone, year):
                instants += [change - datetime.timedelta(seconds=1), change]
                for minutes in (-90, -30, 0, 15, 30, 90):
                    locals_.append(change.astimezone(zone).replace(tzinfo=None) + datetime.timedelta(minutes=minutes))
        for instant in instants:
            yield ["offset", name, iso(instant), int(instant.astimezone(zone).utcoffset().total_seconds())]
        for local in locals_:
            yield ["instant", name, iso(local), iso(to_instant(zone, local))]


def main():
    lines = [json.dumps(row) for row in rows()]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{TARGET.name}: {len(lines)} lines")


if __name__ == "__main__":
    main()
