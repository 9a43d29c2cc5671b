#!/usr/bin/env bash
# with_croniter.sh SCRIPT ARGUMENTS...: runs a script of this folder with a Python that has croniter.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=$("$here/../support/python_env.sh" croniter==7.0.0)
exec "$python" "$here/$1" "${@:2}"
