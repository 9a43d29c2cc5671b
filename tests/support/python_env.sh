#!/usr/bin/env bash
# python_env.sh PACKAGE==VERSION...: prints the path of a Python that has these packages. pip installs them once, into a
# folder of the cache that survives clean builds; the system's own packages are left alone. Exits 77 ("skip this test") with
# a message when they are neither in the cache nor to be had.
set -euo pipefail
cache=${PLUMB_CACHE:-${XDG_CACHE_HOME:-${HOME:?set HOME or PLUMB_CACHE}/.cache}/plumb}/python
python=$(command -v "${PLUMB_PYTHON:-python3}")
abi=$("$python" -c 'import sys; print(sys.implementation.cache_tag)')
packages=$(printf '%s\n' "$@" | sort | tr '\n' '+')
folder=$cache/$abi-${packages%+}
mkdir -p "$cache"

# Several tests may ask at once: one fetches, the others wait for it.
exec 9>"$cache/lock"
flock 9
if [[ ! -e $folder ]]; then
  making=$(mktemp -d "$cache/making.XXXXXX")
  trap 'rm -rf "$making"' EXIT
  if ! "$python" -m pip install --quiet --disable-pip-version-check --only-binary :all: --root-user-action=ignore --target "$making/packages" "$@" >&2; then
    echo "skipped: pip could not install $* (they are not in $cache either)" >&2
    exit 77
  fi
  printf '#!/bin/sh\nPYTHONPATH="%s" exec "%s" "$@"\n' "$folder/packages" "$python" >"$making/python"
  chmod +x "$making/python"
  mv "$making" "$folder"
  trap - EXIT
fi
echo "$folder/python"
