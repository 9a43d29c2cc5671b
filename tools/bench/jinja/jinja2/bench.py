"""bench.py PAGES CONTEXT NAME SECONDS: medians of parsing with rendering, and of rendering alone, in microseconds."""
import json
import statistics
import sys
import time
from pathlib import Path

import jinja2

pages, context_file, name, seconds = Path(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4])
context = json.loads(Path(context_file).read_text())
sources = {path.name: path.read_text() for path in pages.glob("*.txt")}


def fresh():
    return jinja2.Environment(loader=jinja2.DictLoader(sources))


def measure(prepare, work):
    """`prepare` is not timed: what it gives is what `work` works on."""
    times = []
    end = time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < end:
        prepared = prepare()
        start = time.perf_counter()
        work(prepared)
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e6


kept = fresh().get_template(name)
parse_and_render = measure(fresh, lambda environment: environment.get_template(name).render(context))
render = measure(lambda: kept, lambda template: template.render(context))
print(len(kept.render(context)), parse_and_render, render)
