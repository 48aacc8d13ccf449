"""``scopedown explain``: the page of one rule, made from its rule file."""

from __future__ import annotations

import re
import sys

from ..report.escape import escape, escape_lines
from . import BAD_INPUT
from .arguments import Parser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from rich.console import Console

    from ..rulebook.loader import RuleFile

_EXPECT = re.compile(r"\s*# expect:\s*(.*)$")
_SECTIONS = (("rationale", "Why"), ("remediation", "What to do"), ("limits", "Limits"))


def run(argv: Sequence[str]) -> int:
    """Show the page of the rule that is named by id, former id or code.

    Returns:
        0, or 2 where there is no such rule.
    """
    parser = Parser(prog="scopedown explain", description="Show the page of a rule.", allow_abbrev=False)
    parser.add_argument("rule", metavar="RULE", help="id, former id or code of a rule: service-star, E9103")
    word = parser.parse_args(list(argv)).rule
    from ..rulebook.loader import load_rules

    known: dict[str, RuleFile] = {}
    for rule in load_rules():
        for name in (rule.id, rule.words["code"], *rule.words.get("aliases", [])):
            known[name.lower()] = rule
    found = known.get(word.lower()) or _by_number(word, known)
    if found is None:
        from ..suppress import nearest

        advice = nearest(word.lower(), known)
        sys.stderr.write(f"scopedown explain: unknown rule '{escape(word)}'{advice}\n")
        return BAD_INPUT
    from .page import show

    show(lambda console: _page(console, found))
    return 0


def _by_number(word: str, known: dict[str, RuleFile]) -> RuleFile | None:
    """The rule of a code that begins with the letter of another severity: each number is given once."""
    if not re.fullmatch(r"[A-Za-z]\d{4}", word):
        return None
    return next((rule for rule in known.values() if rule.words["code"][1:] == word[1:]), None)


def _page(console: Console, rule: RuleFile) -> None:
    from rich.markdown import Markdown
    from rich.padding import Padding

    words = rule.words
    console.print(f"[bold]{rule.id}[/bold]  {words['code']}", markup=True)
    console.print(escape(words["title"]), markup=False)
    console.print(_facts(words), style="dim", markup=False)
    for key, title in _SECTIONS:
        if words[key].strip():
            _heading(console, title)
            console.print(Padding(Markdown(words[key].strip()), (0, 0, 0, 2)))
    _examples(console, rule)
    if words["references"]:
        _heading(console, "References")
        for link in words["references"]:
            console.print(f"  {escape(link)}", markup=False, soft_wrap=True)


def _facts(words: dict[str, Any]) -> str:
    """The line of facts below the title."""
    facts = [
        f"severity {words['severity']}",
        f"confidence {words['confidence']}",
        f"group {words['group']}",
        f"since {words['since']}",
    ]
    if words.get("aliases"):
        facts.append(f"formerly {', '.join(words['aliases'])}")
    return " · ".join(facts)


def _heading(console: Console, title: str) -> None:
    console.print(f"\n[bold]{title}[/bold]", markup=True)


def _examples(console: Console, rule: RuleFile) -> None:
    """First the examples that fire, then those that must stay silent."""
    from ..rulebook.loader import expected_rules

    fires = {True: "Found", False: "Not found"}
    for bad, title in fires.items():
        examples = [one for one in rule.words["examples"] if (rule.id in expected_rules(one)) is bad]
        if examples:
            _heading(console, title)
        for at, example in enumerate(examples):
            if at:
                console.print()
            console.print(f"  {escape(example['name'])}", style="dim", markup=False)
            for line in code(example, rule.id):
                style = "red" if line.endswith(f"# <- {rule.id}") else ""
                console.print(f"    {line}", style=style, markup=False, soft_wrap=True)
            if example.get("fixed"):
                console.print("  instead", style="dim")
                for line in escape_lines(example["fixed"].rstrip("\n")):
                    console.print(f"    {line}", style="green", markup=False, soft_wrap=True)


def code(example: dict[str, Any], id: str) -> list[str]:
    """An example's lines, with this rule's findings marked and other rules' marks left out."""
    text = next(example[key] for key in ("template", "statement", "policies") if key in example)
    marked = {entry["line"] for entry in example.get("expect", ()) if entry["rule"] == id}
    lines = []
    for number, line in enumerate(escape_lines(text.rstrip("\n")), 1):
        found = _EXPECT.search(line)
        bare = line[: found.start()] if found else line
        named = found is not None and id in [name.strip() for name in found[1].split(",")]
        lines.append(f"{bare}  # <- {id}" if named or number in marked else bare)
    return lines
