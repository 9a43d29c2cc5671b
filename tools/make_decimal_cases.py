"""Writes tests/data/decimal_cases.txt: what Python's decimal module says about decimal numbers.

Usage: python3 tools/make_decimal_cases.py > tests/data/decimal_cases.txt

A line is an operation, its operands and the result, with one blank between; a result of more than 38 digits, or a
value that would lose digits, is "none". Seeded, so that the file changes only with this script.
"""
import decimal
import random

decimal.getcontext().prec = 200
random.seed(38)


def number(most_digits=38):
    digits = random.choice([1, 2, 3, 9, 15, 17, 18, 19, 20, 28, 37, 38])
    digits = min(digits, most_digits)
    scale = random.choice([0, 0, 1, 2, 2, 6, 18, 19, 38])
    scale = min(scale, digits)
    text = "".join(random.choice("0123456789") for _ in range(digits))
    whole, fraction = text[: digits - scale], text[digits - scale:]
    whole = whole.lstrip("0") or "0"
    sign = random.choice(["", "-"]) if text.strip("0") else ""
    return sign + whole + ("." + fraction if fraction else "")


def shown(value, scale):
    """`value` with `scale` decimals, or none when that takes more than 38 digits."""
    quantum = decimal.Decimal(1).scaleb(-scale)
    if scale > 38:
        return "none"
    exact = value.quantize(quantum)
    if exact != value or abs(int(value.scaleb(scale))) >= 10**38:
        return "none"
    text = f"{exact:f}"
    return text[1:] if exact == 0 and text.startswith("-") else text


def scale_of(text):
    return len(text.partition(".")[2])


for _ in range(400):
    a, b = number(), number()
    x, y = decimal.Decimal(a), decimal.Decimal(b)
    both = max(scale_of(a), scale_of(b))
    aligned = shown(x, both) != "none" and shown(y, both) != "none"
    print("add", a, b, shown(x + y, both) if aligned else "none")
    print("subtract", a, b, shown(x - y, both) if aligned else "none")
    print("compare", a, b, (x > y) - (x < y))
    c, d = number(19), number(20)
    print("multiply", c, d, shown(decimal.Decimal(c) * decimal.Decimal(d), scale_of(c) + scale_of(d)))
    scale = random.choice([0, 1, 2, 6, 18, 37, 38])
    print("rescale", a, scale, shown(x, scale))
    print("double", a, "=", repr(float(x)))
