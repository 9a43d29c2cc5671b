#!/usr/bin/env python3
"""Plants one violation at a time in a small house, and sees check_rooms.py find it."""
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from check_rooms import House  # noqa: E402

TABLE = """# Architecture

| room | what | may include |
| --- | --- | --- |
| base | the ground | – |
| data | rows | base |
| db | databases | base data |
| cli | the front door | all |

Text | after | base
"""

HOUSE = {
    "docs/architecture.md": TABLE,
    "src/base/doors.txt": "error.h\nformat.h\n",
    "src/base/error.h": "#pragma once\n#include <string>\n",
    "src/base/format.h": "#pragma once\n#include <fmt/format.h>\n",
    "src/base/scanner.h": "#pragma once\n#include <yaml.h>\n",
    "src/base/scanner.cpp": '#include "base/scanner.h"\n',
    "src/data/data.h": '#pragma once\n#include "data/batch.h"\n',
    "src/data/batch.h": '#pragma once\n#include <vector>\n\n#include "base/error.h"\n',
    "src/base/testing.h": "#pragma once\n#include <gtest/gtest.h>\n",
    "src/base/error_test.cpp": '#include "base/testing.h"\n',
    "src/data/batch_test.cpp": '#include "base/testing.h"\n',
    "src/data/bytes.h": "#pragma once\n",
    "src/db/db.h": '#pragma once\n#include "data/data.h"\n',
    "src/db/duckdb_api.h": "#pragma once\n#include <duckdb.h>\n",
    "src/db/duckdb.cpp": '#include "db/duckdb_api.h"\n\n#include <dlfcn.h>\n\n#include "base/format.h"\n#include "db/db.h"\n',
    "src/cli/cli.h": "#pragma once\n",
    "src/cli/main.cpp": '#include "db/db.h"\n',
    "tests/story_test.cpp": '#include <gtest/gtest.h>\n\n#include "db/db.h"\n#include "support/world.h"\n',
    "tests/support/world.h": '#pragma once\n#include "data/data.h"\n',
    "examples/hello.cpp": '#include "base/error.h"\n',
}


