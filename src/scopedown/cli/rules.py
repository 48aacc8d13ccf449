"""``scopedown rules``: the rules as a table, or as JSON for programs."""

from __future__ import annotations

import json
import sys

from ..report.escape import escape
from ..rulebook.finding import SEVERITIES
from .arguments import Parser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from rich.console import Console

    from ..rulebook.loader import RuleFile


def run(argv: Sequence[str]) -> int:
    """List every rule; returns 0."""
    parser = Parser(prog="scopedown rules", description="List the rules.", allow_abbrev=False)
    parser.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    options = parser.parse_args(list(argv))
    from ..rulebook.loader import load_rules

    rules = load_rules()
    if options.format == "json":
        sys.stdout.write(json.dumps([row(rule) for rule in rules], indent=2) + "\n")
        sys.stdout.flush()
        return 0
    rules.sort(key=lambda one: (SEVERITIES.index(one.words["severity"]), one.id))
    if sys.stdout.isatty():
        from .page import show

        show(lambda console: _draw(console, rules))
    else:
        sys.stdout.writelines(_lines(rules))
        sys.stdout.flush()
    return 0


def row(rule: RuleFile) -> dict[str, Any]:
    """What ``--format json`` says of one rule."""
    words = rule.words
    facts = {key: words[key] for key in ("code", "title", "severity", "confidence", "group", "fix", "since")}
    return {
        "id": rule.id,
        **facts,
        "dialects": words["dialects"],
        "aliases": words.get("aliases", []),
        "references": words["references"],
    }


def _cells(rule: RuleFile) -> tuple[str, ...]:
    words = rule.words
    return tuple(escape(cell) for cell in (rule.id, words["severity"], words["group"], words["title"]))


def _lines(rules: list[RuleFile]) -> list[str]:
    """One line for each rule, in columns, for pipes."""
    rows = [_cells(rule) for rule in rules]
    widths = [max(len(row[at]) for row in rows) for at in range(3)]
    columns = [[f"{cell:<{width}}" for cell, width in zip(row, [*widths, 0], strict=True)] for row in rows]
    return ["  ".join(cells) + "\n" for cells in columns]


def _draw(console: Console, rules: list[RuleFile]) -> None:
    """A table for a terminal."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("rule", "severity", "group"):
        table.add_column(name, no_wrap=True)
    table.add_column("finds")
    for rule in rules:
        table.add_row(*(Text(cell) for cell in _cells(rule)))
    console.print(table)
    console.print(f"\n{len(rules)} rules; 'scopedown explain RULE' shows one")
