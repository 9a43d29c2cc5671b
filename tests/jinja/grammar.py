"""Random templates and contexts: what differential.py renders with both engines.

An expression is asked for by kind (int, num, str, list, dict, bool, any), so that most of them mean something; now and
then another kind is given, so that errors are met too. Sizes stay small: nothing here loops or grows for long.
"""
import random
import re

WORDS = ["a", "Bob", "hello world", "It's", "x,y,z", "ÄÖü ß", "😀 ok", "<b>&amp;</b>", " pad ", "42", "-3.5", "1e3", "", "A-b_c", "line\nbreak",
         "tab\there", "quo\"te", "0", "ǅ", "http://x.org/?a=1&b=2", "%s and %d", "{} {a}", "foo bar baz", "ZzTop", "100%"]
INTS = [0, 1, 2, 3, 5, 7, -1, -4, 10, 42, 255, 1000, 2 ** 31, 2 ** 63 - 1, -2 ** 63, 10 ** 20]
FLOATS = [0.0, 1.0, -1.5, 2.5, 0.1, 3.14159, 1e16, 1e-7, 123456.789, -0.0]
KINDS = ["int", "num", "str", "list", "dict", "bool", "any"]

# name: what it filters, its arguments, what it gives. A kind that ends in "?" may be left out; "k=kind" is a keyword.
FILTERS = {
    "abs": ("num", [], "num"), "attr": ("any", ["'real'"], "any"), "batch": ("list", ["size", "any?"], "gen"),
    "capitalize": ("str", [], "str"), "center": ("str", ["small?"], "str"), "count": ("list", [], "int"),
    "default": ("any", ["any?", "bool?"], "any"), "d": ("any", ["any"], "any"), "dictsort": ("dict", ["bool?", "by='value'?"], "list"),
    "e": ("any", [], "str"), "escape": ("str", [], "str"), "filesizeformat": ("num", ["bool?"], "str"),
    "first": ("list", [], "any"), "float": ("any", ["num?"], "num"), "forceescape": ("str", [], "str"),
    "format": ("str", ["any?", "any?"], "str"), "groupby": ("rows", ["attr"], "list"), "indent": ("str", ["small?", "bool?", "bool?"], "str"),
    "int": ("any", ["int?", "base=small?"], "int"), "items": ("dict", [], "gen"), "join": ("list", ["str?"], "str"),
    "last": ("list", [], "any"), "length": ("list", [], "int"), "list": ("list", [], "list"), "lower": ("str", [], "str"),
    "max": ("list", [], "any"), "min": ("list", [], "any"), "pprint": ("any", [], "str"),
    "replace": ("str", ["str", "str", "small?"], "str"), "reverse": ("str", [], "str"),
    "round": ("num", ["small?", "method?"], "num"), "safe": ("str", [], "str"), "slice": ("list", ["size", "any?"], "gen"),
    "sort": ("list", ["bool?", "case_sensitive=bool?"], "list"), "string": ("any", [], "str"), "striptags": ("str", [], "str"),
    "sum": ("nums", [], "num"), "title": ("str", [], "str"), "tojson": ("any", ["small?"], "str"), "trim": ("str", ["str?"], "str"),
    "truncate": ("str", ["size", "bool?", "str?", "small?"], "str"), "unique": ("list", [], "gen"), "upper": ("str", [], "str"),
    "urlencode": ("str", [], "str"), "urlize": ("str", ["size?"], "str"), "wordcount": ("str", [], "int"),
    "wordwrap": ("str", ["size", "bool?"], "str"), "xmlattr": ("dict", [], "str"),
    "map": ("list", ["filtername"], "gen"), "select": ("list", ["testname?"], "gen"), "reject": ("list", ["testname?"], "gen"),
    "selectattr": ("rows", ["attr", "testname?"], "gen"), "rejectattr": ("rows", ["attr", "testname?"], "gen"),
}
METHODS = {
    "str": {"upper": [], "lower": [], "title": [], "swapcase": [], "capitalize": [], "casefold": [], "strip": ["str?"], "lstrip": ["str?"],
            "rstrip": ["str?"], "split": ["str?", "small?"], "rsplit": ["str?", "small?"], "splitlines": ["bool?"], "partition": ["str"],
            "rpartition": ["str"], "join": ["list"], "replace": ["str", "str", "small?"], "find": ["str", "small?", "small?"],
            "rfind": ["str"], "index": ["str"], "count": ["str", "small?"], "startswith": ["str", "small?"], "endswith": ["str"],
            "isalpha": [], "isdigit": [], "isalnum": [], "isspace": [], "islower": [], "isupper": [], "istitle": [], "isidentifier": [],
            "isnumeric": [], "isdecimal": [], "isprintable": [], "isascii": [], "center": ["small", "fill?"], "ljust": ["small", "fill?"],
            "rjust": ["small", "fill?"], "zfill": ["small"], "expandtabs": ["size?"], "removeprefix": ["str"], "removesuffix": ["str"],
            "format": ["any?", "any?", "a=any?"], "nonsense": []},
    "list": {"index": ["any"], "count": ["any"], "copy": [], "append": ["any"], "pop": ["small?"], "insert": ["small", "any"], "extend": ["list"],
             "remove": ["any"], "reverse": [], "sort": [], "clear": []},
    "dict": {"get": ["key", "any?"], "keys": [], "values": [], "items": [], "pop": ["key", "any?"], "setdefault": ["key", "any?"],
             "update": ["dict"], "copy": [], "popitem": [], "clear": []},
    "int": {"bit_length": [], "bit_count": [], "conjugate": [], "as_integer_ratio": []},
    "num": {"is_integer": [], "hex": [], "conjugate": [], "as_integer_ratio": []},
}
TESTS = {"defined": [], "undefined": [], "none": [], "true": [], "false": [], "boolean": [], "number": [], "integer": [], "float": [], "string": [],
         "sequence": [], "mapping": [], "iterable": [], "callable": [], "odd": [], "even": [], "divisibleby": ["size"], "lower": [], "upper": [],
         "eq": ["any"], "ne": ["any"], "lt": ["num"], "gt": ["num"], "le": ["num"], "ge": ["num"], "in": ["list"], "sameas": ["any"],
         "escaped": [], "filter": [], "test": []}