class CheckRooms(unittest.TestCase):
    def faults(self, files=None):
        """The faults of the house after some files were replaced or added."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {**HOUSE, **(files or {})}.items():
                path = Path(folder) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return list(House(Path(folder)).faults())

    def finds(self, file, text, fault):
        self.assertEqual(self.faults(files={file: text}), [fault])

    def test_a_tidy_house_has_no_faults(self):
        self.assertEqual(self.faults(), [])

    def test_an_edge_that_the_table_lacks(self):
        self.finds("src/data/rows.cpp", '\n#include "db/db.h"\n',
                   "src/data/rows.cpp:2: db/db.h enters db, which data may not include")

    def test_an_edge_is_not_inherited(self):
        table = TABLE.replace("| base data |", "| data |")
        self.assertEqual(self.faults(files={"docs/architecture.md": table}),
                         ["src/db/duckdb.cpp:5: base/format.h enters base, which db may not include"])

    def test_tests_in_a_room_keep_to_the_table_too(self):
        self.finds("src/data/rows_test.cpp", '#include "db/db.h"\n',
                   "src/data/rows_test.cpp:1: db/db.h enters db, which data may not include")

    def test_another_rooms_private_header(self):
        self.finds("src/cli/show.cpp", '#include "data/bytes.h"\n',
                   "src/cli/show.cpp:1: data/bytes.h is private to data; its door is data/data.h")

    def test_what_a_door_shows_is_still_entered_by_the_door(self):
        self.finds("src/cli/show.cpp", '#include "data/batch.h"\n',
                   "src/cli/show.cpp:1: data/batch.h is private to data; its door is data/data.h")

    def test_a_private_header_of_base(self):
        self.finds("src/cli/show.cpp", '#include "base/scanner.h"\n',
                   "src/cli/show.cpp:1: base/scanner.h is private to base; its doors are in src/base/doors.txt")

    def test_what_is_for_tests_stays_in_tests(self):
        self.finds("src/data/rows.cpp", '#include "base/testing.h"\n',
                   "src/data/rows.cpp:1: base/testing.h is for tests only")
        self.finds("src/base/error.cpp", '#include "base/testing.h"\n',
                   "src/base/error.cpp:1: base/testing.h is for tests only")
        self.assertEqual(self.faults({"src/db/db_test.cpp": '#include "support/world.h"\n'}), [])
        self.finds("src/db/side.cpp", '#include "support/world.h"\n',
                   "src/db/side.cpp:1: support/world.h is not in src/; a foreign header is included in <>, and ours as "
                   "room/x.h")

    def test_tests_and_examples_enter_by_the_door(self):
        self.finds("examples/peek.cpp", '#include "data/bytes.h"\n',
                   "examples/peek.cpp:1: data/bytes.h is private to data; its door is data/data.h")

    def test_a_relative_path(self):
        self.finds("src/db/side.cpp", '#include "../cli/x.h"\n',
                   "src/db/side.cpp:1: ../cli/x.h goes by a relative path; name the room")

    def test_a_source_included(self):
        self.finds("src/cli/side.cpp", '#include "cli/main.cpp"\n',
                   "src/cli/side.cpp:1: cli/main.cpp is a source, not a header")

    def test_ours_in_angle_brackets(self):
        self.finds("src/data/rows.cpp", "#include <db/db.h>\n", 'src/data/rows.cpp:1: db/db.h is ours; include it in ""')

    def test_a_name_without_its_room(self):
        self.finds("src/data/rows.cpp", '#include "batch.h"\n',
                   "src/data/rows.cpp:1: batch.h is not in src/; a foreign header is included in <>, and ours as room/x.h")

    def test_a_foreign_header_in_a_door(self):
        self.finds("src/db/db.h", "#pragma once\n#include <libpq-fe.h>\n",
                   "src/db/db.h:2: libpq-fe.h is foreign, and db/db.h is a door")

    def test_a_foreign_header_in_what_a_door_shows(self):
        self.finds("src/data/batch.h", "#include <simdjson.h>\n",
                   "src/data/batch.h:1: simdjson.h is foreign, and data/batch.h is shown by the door data/data.h")

    def test_the_system_is_foreign_in_a_door(self):
        self.finds("src/base/error.h", "#include <unistd.h>\n",
                   "src/base/error.h:1: unistd.h is foreign, and base/error.h is a door")

    def test_fmt_is_for_one_door_only(self):
        self.finds("src/base/error.h", "#include <fmt/format.h>\n",
                   "src/base/error.h:1: fmt/format.h is foreign, and base/error.h is a door")

    def test_headers_in_a_circle(self):
        found = self.faults(files={"src/data/batch.h": '#include "data/type.h"\n',
                                   "src/data/type.h": '#include "data/batch.h"\n'})
        self.assertEqual(found, ["src/data/batch.h:1: headers include each other in a circle: "
                                 "data/batch.h -> data/type.h -> data/batch.h"])

    def test_rooms_in_a_circle(self):
        table = TABLE.replace("| the ground | – |", "| the ground | db |")
        self.assertEqual(self.faults(files={"docs/architecture.md": table}),
                         ["docs/architecture.md:1: the table has a circle: base -> db -> base"])

    def test_a_room_without_its_door(self):
        self.finds("src/base/doors.txt", "error.h\nformat.h\nclock.h\n", "src/base/clock.h:1: the room has no such door")

    def test_a_room_that_the_table_forgot(self):
        self.finds("src/attic/attic.h", "#pragma once\n",
                   "docs/architecture.md:1: the table has no line for the room attic")

    def test_a_room_that_nobody_built(self):
        table = TABLE.replace("| base data |", "| base data attic |")
        self.assertEqual(self.faults(files={"docs/architecture.md": table}),
                         ["docs/architecture.md:1: the table lets db include attic, which is no room"])

    def test_includes_with_spaces_are_seen(self):
        self.finds("src/data/rows.cpp", '  #  include   "db/db.h"\n',
                   "src/data/rows.cpp:1: db/db.h enters db, which data may not include")

    def test_a_document_without_the_table(self):
        with self.assertRaises(SystemExit):
            self.faults(files={"docs/architecture.md": "nothing"})


if __name__ == "__main__":
    unittest.main()
