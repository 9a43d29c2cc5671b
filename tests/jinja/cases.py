"""The text format of tests/jinja/cases/*.txt: reading and writing. README.md here describes it."""
import json
import re
from dataclasses import dataclass, field

SECTION = re.compile(r"^--- (main|context|options|prints|fails|template (?P<name>\S+))(?P<json> \(json\))?$")


@dataclass
class Case:
    name: str
    templates: dict = field(default_factory=dict)
    context: str = ""  # JSON
    options: dict = field(default_factory=dict)
    answer: dict = None  # {"prints": text} or {"error": type, "message": text, "template": name, "line": number}
    given: list = field(default_factory=list)  # the sections as they stand in the file, without the answer


@dataclass
class Subject:
    path: str
    head: list = field(default_factory=list)  # the lines before the first case, comments and all
    cases: list = field(default_factory=list)


def section_text(lines, is_json):
    return json.loads("\n".join(lines)) if is_json else "\n".join(lines)


def read_options(lines):
    options = {}
    for line in lines:
        name, _, value = line.partition(": ")
        options[name] = value
    return options


def apply_section(case, heading, lines):
    match = SECTION.match(heading)
    if not match:
        raise ValueError(f"{case.name}: what is {heading!r}?")
    is_json = bool(match["json"])
    if match["name"]:
        case.templates[match["name"]] = section_text(lines, is_json)
        return
    kind = match[1]
    if kind == "main":
        case.templates["main"] = section_text(lines, is_json)
    elif kind == "context":
        case.context = "\n".join(lines)
    elif kind == "options":
        case.options = {**case.options, **read_options(lines)}
    elif kind == "prints":
        case.answer = {"prints": section_text(lines, is_json)}
    else:
        where = re.match(r"(\w+) in (\S+):(\d+)$", lines[0])
        case.answer = {"error": where[1], "message": section_text(lines[1:], is_json), "template": where[2],
                       "line": int(where[3])}


def split_sections(lines, first):
    sections = [(first, [])]
    for line in lines:
        if SECTION.match(line):
            sections.append((line, []))
        else:
            sections[-1][1].append(line)
    return sections


def read_subject(path):
    subject = Subject(str(path))
    blocks = [[]]
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.startswith("=== "):
            blocks.append([])
        blocks[-1].append(line)
    for block in blocks:
        if block and block[-1] == "":
            block.pop()
    subject.head = blocks[0]
    shared = Case("the head")
    for heading, lines in split_sections([line for line in blocks[0] if not line.startswith("# ") and line != "#"], "")[1:]:
        while lines and lines[-1] == "":
            lines.pop()
        apply_section(shared, heading, lines)
    names = set()
    for block in blocks[1:]:
        case = Case(block[0][4:], dict(shared.templates), shared.context, dict(shared.options))
        if case.name in names:
            raise ValueError(f"{path}: two cases are called {case.name!r}")
        names.add(case.name)
        sections = split_sections(block[1:], "--- main")
        if not sections[0][1] and len(sections) > 1 and sections[1][0].startswith("--- main"):
            sections.pop(0)
        for heading, lines in sections:
            apply_section(case, heading, lines)
            if not heading.startswith(("--- prints", "--- fails")):
                case.given.append((heading, lines))
        subject.cases.append(case)
    return subject


def is_plain(text):
    if text == "":
        return True
    for line in text.split("\n"):
        if line != line.rstrip() or line.startswith(("--- ", "=== ")):
            return False
    return not text.endswith("\n") and all(c == "\n" or c.isprintable() for c in text)


def write_answer(answer):
    text = answer["prints"] if "prints" in answer else answer["message"]
    plain = is_plain(text)
    lines = ["--- " + ("prints" if "prints" in answer else "fails") + ("" if plain else " (json)")]
    if "error" in answer:
        lines.append(f'{answer["error"]} in {answer["template"]}:{answer["line"]}')
    if not plain:
        keep = all(c == "\n" or c.isprintable() for c in text)
        lines.append(json.dumps(text, ensure_ascii=not keep))
    elif text:
        lines += text.split("\n")
    return lines


def write_subject(subject, answers):
    lines = list(subject.head)
    if lines:
        lines.append("")
    for case, answer in zip(subject.cases, answers):
        lines.append(f"=== {case.name}")
        for index, (heading, body) in enumerate(case.given):
            if index > 0 or heading != "--- main":
                lines.append(heading)
            lines += body
        lines += write_answer(answer)
        lines.append("")
    return "\n".join(lines)