FORMATS = ["%d", "%5d", "%-5d|", "%05d", "%x", "%s", "%r", "%.2f", "%e", "%g", "%5s|", "%c", "%+d", "%o", "%%", "%i", "%.3s", "%#x"]
SPECS = ["", ">5", "<5", "^7", "*^9", "05", "+", ",", "_", "d", "x", "#x", "b", "e", ".2f", "g", "%", ".3", "s", "10.3f", "=+8d", "q", "c", "n"]


class Grammar:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.names = []  # what the template has set so far, with its kind
        self.macros = []
        self.loops = 0
        self.fresh = 0
        self.captured = False

    # ---- Contexts
    def chance(self, part):
        return self.random.random() < part

    def pick(self, things):
        return self.random.choice(things)

    def scalar(self):
        return self.pick([self.pick(INTS), self.pick(FLOATS), self.pick(WORDS), self.pick([True, False, None])])

    def value(self, depth=2):
        kind = self.pick(["scalar", "scalar", "list", "dict"]) if depth else "scalar"
        if kind == "list":
            return [self.value(depth - 1) for _ in range(self.random.randrange(4))]
        if kind == "dict":
            return {self.pick(["a", "b", "k", "items", "x y"]): self.value(depth - 1) for _ in range(self.random.randrange(4))}
        return self.scalar()

    def context(self):
        rows = [{"name": self.pick(WORDS), "age": self.pick([1, 2, 3]), **({"opt": self.scalar()} if self.chance(0.7) else {})}
                for _ in range(self.random.randrange(5))]
        return {"n": self.pick(INTS), "m": self.pick(INTS[:12]), "f": self.pick(FLOATS), "s": self.pick(WORDS), "t": self.pick(WORDS),
                "yes": self.chance(0.5), "none": None, "nums": [self.pick(INTS[:11] + FLOATS[:6]) for _ in range(self.random.randrange(6))],
                "words": [self.pick(WORDS) for _ in range(self.random.randrange(5))], "map": {w: self.scalar() for w in ("a", "b", "k")},
                "rows": rows, "any": self.value(), "deep": {"x": [1, {"y": self.value()}], "z": self.value(1)}}

    # ---- Expressions
    def variable(self, kind):
        known = {"int": ["n", "m"], "num": ["n", "m", "f"], "str": ["s", "t"], "list": ["nums", "words"], "dict": ["map", "deep"],
                 "bool": ["yes"], "any": ["any", "none", "missing", "deep.x", "map.a", "deep.q", "rows", "words[0]", "deep.x[1].y"],
                 "nums": ["nums"], "rows": ["rows"]}[kind]
        mine = [name for name, of in self.names if of == kind or kind == "any"]
        if self.loops and kind in ("int", "any") and self.chance(0.3):
            return "loop." + self.pick(["index", "index0", "revindex", "length", "depth", "first", "last", "previtem", "nextitem"])
        return self.pick(mine if mine and self.chance(0.5) else known)

    def literal(self, kind):
        if kind == "int":
            return str(self.pick(INTS[:12])) if self.chance(0.9) else str(self.pick(INTS))
        if kind == "num":
            return self.pick([str(self.pick(INTS[:11])), repr(self.pick(FLOATS))])
        if kind == "str":
            return self.quote(self.pick(WORDS))
        if kind == "bool":
            return self.pick(["true", "false"])
        if kind in ("list", "nums"):
            items = ["num" if kind == "nums" else "any"] * self.random.randrange(4)
            inside = ", ".join(self.expr(0, k) for k in items)
            return f"[{inside}]" if self.chance(0.7) or not items else f"({inside},)"
        if kind == "dict":
            return "{" + ", ".join(f"{self.literal(self.pick(['str', 'int']))}: {self.expr(0, 'any')}" for _ in range(self.random.randrange(3))) + "}"
        return self.literal(self.pick(["int", "num", "str", "bool"])) if self.chance(0.9) else "none"

    def quote(self, text):
        mark = self.pick("'\"")
        return mark + text.replace("\\", "\\\\").replace(mark, "\\" + mark).replace("\n", "\\n").replace("\t", "\\t") + mark

    def argument(self, kind, depth):
        if "=" in kind:
            name, _, kind = kind.partition("=")
            return f"{name}={self.argument(kind, depth)}"
        special = {"small": lambda: str(self.random.randrange(-3, 12)), "size": lambda: str(self.random.randrange(0, 9)),
                   "attr": lambda: self.pick(["'name'", "'age'", "'opt'", "attribute='age'" if self.chance(0.1) else "'age'"]),
                   "fill": lambda: self.quote(self.pick("*é0 ")), "key": lambda: self.pick(["'a'", "'b'", "'zz'", "1"]),
                   "method": lambda: self.pick(["'common'", "'ceil'", "'floor'"]),
                   "filtername": lambda: self.pick(["'upper'", "'string'", "'length'", "'abs'", "'int'", "attribute='name'", "attribute='age', default=0", "'replace', 'a', 'b'", "'default', 1"]),
                   "testname": lambda: self.pick(["'odd'", "'string'", "'defined'", "'none'", "'gt', 1", "'in', [1, 'a']", "'eq', 1", "'number'"])}
        if kind.startswith("'"):
            return kind
        if kind in special and not self.chance(0.03):
            return special[kind]()
        return self.expr(depth, kind if kind in KINDS else "any")

    def arguments(self, kinds, depth):
        given = []
        for kind in kinds:
            if kind.endswith("?"):
                if self.chance(0.5):
                    break
                kind = kind[:-1]
            given.append(self.argument(kind, depth))
        if self.chance(0.02):
            given.append(self.pick(["1", "nope=1", "*nums", "**map", "*[]"]))
        return ", ".join(given)

    def expr(self, depth, kind="any"):
        if kind not in ("nums", "rows") and self.chance(0.04):
            kind = self.pick(KINDS)
        if depth <= 0 or self.chance(0.2):
            return self.variable(kind) if kind == "rows" or self.chance(0.6) else self.literal(kind)
        return self.pick([self.filtered, self.filtered, self.operator, self.operator, self.method, self.choice, self.lookup])(depth - 1, kind)

    def filtered(self, depth, kind):
        fitting = [name for name, (_, _, gives) in FILTERS.items() if gives == kind or kind == "any" or (kind in ("list", "nums", "rows") and gives == "gen")]
        if not fitting:
            return self.lookup(depth, kind)
        name = self.pick(fitting)
        takes, wants, gives = FILTERS[name]
        given = self.arguments(wants, depth)
        subject = self.expr(depth, takes)
        if not subject.replace("_", "").replace(".", "").isalnum() or subject[0].isdigit():
            subject = f"({subject})" if self.chance(0.9) else subject
        text = f"{subject}|{name}" + (f"({given})" if given else "")
        return text + "|list" if gives == "gen" and self.chance(0.9) else text

    def operator(self, depth, kind):
        a, b = kind, kind
        if kind in ("int", "num"):
            op = self.pick(["+", "-", "*", "//", "%", "/", "**"])
            b = "size" if op == "**" else kind
        elif kind == "str":
            op = self.pick(["~", "~", "+", "*", "%"])
            a = "any" if op == "~" else "str"
            b = {"~": "any", "*": "size", "%": "any"}.get(op, "str")
            if op == "%":
                specs = [self.pick(FORMATS) for _ in range(self.random.randrange(1, 3))]
                values = ", ".join(self.expr(depth - 1, self.pick(["any", "num", "int"])) for _ in specs)
                return f"({self.quote(' '.join(specs))} % ({values},))"
            if self.chance(0.15):
                return f"{self.quote('{:' + self.pick(SPECS) + '}')}.format({self.expr(depth - 1, self.pick(['num', 'str', 'int']))})"
        elif kind == "bool":
            return self.logic(depth)
        elif kind in ("list", "nums"):
            op, b = self.pick([("+", kind), ("*", "size")])
        elif kind in ("dict", "rows"):
            return self.variable(kind)
        else:
            return self.operator(depth, self.pick(["int", "num", "str", "bool", "list"]))
        right = str(self.random.randrange(5)) if b == "size" else self.expr(depth, b)
        text = f"{self.expr(depth, a)} {op} {right}"
        return f"({text})" if self.chance(0.8) else text

    def logic(self, depth):
        form = self.random.randrange(6)
        if form == 0:
            test = self.pick(list(TESTS))
            given = self.arguments(TESTS[test], depth)
            return f"({self.expr(depth, 'any')} is {self.pick(['', '', 'not '])}{test}{f'({given})' if given else ''})"
        if form == 1:
            return f"({self.expr(depth, 'num')} {self.pick(['<', '<=', '>', '>=', '==', '!='])} {self.expr(depth, 'num')})"
        if form == 2:
            return f"({self.expr(depth, 'any')} {self.pick(['in', 'not in'])} {self.expr(depth, self.pick(['list', 'dict', 'str']))})"
        if form == 3:
            return f"({self.expr(depth, 'any')} {self.pick(['and', 'or'])} {self.expr(depth, 'any')})"
        if form == 4:
            return f"(not {self.expr(depth, 'any')})"
        return f"({self.expr(depth, 'any')} {self.pick(['==', '!='])} {self.expr(depth, 'any')})"

    def method(self, depth, kind):
        of = kind if kind in METHODS else self.pick(list(METHODS))
        name = self.pick(list(METHODS[of]))
        subject = self.expr(0, of)
        return f"{subject if subject[0].isalpha() or subject[0] in '[{' else '(' + subject + ')'}.{name}({self.arguments(METHODS[of][name], depth)})"

    def choice(self, depth, kind):
        otherwise = f" else {self.expr(depth, kind)}" if self.chance(0.8) else ""
        return f"({self.expr(depth, kind)} if {self.expr(depth, 'bool')}{otherwise})"

    def sliced(self, depth, kind):
        """Of constants alone Jinja2 computes slices and items beforehand, and errors as something undefined."""
        base = self.expr(depth, kind)
        words = re.findall(r"(?<![\w.|])[a-z]\w*", re.sub(r"'(\\.|[^'])*'|\"(\\.|[^\"])*\"", "", base))
        named = set(words) - {"true", "false", "none", "is", "not", "in"}
        return base if named and not named & {"if", "and", "or"} else self.variable(kind)

    def lookup(self, depth, kind):
        if kind == "str" or (kind == "any" and self.chance(0.3)):
            return f"({self.sliced(depth, 'str')})[{self.slice_text()}]"
        if kind in ("list", "nums"):
            return f"({self.sliced(depth, kind)})[{self.slice_text(True)}]"
        if kind == "any":
            return self.pick([f"({self.sliced(depth, 'list')})[{self.random.randrange(-3, 4)}]", f"{self.variable('dict')}.{self.pick(['a', 'x', 'nope', 'items'])}",
                              f"{self.variable('dict')}[{self.expr(0, 'str')}]", self.macro_call(depth)])
        return self.operator(depth, kind)

    def slice_text(self, whole=False):
        bound = lambda: str(self.random.randrange(-4, 5)) if self.chance(0.6) else ""
        if not whole and self.chance(0.3):
            return str(self.random.randrange(-3, 4))
        return f"{bound()}:{bound()}" + (f":{self.pick(['1', '2', '-1', '-2', '', '0'])}" if self.chance(0.4) else "")

    def macro_call(self, depth):
        if not self.macros:
            return self.variable("any")
        name, parameters = self.pick(self.macros)
        given = [self.expr(depth, "any") for _ in parameters[:self.random.randrange(len(parameters) + 1)]]
        if self.chance(0.2) and len(given) < len(parameters):
            given.append(f"{parameters[-1]}={self.expr(depth, 'any')}")
        if self.chance(0.05):
            given.append(self.pick(["zz=1", "1, 2, 3, 4"]) if not given or "=" not in given[-1] else "zz=1")
        return f"{name}({', '.join(given)})"

    # ---- Statements
    def tag(self, inside):
        left = self.pick(["{%", "{%", "{%", "{%", "{%-", "{%+"]) if self.chance(0.3) else "{%"
        right = self.pick(["%}", "-%}", "+%}"]) if self.chance(0.2) else "%}"
        return f"{left} {inside} {right}"

    def text(self):
        return self.pick(["\n", " ", "text", "<p>", "  \n", "\n\n", "{ }", "a b\n  ", ": ", "é"])

    def block(self, depth, count=None):
        return "".join(self.statement(depth) for _ in range(count or self.random.randrange(1, 4)))

    def scoped(self, depth, extra=(), captured=False):
        names, macros, before = list(self.names), list(self.macros), self.captured
        self.names += extra
        self.captured = captured or before
        body = self.block(depth)
        self.names, self.macros, self.captured = names, macros, before
        return body

    def new_name(self, letter="v"):
        self.fresh += 1
        return f"{letter}{self.fresh}" if self.chance(0.8) else self.pick(["s", "n", "any", "x"])

    def print(self, depth):
        return "{{" + self.pick([" ", " ", "- ", ""]) + self.expr(self.random.randrange(4)) + self.pick([" ", " ", " -"]) + "}}"

    def statement(self, depth):
        if depth <= 0:
            return self.pick([self.text, lambda: self.print(depth)])()
        forms = [self.text, self.text, lambda: self.print(depth), lambda: self.print(depth), lambda: self.print(depth)]
        forms += [lambda form=form: form(depth - 1) for form in (self.if_, self.for_, self.for_, self.set, self.set, self.set_block, self.macro, self.call,
                                                                self.filter, self.with_, self.namespace, self.include, self.import_, self.do, self.misc)]
        return self.pick(forms)()

    def if_(self, depth):
        text = self.tag("if " + self.expr(2, "bool")) + self.block(depth)
        if self.chance(0.3):
            text += self.tag("elif " + self.expr(1, "any")) + self.block(depth)
        if self.chance(0.5):
            text += self.tag("else") + self.block(depth)
        return text + self.tag("endif")

    def for_(self, depth):
        name, of, kind = self.pick([("x", "list", "any"), ("w", "words", "str"), ("i", "range(4)", "int"), ("row", "rows", "dict"), ("k, v", "map.items()", "any"),
                                    ("i, w", "[(1, 'a'), (2, 'b')]", "int"), ("c", "str", "str"), ("x", "any", "any"), ("k, v", "map|dictsort", "any")])
        source = of if "(" in of or "|" in of or of in ("words", "rows") else self.expr(2, of)
        targets = [(part, kind) for part in name.split(", ")]
        recursive = self.chance(0.08)
        head = f"for {name} in {source}" + (f" if {self.targeted(targets)}" if self.chance(0.2) else "") + (" recursive" if recursive else "")
        self.loops += 1
        body = self.scoped(depth, targets, captured=recursive)
        if self.chance(0.15):
            body += self.tag("if " + self.expr(1, "bool")) + self.tag(self.pick(["break", "continue"])) + self.tag("endif") + self.block(0)
        if recursive:
            body += "{{ loop(deep.x if loop.depth < 2 else []) }}"
        if self.chance(0.1):
            body += self.pick(["{{ loop.cycle('a', 'b') }}", "{{ loop.changed(x) }}"])
        self.loops -= 1
        otherwise = self.tag("else") + self.scoped(depth) if self.chance(0.2) else ""
        return self.tag(head) + body + otherwise + self.tag("endfor")

    def targeted(self, targets):
        self.names += targets
        text = self.expr(1, "bool")
        del self.names[-len(targets):]
        return text

    def set(self, depth):
        kind = self.pick(KINDS)
        if self.chance(0.1):
            a, b = self.new_name(), self.new_name()
            text = self.tag(f"set {a}, {b} = {self.expr(1)}, {self.expr(1)}" if self.chance(0.8) else f"set {a}, {b} = {self.expr(1, 'list')}")
            self.names += [(a, "any"), (b, "any")]
            return text
        name = self.new_name()
        text = self.tag(f"set {name} = {self.expr(2, kind)}")
        self.names.append((name, kind))
        return text

    def set_block(self, depth):
        name = self.new_name()
        text = self.tag(f"set {name}{self.pick(['', '', ' | upper', ' | trim | length'])}") + self.scoped(depth, captured=True) + self.tag("endset")
        self.names.append((name, "str"))
        return text

    def macro(self, depth):
        name = f"m{len(self.macros) + 1}"
        parameters = ["p", "q", "r"][:self.random.randrange(4)]
        defaults = self.random.randrange(len(parameters) + 1)
        signature = ", ".join(p if i < defaults else f"{p}={self.expr(1)}" for i, p in enumerate(parameters))
        extra = [(p, "any") for p in parameters] + [(n, k) for n, k in (("varargs", "list"), ("kwargs", "dict")) if self.chance(0.15)]
        loops, self.loops = self.loops, 0
        body = self.scoped(depth, extra, captured=True)
        if self.chance(0.25):
            body += self.pick(["{{ caller() }}", "{{ caller(1) }}", "{{ caller is defined }}"])
        self.loops = loops
        self.macros.append((name, parameters))
        return self.tag(f"macro {name}({signature})") + body + self.tag("endmacro")

    def call(self, depth):
        if not self.macros:
            return self.macro(depth)
        parameters = self.pick(["", "", "(y)", "(y=2)"])
        return self.tag(f"call{parameters} {self.macro_call(1)}") + self.scoped(depth, [("y", "any")] if parameters else [], captured=True) + self.tag("endcall")

    def filter(self, depth):
        return self.tag("filter " + self.pick(["upper", "replace('a', 'o')", "trim|title", "indent(2)", "e", "nope" if self.chance(0.1) else "lower"])) + \
            self.scoped(depth, captured=True) + self.tag("endfilter")

    def with_(self, depth):
        name = self.new_name()
        return self.tag(f"with {name} = {self.expr(1)}, w2 = {self.expr(1)}") + self.scoped(depth, [(name, "any"), ("w2", "any")]) + self.tag("endwith")

    def namespace(self, depth):
        if not any(name == "ns.total" for name, _ in self.names):
            self.names.append(("ns.total", "any"))
            return self.tag(f"set ns = namespace(total={self.expr(1, 'int')})")
        return self.tag(f"set ns.{self.pick(['total', 'total', 'other'])} = {self.expr(1)}")

    def include(self, depth):
        # Jinja2 prints an include without context past what captures the output around it.
        without = "" if self.captured else " without context"
        return self.tag("include " + self.pick(["'part'", "'part'", "['gone', 'part']", "'gone' ignore missing", f"'part'{without}", "'part' with context", "'gone'" if self.chance(0.1) else "'part'"]))

    def import_(self, depth):
        form = self.random.randrange(3)
        if form == 0:
            self.names.append(("lib.const", "any"))
            self.macros.append(("lib.twice", ["p"]))
            return self.tag(f"import 'lib' as lib{self.pick(['', ' with context'])}")
        if form == 1:
            self.names.append(("const", "any"))
            self.macros.append(("twice", ["p"]))
            return self.tag(f"from 'lib' import twice, const{self.pick(['', ' with context', ' without context'])}")
        self.names.append(("c2", "any"))
        return self.tag("from 'lib' import const as c2, absent")

    def do(self, depth):
        return self.tag("do " + self.pick([f"nums.append({self.expr(1)})", f"map.update({{'q': {self.expr(1)}}})", self.expr(2)]))

    def misc(self, depth):
        return self.pick(["{# note {{ x }} #}", "{%- raw %} {{ raw }} {% endraw -%}", "{#- tight -#}", self.tag("autoescape " + self.pick(["true", "false", "yes"])) + self.scoped(depth) + self.tag("endautoescape"),
                          self.tag("if false") + self.print(0) + self.tag("endif"), "{{ self }}" if self.chance(0.1) else "  "])

    # ---- Templates
    def templates(self):
        made = {}
        made["lib"] = self.tag(f"set const = {self.expr(1)}") + "{% macro twice(p) %}" + self.scoped(1, [("p", "any")], captured=True) + "{{ p }}{{ p }}{% endmacro %}"
        self.names, self.macros = [], []
        made["part"] = "part:" + self.scoped(1)
        if self.chance(0.2):
            self.names, self.macros = [], []
            blocks = ["one", "two"]
            made["base"] = self.block(1) + "".join(f"<{{% block {name}{self.pick(['', ' scoped'])} %}}{self.scoped(1)}{{% endblock %}}>" for name in blocks) + self.block(1)
            self.names, self.macros = [], []
            filled = [f"{{% block {name} %}}{self.scoped(2)}{self.pick(['', '{{ super() }}', '{{ self.one() }}' if name == 'two' else ''])}{{% endblock %}}" for name in blocks if self.chance(0.7)]
            made["main"] = "{% extends 'base' %}" + self.block(1) + "".join(filled)
        else:
            self.names, self.macros = [], []
            made["main"] = self.block(3, self.random.randrange(1, 6))
        if self.chance(0.08):
            made["main"] = self.break_source(made["main"])
        return {name: text for name, text in made.items() if name == "main" or any(name in other for other in made.values())}

    def break_source(self, text):
        for _ in range(self.random.randrange(1, 3)):
            at = self.random.randrange(len(text) + 1)
            cut = at + self.random.randrange(0, 4)
            text = text[:at] + self.pick(["", "", "{%", "%}", "{{", "}}", "(", ")", "]", "'", "|", "is", "{#", "$", ",", " if ", "endif", "{% else %}", "="]) + text[cut:]
        return text

    def options(self):
        options = {}
        if self.chance(0.25):
            options["undefined"] = self.pick(["strict", "chainable", "debug"])
        for flag, part in (("autoescape", 0.2), ("trim_blocks", 0.15), ("lstrip_blocks", 0.15), ("keep_trailing_newline", 0.1), ("native", 0.06)):
            if self.chance(part):
                options[flag] = "true"
        return options

    def case(self):
        return {"templates": self.templates(), "context": self.context(), "options": self.options()}
