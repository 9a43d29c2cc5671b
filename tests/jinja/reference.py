"""Jinja2 itself: what the real one makes of a case."""
import json
import re
import sys

import jinja2
import jinja2.nativetypes
import jinja2.sandbox

UNDEFINED = {"lenient": jinja2.Undefined, "chainable": jinja2.ChainableUndefined, "debug": jinja2.DebugUndefined,
             "strict": jinja2.StrictUndefined}
FLAGS = ("trim_blocks", "lstrip_blocks", "keep_trailing_newline", "autoescape")
TEXTS = {"block_start": "block_start_string", "block_end": "block_end_string", "variable_start": "variable_start_string",
         "variable_end": "variable_end_string", "comment_start": "comment_start_string",
         "comment_end": "comment_end_string", "line_statement_prefix": "line_statement_prefix",
         "line_comment_prefix": "line_comment_prefix"}


def check_versions():
    """Messages of errors are those of one Python and one Jinja2."""
    if sys.version_info[:2] != (3, 11) or jinja2.__version__ != "3.1.6":
        print(f"skipped: the measure is Jinja2 3.1.6 on Python 3.11, this is {jinja2.__version__} on "
              f"{sys.version.split()[0]}", file=sys.stderr)
        sys.exit(77)


def make_environment(templates, options):
    settings = {}
    kind = jinja2.Environment
    for name, value in options.items():
        if name in FLAGS:
            settings[name] = value == "true"
        elif name in TEXTS:
            settings[TEXTS[name]] = value
        elif name == "newline_sequence":
            settings[name] = value.replace("\\r", "\r").replace("\\n", "\n")
        elif name == "undefined":
            settings["undefined"] = UNDEFINED[value]
        elif name == "native" and value == "true":
            kind = jinja2.nativetypes.NativeEnvironment
        elif name == "sandboxed" and value == "true":
            kind = jinja2.sandbox.SandboxedEnvironment
        elif name not in ("native", "sandboxed", "expression"):
            raise ValueError(f"there is no option {name!r}")

    def load(name):
        return (templates[name], name, lambda: True) if name in templates else None

    return kind(loader=jinja2.FunctionLoader(load), extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"],
                **settings)


def error_of(error, templates):
    if isinstance(error, jinja2.TemplateSyntaxError):
        return {"error": type(error).__name__, "message": error.message, "template": error.name or "<expression>",
                "line": error.lineno}
    place = ("main", 0)
    at = error.__traceback__
    while at is not None:
        if at.tb_frame.f_code.co_filename in templates:
            place = (at.tb_frame.f_code.co_filename, at.tb_lineno)
        at = at.tb_next
    return {"error": type(error).__name__, "message": str(error), "template": place[0], "line": place[1]}


ADDRESS = re.compile(r"0[xX][0-9a-fA-Fo]{6,}")


def without_addresses(answer):
    return {key: ADDRESS.sub("0x…", value) if isinstance(value, str) else value for key, value in answer.items()}


def render(templates, context, options):
    """The answer to a case: {"prints": text}, or {"error": type, "message", "template", "line"}."""
    try:
        environment = make_environment(templates, options)
        values = json.loads(context) if context else {}
        if options.get("expression") == "true":
            return without_addresses({"prints": repr(environment.compile_expression(templates["main"])(values))})
        result = environment.get_template("main").render(values)
        return without_addresses({"prints": repr(result) if options.get("native") == "true" else result})
    except (Exception, RecursionError) as error:  # whatever a template may raise is its answer
        return without_addresses(error_of(error, templates))
