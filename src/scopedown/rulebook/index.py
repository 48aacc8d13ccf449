"""The compiled rule index: what a plain check needs of every rule, one rule a line, nothing else.

``python -m scopedown.rulebook.compile`` writes it from ``rules/``; words (rationale, examples…) stay there.
"""

from __future__ import annotations

import json
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

INDEX = os.path.join(os.path.dirname(__file__), "index.jsonl")


class Rule:
    """A rule as the engine runs it.

    Args:
        id: kebab-case name of the bad pattern.
        severity, confidence: what its findings have unless they say otherwise.
        message: template of the message; "" where a check makes it.
        note: template of the words at the primary label.
        match: the declarative form (``rulebook.matcher``), or None.
        check: stem of the module in ``scopedown.checks``, "" where ``match`` is used.
        options: name to default value.
        dialects: where the rule applies.
        aliases: former ids, still honoured wherever a rule is named.
        milder: cases of lower severity, the first that certainly holds counts: severity and clause ``when``.
    """

    __slots__ = (
        "aliases",
        "check",
        "confidence",
        "dialects",
        "id",
        "match",
        "message",
        "milder",
        "note",
        "options",
        "severity",
    )

    def __init__(
        self,
        id: str,
        severity: str,
        confidence: str,
        message: str = "",
        note: str = "",
        match: dict[str, Any] | None = None,
        check: str = "",
        options: dict[str, Any] | None = None,
        dialects: tuple[str, ...] = (),
        aliases: tuple[str, ...] = (),
        milder: tuple[dict[str, Any], ...] = (),
    ) -> None:
        self.id = id
        self.severity = severity
        self.confidence = confidence
        self.message = message
        self.note = note
        self.match = match
        self.check = check
        self.options = options or {}
        self.dialects = dialects
        self.aliases = aliases
        self.milder = milder

    def __repr__(self) -> str:
        return f"Rule({self.id!r})"


def load_index(path: str = INDEX) -> list[Rule]:
    """The rules of the compiled index, sorted by id."""
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    return [rule_of(row) for row in json.loads("[" + ",".join(lines) + "]")]


def rule_of(row: dict[str, Any]) -> Rule:
    """The rule that one line of the index describes."""
    return Rule(
        row["id"],
        row["severity"],
        row["confidence"],
        row.get("message", ""),
        row.get("note", ""),
        row.get("match"),
        row.get("check", ""),
        row.get("options"),
        tuple(row.get("dialects", ())),
        tuple(row.get("aliases", ())),
        tuple(row.get("milder", ())),
    )


def names(rules: list[Rule]) -> dict[str, str]:
    """Every id and alias to the id it stands for."""
    found = {rule.id: rule.id for rule in rules}
    for rule in rules:
        for alias in rule.aliases:
            found[alias] = rule.id
    return found
