"""Rule files: the YAML of one rule comes in, checked; out go its words and its line of the index.

This is the way of the words (``explain``, ``rules``, reports that print them, tests): a plain check reads
``index.jsonl`` and imports nothing of this.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import yaml

from ..source.tree import InputError
from .finding import CONFIDENCES, SEVERITIES
from .index import Rule, rule_of
from .schema import Choice, Fields, Many, Shape, Table, Words, fail, nearest
from .vocabulary import MATCH, MILDER, TEXTS
from .wording import PLACEHOLDERS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.resources.abc import Traversable
    from typing import Any

DIALECTS = ("cloudformation", "sam", "serverless", "policy")
_LETTERS = {"error": "E91", "high": "E91", "medium": "W91", "low": "W91", "info": "I91"}
_GROUPS = Choice("over-broad", "sharing", "concurrency", "unused", "escalation", "exposure", "hygiene")
_OPTION = Fields(
    {"type": Choice("list", "number", "text", "flag"), "default": Shape(), "about": Words()},
    ("type", "default", "about"),
)
_EXAMPLE = Fields(
    {
        "name": Words(),
        "dialect": Choice(*DIALECTS),
        "template": Words(),
        "statement": Words(),
        "policies": Words(),
        "fixed": Words(),
        "expect": Many(Fields({"rule": Words(), "line": Shape()}, ("rule", "line")), single=False),
    },
    ("name",),
)
_RULE = Fields(
    {
        "title": Words(),
        "code": Words(),
        "severity": Choice(*SEVERITIES),
        "confidence": Choice(*CONFIDENCES),
        "since": Words(),
        "group": Choice(
            "over-broad", "sharing", "concurrency", "unused", "escalation", "exposure", "hygiene"
        ),
        "fix": Choice("never", "sometimes", "always"),
        "aliases": TEXTS,
        "rationale": Words(),
        "limits": Words(),
        "remediation": Words(),
        "references": TEXTS,
        "options": Table(_OPTION),
        "dialects": Many(Choice(*DIALECTS), single=False),
        "message": Words(),
        "note": Words(),
        "match": MATCH,
        "milder": MILDER,
        "check": Words(),
        "examples": Many(_EXAMPLE, single=False),
    },
    (
        "title",
        "code",
        "severity",
        "confidence",
        "since",
        "group",
        "fix",
        "rationale",
        "limits",
        "remediation",
        "references",
        "dialects",
        "examples",
    ),
)
# What of a rule file a plain check needs.
_INDEXED = ("severity", "confidence", "message", "note", "match", "milder", "check", "dialects", "aliases")
_TYPES: dict[str, tuple[type, ...]] = {
    "list": (list,),
    "number": (int, float),
    "text": (str,),
    "flag": (bool,),
}


class RuleFile:
    """One rule with all its words.

    Args:
        id: the stem of the file's name.
        path: the file as the user would name it.
        words: the checked content, keys as in the file.
    """

    __slots__ = ("id", "path", "words")

    def __init__(self, id: str, path: str, words: dict[str, Any]) -> None:
        self.id = id
        self.path = path
        self.words = words

    @property
    def row(self) -> dict[str, Any]:
        """The rule's line of the index."""
        kept = {key: self.words[key] for key in _INDEXED if self.words.get(key)}
        options = {name: option["default"] for name, option in self.words.get("options", {}).items()}
        return {"id": self.id, **kept, **({"options": options} if options else {})}

    @property
    def rule(self) -> Rule:
        """The rule as the engine runs it."""
        return rule_of(self.row)


def rules_dir() -> Traversable:
    """The folder of the shipped rule files: inside the package in a wheel, beside ``src`` in a checkout.

    Raises:
        FileNotFoundError: neither is there, so the installation is damaged.
    """
    packaged = files("scopedown") / "_rules"
    if packaged.is_dir():
        return packaged
    checkout = Path(__file__).parents[3] / "rules"
    if checkout.is_dir():
        return checkout
    raise FileNotFoundError("no rule files beside the package; install scopedown again")


def load_rules(folder: Traversable | None = None) -> list[RuleFile]:
    """Every rule of a folder (default: the shipped ones), sorted by id.

    Raises:
        InputError: a file is not a valid rule, or two rules claim the same id, alias or code.
    """
    place = folder if folder is not None else rules_dir()
    entries = [entry for entry in place.iterdir() if entry.name.endswith((".yaml", ".yml"))]
    entries.sort(key=lambda entry: entry.name.rpartition(".")[0])
    found = [load_rule(entry.read_text(encoding="utf-8"), str(entry)) for entry in entries]
    taken: dict[str, RuleFile] = {}
    for rule in found:
        for name in (rule.id, rule.words["code"], *rule.words.get("aliases", [])):
            other = taken.setdefault(name, rule)
            if other is not rule:
                raise InputError(rule.path, f"{name!r} already belongs to {other.path}", "choose another")
    return found


