#!/usr/bin/env python3
"""Writes tests/fixtures/yaml/*.jsonl: what PyYAML's safe_load makes of scalars and documents.

Needs PyYAML (pip install pyyaml); run it from anywhere, then look at the difference that git shows. Each line of
scalars.jsonl is [the YAML text of a value, kind, value]: ints as decimal text, floats as hexadecimal text, dates as the
text that stands there. A scalar that PyYAML refuses has the kind "error". Each line of documents.jsonl is
[the document, the same as JSON].
"""
import itertools
import json
import pathlib

import yaml

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "yaml"

WORDS = "yes no on off true false y n t f null none nil nan inf".split()
FIXED = r"""
~ !!null !!str '' "" '~' "null" 'yes' "12" '1.5' !!str 12 | !!int "12" | !!float "1.5" | !!float 3 | !!bool "yes" | !!str yes
! 12 | ! "12" | !!null x | !!int x | !!float x | !!int "0x1F" | !!str | !!str ~ | !!int 1.5 | !!float .inf | !!float 1:30 | !!timestamp 2026-11-21
0 | 00 | 000 | 0_ | 0_0 | 07 | 08 | 09 | 0o17 | 017 | -017 | +017 | 0_17 | 01_7 | 018 | 0x | 0x_ | 0x1f | 0X1F | -0xFF | +0xff | 0x_f | 0xG
0b | 0b_ | 0b101 | -0b11 | 0b1_0 | 0b2 | 0B1 | 1 | -1 | +1 | --1 | +-1 | 1_000 | 1__0 | _1 | 1_ | -_1 | - 1 | -0 | +0 | 1 000 | 1,000
9223372036854775807 | 9223372036854775808 | -9223372036854775808 | -9223372036854775809 | 18446744073709551616 | 123456789012345678901234567890
0x7fffffffffffffff | 0x8000000000000000 | 0777777777777777777777 | 01000000000000000000000 | -0x8000000000000000
1:30 | 1:60 | 1:59 | 0:30 | 01:30 | 190:20:30 | -1:30 | +1:30 | 1:3 | 1:030 | 1_0:30 | 1:30: | 12:30:45.5 | 12:30:45. | 1:60.0 | -1:30.25 | 0:30.5 | 00:00:01.0
12:30 | 1:2:3:4:5:6 | 99999999999999999999:59 | 1:30.5e+3 | 1:30.inf | :30 | 7:00 | 07:00 | 19:00 | 23:59:59
1. | 1.0 | -1.0 | +1.0 | .5 | -.5 | +.5 | ._5 | .5_ | 1_0.5 | 1._5 | 1.5_ | 1.5e3 | 1.5e+3 | 1.5E-3 | 1e3 | 1e+3 | 1.e+3 | .5e+2 | .5e2 | -.5e+2
1.5e+ | 1.5e | 1.5.2 | 1.2.3.4 | 1.5e+3.0 | 0.1 | 0.30000000000000004 | 123456789012345678.25 | 1.7976931348623157e+308 | 2.2250738585072014e-308 | 4.9e-324 | 1.0e-400
0.1e+1 | 00.5 | 0x1.5 | 1_.5 | 5_.e+1 | . | .. | ... | .e+1 | ._ | 0. | -0.0 | 0.0
.inf | .Inf | .INF | -.inf | +.inf | -.Inf | .iNF | inf | .nan | .NaN | .NAN | -.nan | .Nan | NaN | .infinity
2026-11-21 | 2026-1-2 | 2026-02-30x | 2001-12-14t21:59:43.10-05:00 | 2001-12-14 21:59:43.10 -5 | 2026-11-21T07:00:00Z | 2026-11 | 20261121
y | n | Y | N | yEs | TRUE | True | tRUE | oN | On | ON | NULL | Null | nULL | nUll | truex | yes no | yes. | on/off
a b | a # b | a#b | 'it''s' | "tab\t" | "\x41\u00e4\U0001F600" | "a\
  b" | "\e\0\a" | a:b | a: | http://x.org/a?b=c#d | C:\x | "C:\\x" | a\nb | @x | %x | `x | &a x | !x y | * | ? x | ?x | -x | - | -- | --- | :x | ,x | [a, b | {a: b
größe | 日本 | "größe" | 😀 | #x | "#x" | 'a
  b' | 0042 | 1.50 | 12345678901234567.89 | 00123 | DE89370400440532013000 | 1e400 | 0e0 | 1E5 | 12e03 | 0.1.2 | 1/2 | 50% | $5 | 5€ | 3d | 3h | 15m | "@hourly" | 0 7 * * * | "0 7 * * *"
1-2 | 1+1 | 0-1 | +- | + | ++ | +. | -. | -.e | ~x | ~~ | null x | nullx | "=" | "<<" | '<<'
"""
DOCUMENTS = [
    "a: 1\nb: [x, y]\nc: {d: e}\n",
    "- a\n- b: 1\n  c: 2\n-\n  - x\n- - y\n  - z\n",
    "a:\nb: ~\nc: ''\n",
    "base: &b {x: 1, y: 2}\nuse: {<<: *b, y: 3, z: 4}\n",
    "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: [*a, *b]\n  w: 3\n",
    "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: *a\n  <<: *b\n  w: 3\n",
    "a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b, x: 9}\n",
    "c: {x: 0, <<: {x: 1, y: 2}}\n",
    "c: {<<: []}\n",
    "'<<': 1\n",
    "- &x [1, 2]\n- *x\n- &y text\n- *y\n- {*y : 1}\n",
    "a: |\n  one\n   two\n\n  three\nb: >\n  one\n  two\n\n  three\nc: |-\n  x\nd: |+\n  x\n\ne: >-\n  x\n  y\n",
    "a: |2\n    x\nb: plain\n  goes on\n\n  here\n",
    "'single ''quoted''': \"double \\\"quoted\\\"\"\n",
    "# comment\n\na: 1 # more\n#end\n",
    "--- # start\na: 1\n...\n",
    "%YAML 1.1\n---\na: 0o7\n",
    "? a\n: 1\n? b\n",
    "1: a\n2: b\n",
    "!!map {a: !!seq [1]}\n",
    "a: !!str\nb: !!str 1\n",
    "größe: ä\n'日本': \"\\u20ac\"\n",
    "a: [1, 2, [3, [4]], {b: [5]}, ]\n",
    "[a, b: c, 'd']\n",
    "{a, b: , 'c': 1}\n",
    "\ufeffa: 1\n",
    "a: 1\r\nb: 2\r\n",
    "a: x\n\n\nb:   y   \n",
    "text",
    "'text'",
    "--- |\n x\n y\n",
    "---\n",
    "[]",
    "{}",
    "a: 0x1F\nb: 1_000\nc: 1:30\nd: 017\ne: -0b11\nf: 123456789012345678901234567890\ng: +12\n",
    "a: 1.5\nb: 1_0.25\nc: 1.5e+3\nd: 1:30.5\ne: .5\n",
    "schedule: \"0 7 * * *\"\nevery: 15m\nat: 07:00\nstart_date: 2026-01-01\ncatchup: no\n",
    "x: {type: postgres, password: \"{{ env_var('PW') }}\", port: 5432}\n",
    "a: 'x\n\n  y'\nb: \"x\n  \\\n  y\"\n",
    "a:\n- 1\n- 2\nb:\n  - 3\n",
]


