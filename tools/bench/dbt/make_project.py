"""Writes a dbt project: N models, a tenth of them seeds of rows, the rest joins of two earlier ones; two tests each."""
import os
import random
import sys

count, folder = int(sys.argv[1]), sys.argv[2]
random.seed(7)
os.makedirs(f"{folder}/models")


def write(name, text):
    with open(f"{folder}/{name}", "w") as file:
        file.write(text)


write("dbt_project.yml", "name: big\nversion: '1.0'\nprofile: big\nmodels: {big: {+materialized: table}}\n")
write("profiles.yml", "big: {target: dev, outputs: {dev: {type: duckdb, path: big.duckdb, threads: 2}}}\n")
first = max(1, count // 10)
for i in range(count):
    if i < first:
        sql = "select range as id, range * 100 + %d as cents from range(100)" % i
    else:
        a, b = random.randrange(i), random.randrange(i)
        sql = (f"with a as (select * from {{{{ ref('m{a}') }}}}), b as (select * from {{{{ ref('m{b}') }}}})\n"
               "select a.id, b.cents, round(b.cents / 100.0, 2) as amount\n"
               "{% for k in range(3) %}, {{ k }} as k{{ k }}\n{% endfor %}"
               "from a join b using (id)")
    write(f"models/m{i}.sql", sql + "\n")
for start in range(0, count, 50):
    lines = ["models:"]
    for i in range(start, min(count, start + 50)):
        lines.append(f"  - name: m{i}\n    description: the model of number {i}\n    columns:\n      - name: id\n"
                     "        data_tests: [unique, not_null]")
    write(f"models/part{start}.yml", "\n".join(lines) + "\n")