def load_rule(text: str, path: str) -> RuleFile:
    """The rule that a file holds; its id is the file's stem.

    Raises:
        InputError: what is wrong, with the line.
    """
    try:
        node = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        raise InputError(path, f"not YAML: {error.problem}", "", line, column) from error
    if node is None:
        raise InputError(path, "the file is empty", f"a rule has {', '.join(_RULE.required)}", 1)
    words = _RULE.read(node, path)
    rule = RuleFile(Path(path).stem, path, words)
    _check_kind(rule, node)
    _check_code(rule, node)
    _check_options(rule, node)
    _check_message(rule, node)
    _check_examples(rule, node)
    return rule


def _check_kind(rule: RuleFile, node: yaml.nodes.Node) -> None:
    ways = [name for name in ("match", "check") if name in rule.words]
    if len(ways) != 1:
        cause = "a rule has both 'match' and 'check'" if ways else "a rule has neither 'match' nor 'check'"
        fail(_value(node, "check") or node, rule.path, cause, "give exactly one of them")
    if ways == ["match"] and "message" not in rule.words:
        fail(
            node, rule.path, "key 'message' is missing", "a rule with 'match' needs the text of its findings"
        )


def _check_code(rule: RuleFile, node: yaml.nodes.Node) -> None:
    code, start = rule.words["code"], _LETTERS[rule.words["severity"]]
    if not (len(code) == 5 and code.startswith(start) and code[3:].isdigit()):
        cause = f"code {code!r} does not fit severity {rule.words['severity']}"
        fail(_value(node, "code") or node, rule.path, cause, f"write {start} and two digits")


def _check_options(rule: RuleFile, node: yaml.nodes.Node) -> None:
    for name, option in rule.words.get("options", {}).items():
        if not isinstance(option["default"], _TYPES[option["type"]]):
            cause = f"the default of option {name!r} is not a {option['type']}"
            fail(_value(node, "options") or node, rule.path, cause, "change the type or the default")


def _check_message(rule: RuleFile, node: yaml.nodes.Node) -> None:
    for key in ("message", "note"):
        place = _value(node, key)
        for piece in rule.words.get(key, "").split("{")[1:]:
            name = piece.partition("}")[0]
            if name not in PLACEHOLDERS and place is not None:
                fail(place, rule.path, f"unknown placeholder {name!r} in {key}", nearest(name, PLACEHOLDERS))


def _check_examples(rule: RuleFile, node: yaml.nodes.Node) -> None:
    listed = _value(node, "examples")
    assert isinstance(listed, yaml.SequenceNode)
    seen: set[str] = set()
    firing = silent = False
    for example, place in zip(rule.words["examples"], listed.value, strict=True):
        ways = [key for key in ("template", "statement", "policies") if key in example]
        if len(ways) != 1:
            cause = f"example {example['name']!r} needs exactly one of template, statement and policies"
            fail(place, rule.path, cause)
        if ways == ["template"] and "dialect" not in example:
            cause = f"example {example['name']!r} has a template but no dialect"
            fail(place, rule.path, cause, f"add 'dialect:' with one of {', '.join(DIALECTS)}")
        if example["name"] in seen:
            fail(place, rule.path, f"example {example['name']!r} is there twice", "names tell examples apart")
        seen.add(example["name"])
        fires = rule.id in expected_rules(example)
        firing, silent = firing or fires, silent or not fires
    for kind, there in (("firing", firing), ("silent", silent)):
        if not there:
            advice = f"a firing example has '# expect: {rule.id}' at the end of a line, a silent one has none"
            fail(listed, rule.path, f"no {kind} example", advice)


def expected_rules(example: dict[str, Any]) -> set[str]:
    """The rules that an example says will fire."""
    found = {entry["rule"] for entry in example.get("expect", ())}
    for key in ("template", "statement", "policies"):
        for line in example.get(key, "").splitlines():
            found.update(expectations(line))
    return found


def expectations(line: str) -> list[str]:
    """The rule ids of a ``# expect: a, b`` at the end of a line."""
    _, found, ids = line.partition("# expect:")
    return [name.strip() for name in ids.split(",")] if found else []


def _value(node: yaml.nodes.Node, key: str) -> yaml.nodes.Node | None:
    assert isinstance(node, yaml.MappingNode)
    for name, value in node.value:
        if name.value == key:
            found: yaml.nodes.Node = value
            return found
    return None
