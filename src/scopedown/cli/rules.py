"""``scopedown rules``: the rules as a table, or as JSON for programs."""

from __future__ import annotations

import json
import sys

from ..report.escape import escape
from .arguments import Parser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

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
    else:
        _print(rules)
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


def _print(rules: list[RuleFile]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from ..rulebook.finding import SEVERITIES

    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("rule", "severity", "group"):
        table.add_column(name, no_wrap=True)
    table.add_column("finds")
    for rule in sorted(rules, key=lambda one: (SEVERITIES.index(one.words["severity"]), one.id)):
        words = rule.words
        cells = (rule.id, words["severity"], words["group"], words["title"])
        table.add_row(*(Text(escape(cell)) for cell in cells))
    console.print(table)
    console.print(f"\n{len(rules)} rules; 'scopedown explain RULE' shows one")
