# shellcheck shell=bash
# For the bench scripts: times whole processes and compares medians. Sourced.

# measure NAME COMMAND...: three runs after one warm-up (RUNS and WARMUP change that); sets seconds_NAME (the median) and
# megabytes_NAME (the most memory of any run). PREPARE, if set, is a command before each run, not timed.
measure() {
  local name=$1 run times=() most=0 out
  shift
  for ((run = -${WARMUP:-1}; run < ${RUNS:-3}; run++)); do
    ${PREPARE:-true}
    out=$(mktemp)
    python3 - "$out" "$@" <<'PY'
import subprocess, sys, time
start = time.monotonic()
# The memory by a small process: a child of Python's begins with Python's own.
code = subprocess.call(["/usr/bin/time", "-f", "%M", "-o", sys.argv[1], *sys.argv[2:]], stdout=subprocess.DEVNULL)
seconds = time.monotonic() - start
peak = int(open(sys.argv[1]).read().split()[-1]) / 1024
open(sys.argv[1], "w").write(f"{seconds:.4f} {peak:.1f}\n")
sys.exit(code)
PY
    read -r seconds megabytes <"$out"
    rm -f "$out"
    ((run < 0)) && continue
    times+=("$seconds")
    most=$(awk -v a="$most" -v b="$megabytes" 'BEGIN { print (a > b ? a : b) }')
  done
  printf -v "seconds_$name" '%s' "$(printf '%s\n' "${times[@]}" | sort -n | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }')"
  printf -v "megabytes_$name" '%s' "$most"
}

# report WHAT FIGURE LIMIT UNIT: a line, and "OVER" where the figure is above the limit.
report() {
  awk -v what="$1" -v figure="$2" -v limit="$3" -v unit="$4" \
    'BEGIN { printf "%-58s %8.3f %-3s (at most %g)%s\n", what, figure, unit, limit, (figure > limit ? "  OVER" : "") }'
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { print a / b }'; }
