#!/usr/bin/env python3
"""Writes N rows of bank transactions as nested NDJSON and flat CSV: rows.py N FOLDER."""
import json
import os
import random
import sys

count, folder = int(sys.argv[1]), sys.argv[2]
random.seed(3)
with open(os.path.join(folder, "rows.ndjson"), "w") as ndjson, open(os.path.join(folder, "rows.csv"), "w") as csv:
    csv.write("id,account,amount,currency,booking_date,remittance,lat,lon\n")
    for i in range(count):
        amount = f"{random.uniform(-500, 500):.2f}"
        day = f"2026-{1 + i % 12:02d}-{1 + i % 28:02d}"
        text = f"01REWE SAGT DANKE 02{i}"
        lat, lon = random.random(), random.random()
        row = {
            "id": i,
            "account": {"id": f"A{i % 97}", "type": "GIRO"},
            "amount": {"value": amount, "unit": "EUR"},
            "booking_date": day,
            "remittance": text,
            "lat": lat,
            "lon": lon,
        }
        ndjson.write(json.dumps(row) + "\n")
        csv.write(f"{i},A{i % 97},{amount},EUR,{day},{text},{lat},{lon}\n")
