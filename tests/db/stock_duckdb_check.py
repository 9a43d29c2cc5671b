"""Reads what stock_duckdb_writer wrote with the stock DuckDB: the SQLite file by the very statement of docs/types.md.

Usage: stock_duckdb_check.py FOLDER EXTENSIONS TYPES_MD    FOLDER holds data/raw_bank.db and data/lake.duckdb
"""
import os
import re
import sys

import duckdb

folder, extensions, types_md = sys.argv[1:]


def documented_statements():
    """The indented block that follows "These casts give the exact values:"."""
    text = open(types_md, encoding="utf-8").read()
    block = re.search(r"These casts give the exact values:\n\n((?:    .*\n)+)", text)
    assert block, "docs/types.md no longer shows the casts"
    return [s for s in re.sub(r"(?m)^    ", "", block.group(1)).split(";") if s.strip()]


def types_and_rows(connection, select):
    """Types, and values as DuckDB prints them."""
    types = [row[1] for row in connection.execute(f"DESCRIBE {select}").fetchall()]
    rows = connection.execute(f"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM ({select})").fetchall()
    return types, rows


def expect(found, wanted):
    assert found == wanted, f"\nfound  {found}\nwanted {wanted}"


types_md = os.path.abspath(types_md)
os.chdir(folder)

connection = duckdb.connect()
connection.execute("SET TimeZone = 'UTC'")
if extensions:
    connection.execute(f"LOAD '{extensions}/sqlite_scanner.duckdb_extension'")
attach, select = documented_statements()
connection.execute(attach)
types, rows = types_and_rows(connection, select)
expect(types, ["DECIMAL(15,2)", "DECIMAL(20,2)", "BOOLEAN", "TIME", "TIMESTAMP WITH TIME ZONE", "UUID", "JSON"])
others = ("true", "07:00:00", "2026-11-21 07:00:00.25+00", "f47ac10b-58cc-4372-8567-0e02b2c3d479", '{"n": 1.0}')
amounts = [("0.10", "0.10"), ("0.20", "0.20"), ("-9999999999999.99", "-999999999999999999.99"),
           ("1234567890123.45", "123456789012345678.90")]
expect(rows, [amount + others for amount in amounts])
expect(types_and_rows(connection, f"SELECT sum(a) FROM ({select}) AS t(a)")[1], [("-8765432109876.24",)])

lake = duckdb.connect("data/lake.duckdb", read_only=True)
types, rows = types_and_rows(lake, "SELECT * FROM raw.t")
expect(types, ["DECIMAL(18,2)", "DECIMAL(38,10)", "DATE", "UUID", "JSON", "VARCHAR[]", "STRUCT(city VARCHAR, lat DOUBLE)"])
expect(rows, [("9999999999999999.99", "1234567890123456789012345678.0123456789", "2026-11-21",
               "f47ac10b-58cc-4372-8567-0e02b2c3d479", '{"n": 1.0}', "[a, NULL]",
               "{'city': Köln, 'lat': 50.93753}")])
print("read by DuckDB", duckdb.__version__)
