#!/usr/bin/env bash
# with_jinja2.sh SCRIPT ARGUMENTS...: runs a script of this folder with a Python that has the real Jinja2.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=$("$here/../support/python_env.sh" jinja2==3.1.6)
exec "$python" "$here/$1" "${@:2}"
