"""Compiles ``rules/`` into the index: ``python -m scopedown.rulebook.compile [--check]``."""

from __future__ import annotations

import json
import sys

from .index import INDEX
from .loader import RuleFile, load_rules


def compiled(rules: list[RuleFile]) -> str:
    """The text of the index for some rules."""
    rows = (json.dumps(rule.row, ensure_ascii=False, separators=(",", ":")) for rule in rules)
    return "".join(row + "\n" for row in rows)


def main(arguments: list[str]) -> int:
    """Writes the index; with ``--check`` only says whether it is up to date (1: it is not)."""
    text = compiled(load_rules())
    if arguments == ["--check"]:
        with open(INDEX, encoding="utf-8") as file:
            if file.read() == text:
                return 0
        print("the rule index is out of date; run python -m scopedown.rulebook.compile", file=sys.stderr)
        return 1
    with open(INDEX, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
