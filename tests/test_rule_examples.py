"""Every example of every rule file, in every dialect, through the real engine: the exact lines, no others."""

from __future__ import annotations

import pytest

from scopedown.config import Options
from scopedown.engine import Report, check_text
from scopedown.rulebook.examples import Rendered, render
from scopedown.rulebook.loader import RuleFile, load_rules

RULES = load_rules()
CASES = [
    pytest.param(rule, example, id=f"{rule.id}::{example.name}") for rule in RULES for example in render(rule)
]


def run(example: Rendered, rules: set[str]) -> Report:
    """What these rules say of an example; low confidence counts too."""
    options = Options()
    options.pedantic = True
    options.select = sorted(rules)
    return check_text(example.path, example.text, options)


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_example(rule: RuleFile, example: Rendered) -> None:
    report = run(example, {rule.id, *(name for _, name in example.expected)})
    assert not report.errors, [str(error) for error in report.errors]
    assert not report.internal
    found = [(finding.primary.span.line, finding.rule) for finding in report.findings]
    assert sorted(found) == sorted(example.expected), example.text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_claimed_dialect_has_an_example(rule: RuleFile) -> None:
    shown = set()
    for example in rule.words["examples"]:
        anywhere = "template" not in example and "dialect" not in example
        shown |= set(rule.words["dialects"]) if anywhere else {example.get("dialect")}
    assert shown == set(rule.words["dialects"])
