#!/usr/bin/env python3
"""The page of `plumb docs serve`, as a reader meets it in a headless Chromium: docs_page_test.py PLUMB

Exits with 77 where there is no Chromium. PICTURES=FOLDER keeps a picture of each step."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from chromium import Chromium, find_chromium

HOSTILE = "<script>window.hacked = 1</script> <img src=x onerror='window.hacked = 2'> [here](javascript:window.hacked=3)"
PROJECT = {
    "dbt_project.yml": "name: shop\nversion: '1.0'\nprofile: shop\n",
    "profiles.yml": "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n",
    "seeds/payments.csv": "id,order_id,amount\n1,1,10\n2,1,5\n",
    "models/staging/stg_payments.sql": "select id, order_id, amount from {{ ref('payments') }}",
    "models/marts/orders.sql": "{{ config(materialized='table', tags=['daily']) }}\n"
                               "select order_id, sum(amount) as total_paid from {{ ref('stg_payments') }} group by all",
    "models/marts/customers.sql": "select count(*) as customer_count from {{ ref('orders') }}",
    "models/_.yml": f"""
models:
  - name: orders
    description: |
      What was *ordered* and **paid**, with `code`.

      - one
      - two
    columns:
      - {{name: order_id, data_tests: [unique, not_null]}}
      - name: total_paid
        description: All payments together.
  - name: customers
    description: {json.dumps(HOSTILE)}
    columns: [{{name: customer_count, description: {json.dumps(HOSTILE)}}}]
exposures:
  - {{name: board, type: dashboard, owner: {{name: Ada}}, depends_on: ["ref('orders')"]}}
""",
}


class Story:
    def __init__(self, plumb):
        self.plumb = plumb
        self.folder = Path(tempfile.mkdtemp(prefix="plumb-docs-"))
        for name, text in PROJECT.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def run(self, *words):
        subprocess.run([self.plumb, *words], cwd=self.folder, check=True, stdout=subprocess.DEVNULL)

    def tell(self, browser, url):
        page = browser.open(url)
        page.wait("document.querySelector('h1')?.innerText === 'shop'")

        self.step(page, "a column's name finds its model")
        page.press("/")
        page.type("total_paid")
        page.wait("document.querySelector('.result')")
        assert page.run("document.querySelector('.result .name').innerText") == "orders"
        page.press("Enter")
        page.wait("document.title.startsWith('orders')")
        assert page.run("location.hash") == "#/model.shop.orders?column=total_paid"

        self.step(page, "its page shows columns, types, tests, Markdown and both texts of its code")
        columns = page.run("[...document.querySelectorAll('.columns tbody tr')].map(row => [...row.children].map(cell => cell.innerText.trim()))")
        assert columns == [["order_id", "INTEGER", "", "unique not_null"],
                           ["total_paid", "HUGEINT", "All payments together.", ""]], columns
        assert page.run("document.querySelector('.prose').innerHTML") == \
            "<p>What was <em>ordered</em> and <strong>paid</strong>, with <code>code</code>.</p><ul><li>one</li><li>two</li></ul>"
        assert 'from "shop"."main"."stg_payments" group by all' in page.run("document.querySelector('.code').innerText")
        page.click(".code-bar [role=tab]")
        assert "{{ ref('stg_payments') }}" in page.run("document.querySelector('.code').innerText")

        self.step(page, "the lineage has parents and children, and a click goes there")
        assert page.run("[...document.querySelectorAll('.node')].map(node => node.dataset.id).sort()") == \
            ["exposure.shop.board", "model.shop.customers", "model.shop.orders", "model.shop.stg_payments"]
        page.click(".node[data-id='model.shop.stg_payments']")
        page.wait("document.title.startsWith('stg_payments')")
        page.run("history.back()")
        page.wait("document.title.startsWith('orders')")
        page.go(f"{url}#/model.shop.orders/lineage?up=all&down=0")
        page.wait("document.querySelectorAll('svg.whole .node').length === 3")
        page.run("(select => { select.value = '1'; select.dispatchEvent(new Event('change')) })(document.querySelector('select'))")
        page.wait("document.querySelectorAll('svg.whole .node').length === 2")
        assert page.run("location.hash") == "#/model.shop.orders/lineage?up=1&down=0"

        self.step(page, "what a description says of scripts stays text")
        page.go(f"{url}#/model.shop.customers")
        page.wait("document.title.startsWith('customers')")
        assert "<script>window.hacked = 1</script>" in page.run("document.querySelector('.prose').innerText")
        assert page.run("document.querySelectorAll('main script, main img, main a[href^=javascript]').length") == 0
        assert page.run("typeof window.hacked") == "undefined"

        self.step(page, "the tree goes by schemas, too, and marks where one is")
        page.click("#tab-database")
        assert page.run("document.querySelector('.tree [aria-current]').innerText") == "customers"
        page.go(f"{url}#/model.shop.nothing")
        page.wait("document.querySelector('h1').innerText === 'Not here'")

        self.step(page, "it is dark where the reader's system is, and fits a telephone")
        page.go(f"{url}#/model.shop.orders")
        page.wait("document.title.startsWith('orders')")
        page.shade(True)
        assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(16, 19, 22)"
        page.resize(390, 780)
        assert page.run("document.documentElement.scrollWidth <= 390")
        self.step(page, "narrow")
        assert page.errors == [], page.errors

    def step(self, page, name):
        if folder := os.environ.get("PICTURES"):
            page.picture(f"{folder}/{name.replace(' ', '-').replace(chr(39), '').replace(',', '')}.png")


def main():
    if not find_chromium():
        print("skipped: there is no chromium")
        sys.exit(77)
    story = Story(os.path.abspath(sys.argv[1]))
    story.run("build")
    story.run("docs", "generate")
    server = subprocess.Popen([story.plumb, "docs", "serve", "--port", "0", "--no-browser", "--json"], cwd=story.folder,
                              stdout=subprocess.PIPE, text=True)
    try:
        with Chromium() as browser:
            story.tell(browser, json.loads(server.stdout.readline())["url"] + "/")
        server.send_signal(signal.SIGINT)
        assert server.wait(10) == 0, "Ctrl-C is the way to end it"
    finally:
        server.kill()
        shutil.rmtree(story.folder)


if __name__ == "__main__":
    main()
