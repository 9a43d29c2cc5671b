#!/usr/bin/env python3
"""Holds the includes of src/ against the drawing of the house.

The drawing is the table in docs/architecture.md: which room may include which. This checks, for every file of src/,
tests/ and examples/:

  edge      a room includes only the rooms of its line in the table, directly or not at all
  door      another room is entered by its door, src/ROOM/ROOM.h (base has several small ones, listed in
            src/base/doors.txt); a header testing.h or x_testing.h is for tests only, those of other rooms too
  side door no include by relative path, of a .cpp, of a header of ours in <>, or of a file that is not there
  foreign   a public header (a door, and every header of its room that it includes) includes no foreign header but the
            standard library's; the one exception is base/format.h, which brings {fmt}
  loop      neither the rooms of the table, nor the headers, include each other in a circle

Usage: check_rooms.py [ROOT]. Prints one line for each fault, as FILE:LINE: sentence; exits 1 when there is one.
"""
import re
import sys
from collections import namedtuple
from pathlib import Path

Include = namedtuple("Include", "line name angled")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
TABLE_LINE = re.compile(r"^\|\s*(\w+)\s*\|.*\|\s*([^|]*?)\s*\|\s*$")
FOREIGN_DOORS = {"base/format.h": {"fmt/format.h", "fmt/chrono.h", "fmt/ranges.h"}}
STANDARD = set("""
algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono cinttypes climits
clocale cmath codecvt compare complex concepts condition_variable coroutine csetjmp csignal cstdarg cstddef cstdint
cstdio cstdlib cstring ctime cuchar cwchar cwctype deque exception execution filesystem format forward_list fstream
functional future initializer_list iomanip ios iosfwd iostream istream iterator latch limits list locale map memory
memory_resource mutex new numbers numeric optional ostream queue random ranges ratio regex scoped_allocator semaphore
set shared_mutex source_location span sstream stack stdexcept stop_token streambuf string string_view strstream
syncstream system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility valarray
variant vector version
""".split())


def read_table(root):
    """The rooms and what each may include: {"db": {"base", "data"}}; None stands for every room."""
    document = root / "docs" / "architecture.md"
    rooms = {}
    inside = False
    for line in document.read_text().splitlines():
        cells = TABLE_LINE.match(line)
        if cells and cells.group(2) == "may include":
            inside = True
        elif inside and cells and not set(line) <= set("|-: "):
            words = cells.group(2).replace("–", "").replace("-", "").split()
            rooms[cells.group(1)] = None if words == ["all"] else set(words)
        elif inside and not line.startswith("|"):
            break
    if not rooms:
        raise SystemExit(f"{document}: no table whose last column is \"may include\"")
    return {room: set(rooms) - {room} if may is None else may for room, may in rooms.items()}


def read_includes(path):
    found = []
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            found.append(Include(number, match.group(2), match.group(1) == "<"))
    return found


def find_loop(edges):
    """The first circle in a graph {node: [nodes]}, as a list that begins and ends with one node; empty if none."""
    finished, path = set(), []

    def visit(node):
        if node in path:
            return path[path.index(node):] + [node]
        if node in finished:
            return []
        path.append(node)
        for following in sorted(edges.get(node, ())):
            loop = visit(following)
            if loop:
                return loop
        path.pop()
        finished.add(node)
        return []

    for node in sorted(edges):
        loop = visit(node)
        if loop:
            return loop
    return []


