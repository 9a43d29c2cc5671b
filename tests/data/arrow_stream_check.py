"""Reads what arrow_stream_writer writes with the stock pyarrow and compares types and values.

Usage: arrow_stream_check.py PATH_OF_ARROW_STREAM_WRITER
"""
import datetime
import decimal
import io
import subprocess
import sys
import uuid

import pyarrow as pa

UTC = datetime.timezone.utc
ID = uuid.UUID("123e4567-e89b-12d3-a456-426614174000")

FULL = {
    "flag": True,
    "count": -(2**63),
    "amount": decimal.Decimal("-123456789012345678901234567890123456.78"),
    "ratio": 0.1,
    "name": 'Käse "x"',
    "blob": b"\x00\xff\x10",
    "day": datetime.date(2026, 11, 21),
    "clock": datetime.time(7, 0, 0, 1),
    "local": datetime.datetime(1969, 12, 31, 23, 59, 59, 999999),
    "moment": datetime.datetime(2026, 11, 21, 7, 0, 0, 500000, UTC),
    "id": ID,
    "document": '{"a": [1, 2.50]}',
    "tags": ["a", None, ""],
    "place": {"city": "Berlin", "at": [decimal.Decimal("52.52437"), None], "since": datetime.date(2026, 1, 1)},
    "ids": [ID, None],
}
NONE = dict.fromkeys(FULL)
SMALL = {
    "flag": False,
    "count": 0,
    "amount": decimal.Decimal("0.05"),
    "ratio": float("-inf"),
    "name": "",
    "blob": b"",
    "day": datetime.date(1, 1, 1),
    "clock": datetime.time(0),
    "local": datetime.datetime(2026, 2, 28),
    "moment": datetime.datetime(1970, 1, 1, tzinfo=UTC),
    "id": uuid.UUID(int=0),
    "document": "null",
    "tags": [],
    "place": {"city": "", "at": None, "since": None},
    "ids": [],
}

SCHEMA = pa.schema([
    ("flag", pa.bool_()),
    ("count", pa.int64()),
    ("amount", pa.decimal128(38, 2)),
    ("ratio", pa.float64()),
    ("name", pa.string()),
    ("blob", pa.binary()),
    ("day", pa.date32()),
    ("clock", pa.time64("us")),
    ("local", pa.timestamp("us")),
    ("moment", pa.timestamp("us", tz="UTC")),
    ("id", pa.uuid()),
    ("document", pa.json_()),
    ("tags", pa.list_(pa.string())),
    ("place", pa.struct([
        pa.field("city", pa.string(), nullable=False),
        ("at", pa.list_(pa.decimal128(8, 5))),
        ("since", pa.date32()),
    ])),
    ("ids", pa.list_(pa.uuid())),
    pa.field("row", pa.int64(), nullable=False),
])


def read(writer, *arguments):
    data = subprocess.run([writer, *arguments], stdout=subprocess.PIPE, check=True).stdout
    reader = pa.ipc.open_stream(io.BytesIO(data))
    return reader.schema, list(reader)


def check_values(batch, expected):
    rows = batch.to_pylist()
    assert len(rows) == len(expected), (len(rows), len(expected))
    for number, (row, wanted) in enumerate(zip(rows, expected)):
        wanted = wanted | {"row": number}
        for name in wanted:
            assert row[name] == wanted[name], f"row {number}, {name}: {row[name]!r}, not {wanted[name]!r}"


schema, batches = read(sys.argv[1])
assert schema.equals(SCHEMA), f"{schema}\n\nis not\n\n{SCHEMA}"
for batch in batches:
    batch.validate(full=True)
assert [batch.num_rows for batch in batches] == [3, 0, 1000]
check_values(batches[0], [FULL, NONE, SMALL])
check_values(batches[2], [(NONE, FULL, SMALL)[i % 3] for i in range(1000)])

schema, batches = read(sys.argv[1], "empty")
assert schema.equals(SCHEMA) and batches == []
print("pyarrow", pa.__version__, "reads all types")