class Loader(yaml.SafeLoader):
    pass


# Dates stay text, as the door of the document says.
Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: loader.construct_scalar(node))


def describe(value):
    if value is None:
        return ["null", ""]
    if isinstance(value, bool):
        return ["bool", "true" if value else "false"]
    if isinstance(value, int):
        return ["int", str(value)]
    if isinstance(value, float):
        return ["float", "nan" if value != value else value.hex()]
    if isinstance(value, str):
        return ["text", value]
    return ["other", ""]


def scalars():
    seen = []
    for word in WORDS:
        seen += [word, word.upper(), word.capitalize(), f"'{word}'", f"{word}1"]
    for line in FIXED.strip("\n").replace("\\\n", "\\\f").replace("'a\n", "'a\f").split("\n"):
        seen += [part.strip(" ").replace("\f", "\n") for part in line.split(" | ")]
    for sign, whole, tail in itertools.product(["", "-", "+"], ["0", "7", "08", "1_2", "10:59"], ["", ".", ".5", ".5e+1", "e1", "_", ":7"]):
        seen.append(sign + whole + tail)
    for text in dict.fromkeys(seen):
        try:
            yield [text] + describe(yaml.load("v: " + text, Loader)["v"])
        except (yaml.YAMLError, ValueError, KeyError, AttributeError):
            yield [text, "error", ""]


def write(name, rows):
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    (FOLDER / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{name}: {len(lines)} lines by PyYAML {yaml.__version__}")


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    write("scalars.jsonl", scalars())
    write("documents.jsonl", [[text, json.dumps(yaml.load(text, Loader), ensure_ascii=False, separators=(",", ":"))] for text in DOCUMENTS])


if __name__ == "__main__":
    main()
