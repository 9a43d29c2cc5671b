#!/usr/bin/env bash
# Plumb's front script. Alone, it lists what it can do; each command first says what it has to install.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

usage() {
  cat <<'END'
./do demo [--keep] [--postgres]  load a bank and the weather from two sandboxes, and show tables
./do build [PRESET]              the program, as build/PRESET/plumb (PRESET is release unless you say another)
./do test [PRESET]               every test in release, then the rooms' tests under ASan and UBSan; or all in PRESET
./do check                       format, rooms, clang-tidy, shell scripts
./do conformance [duckdb|postgres]  the adapters' own suite, with plumb in place of dbt
./do bench                       figures, each beside its limit
./do soak                        the long runs: kill, fuzz, TSan, Clang
./do clean                       remove build/ (what was downloaded stays in the cache)
END
}

# Runs the executables of a folder in the order of their names; all of them, even after one has failed.
run_each() {
  local folder=$1 script failed=()
  for script in "$folder"/*; do
    [[ -f $script && -x $script ]] || continue
    echo "== ${script#tools/}"
    "$script" || failed+=("${script#tools/}")
  done
  ((${#failed[@]} == 0)) || { echo "failed: ${failed[*]}" >&2 && exit 1; }
}

command=${1:-}
shift || true
export PLUMB_PROGRAM=$PWD/build/release/plumb
case $command in
  demo) tools/build release plumb && exec tools/demo "$@" ;;
  build) tools/build "${1:-release}" ;;
  test) exec tools/test "$@" ;;
  check) exec tools/check ;;
  conformance) tools/build release plumb && exec tests/conformance/run "$@" ;;
  bench) tools/build release && run_each tools/bench ;;
  soak) tools/build release && run_each tools/soak ;;
  clean) rm -rf build ;;
  "" | help | --help | -h) usage ;;
  *)
    echo "do: there is no \"$command\"" >&2
    usage >&2
    exit 2
    ;;
esac
