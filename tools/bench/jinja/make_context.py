"""make_context.py FOLDER: the variables of the bench's pages, FOLDER/context.json."""
import json
import sys
from pathlib import Path

columns = [f"column_{i}" for i in range(10)]
context = {
    "title": "A big table",
    "columns": columns,
    "rows": [{name: (f"<{row * 10 + i}>" if i % 3 == 0 else row * 10 + i) for i, name in enumerate(columns)} for row in range(1000)],
    "people": [{"name": f"person {i}", "age": 20 + i % 60, "email": f"p{i}@example.org", "active": i % 3 != 0} for i in range(300)],
    "status": ["placed", "shipped", "completed", "return_pending", "returned"],
    "payment_methods": ["credit_card", "coupon", "bank_transfer", "gift_card"],
    "amounts": [{"name": f"amount_{i}", "type": "numeric" if i % 2 else "integer", "description": f"the amount {i}"} for i in range(40)],
    "schema": "analytics",
    "incremental": True,
}
Path(sys.argv[1], "context.json").write_text(json.dumps(context))