class House:
    """The files of the repository and what they include. A file of src/ is named as includes name it: room/x.h."""

    def __init__(self, root):
        self.root = root
        self.rooms = read_table(root)
        self.files = {}
        for path in sorted((root / "src").rglob("*")):
            if path.suffix in (".h", ".cpp"):
                self.files[path.relative_to(root / "src").as_posix()] = read_includes(path)
        self.guests = {}
        for folder in ("tests", "examples"):
            for path in sorted((root / folder).rglob("*")):
                if path.suffix in (".h", ".cpp"):
                    self.guests[path.relative_to(root).as_posix()] = read_includes(path)

    def doors(self, room):
        """The headers by which a room is entered, as includes name them."""
        several = self.root / "src" / room / "doors.txt"
        names = several.read_text().split() if several.exists() else [f"{room}.h"]
        return [f"{room}/{name}" for name in names]

    def is_for_tests(self, name):
        return name.endswith(("/testing.h", "_testing.h"))

    def public_headers(self):
        """Every header that a door shows: {header: the door}."""
        public = {}

        def show(name, door):
            if name in public or name not in self.files:
                return
            public[name] = door
            for include in self.files[name]:
                if include.name.partition("/")[0] == name.partition("/")[0]:
                    show(include.name, door)

        for room in self.rooms:
            for door in self.doors(room):
                show(door, door)
        return public

    def faults(self):
        yield from self.table_faults()
        for name, includes in self.files.items():
            yield from self.include_faults(f"src/{name}", name.partition("/")[0], includes)
        for name, includes in self.guests.items():
            yield from self.include_faults(name, None, includes)
        yield from self.foreign_faults()
        headers = {name: [i.name for i in includes if i.name in self.files] for name, includes in self.files.items()}
        loop = find_loop(headers)
        if loop:
            yield f"src/{loop[0]}:1: headers include each other in a circle: {' -> '.join(loop)}"

    def table_faults(self):
        document = "docs/architecture.md:1"
        for room, may in self.rooms.items():
            for other in sorted(may - set(self.rooms)):
                yield f"{document}: the table lets {room} include {other}, which is no room"
        loop = find_loop(self.rooms)
        if loop:
            yield f"{document}: the table has a circle: {' -> '.join(loop)}"
        for room in self.rooms:
            for door in self.doors(room):
                if (self.root / "src" / room).is_dir() and door not in self.files:
                    yield f"src/{door}:1: the room has no such door"
        for room in sorted({name.partition("/")[0] for name in self.files} - set(self.rooms)):
            yield f"{document}: the table has no line for the room {room}"

    def include_faults(self, file, room, includes):
        """`room` is None for tests and examples: they may enter every room, by its door."""
        for include in includes:
            target = include.name.partition("/")[0]
            fault = None
            if ".." in include.name.split("/") or include.name.startswith("/"):
                fault = "goes by a relative path; name the room"
            elif include.name.endswith((".cpp", ".cc")):
                fault = "is a source, not a header"
            elif include.angled:
                if target in self.rooms and include.name in self.files:
                    fault = 'is ours; include it in ""'
            elif room is None and "/" not in include.name:
                continue  # a test's own helper, beside it
            elif (room is None or file.endswith("_test.cpp")) and (self.root / "tests" / include.name).exists():
                continue  # or named from tests/
            elif include.name not in self.files:
                fault = "is not in src/; a foreign header is included in <>, and ours as room/x.h"
            elif target != room or self.is_for_tests(include.name):
                if room not in (None, target) and target not in self.rooms.get(room, ()):
                    fault = f"enters {target}, which {room} may not include"
                elif self.is_for_tests(include.name):
                    if room is not None and not file.endswith("_test.cpp") and not self.is_for_tests(file):
                        fault = "is for tests only"
                elif include.name not in self.doors(target):
                    several = len(self.doors(target)) > 1
                    doors = f"doors are in src/{target}/doors.txt" if several else f"door is {self.doors(target)[0]}"
                    fault = f"is private to {target}; its {doors}"
            if fault:
                yield f"{file}:{include.line}: {include.name} {fault}"

    def foreign_faults(self):
        for name, door in self.public_headers().items():
            for include in self.files[name]:
                if not include.angled or include.name in STANDARD or include.name in FOREIGN_DOORS.get(name, ()):
                    continue
                shown = "is a door" if name == door else f"is shown by the door {door}"
                yield f"src/{name}:{include.line}: {include.name} is foreign, and {name} {shown}"


def main():
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    faults = list(House(root).faults())
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
