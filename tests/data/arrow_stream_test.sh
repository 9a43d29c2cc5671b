#!/usr/bin/env bash
# arrow_stream_test.sh PATH_OF_ARROW_STREAM_WRITER: the stock pyarrow reads the Arrow streams that we write.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=$("$here/../support/python_env.sh" pyarrow==21.0.0)
exec "$python" "$here/arrow_stream_check.py" "$1"
