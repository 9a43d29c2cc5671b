#!/usr/bin/env bash
# stock_duckdb_test.sh WRITER EXTENSIONS: writes a SQLite and a DuckDB file and has them read by the stock DuckDB for Python.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")
python=$("$here/../support/python_env.sh" duckdb==1.5.5)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/data"
"$1" "$folder/data"
"$python" "$here/stock_duckdb_check.py" "$folder" "$2" "$here/../../docs/types.md"
