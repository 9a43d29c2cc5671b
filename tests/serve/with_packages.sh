#!/usr/bin/env bash
# with_packages.sh SCRIPT PLUMB PACKAGE==VERSION...: runs a script beside this one with a Python that has the packages.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
script=$1 plumb=$2
shift 2
python=$("$here/../support/python_env.sh" "$@")
exec "$python" "$here/$script" "$plumb"
