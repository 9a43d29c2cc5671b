#!/usr/bin/env bash
# validate_artifacts.sh PLUMB SCHEMAS PROJECT: with the Python that has jsonschema.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[[ -d $2 ]] || { echo "no schemas here" && exit 77; }
python=$("$here/../support/python_env.sh" jsonschema==4.26.0)
exec "$python" "$here/validate_artifacts.py" "$@"
