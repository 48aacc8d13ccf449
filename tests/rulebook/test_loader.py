"""Mistakes in a rule file: each is told with its place and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from scopedown.rulebook.index import names
from scopedown.rulebook.loader import load_rule, load_rules
from scopedown.source.tree import InputError

GOOD = """\
title: Allow every queue action
code: E9199
severity: high
confidence: high
since: "0.1.0"
group: over-broad
fix: never
dialects: [cloudformation, sam]
aliases: [queue-glob]
options:
  queues: {type: list, default: [], about: queues that are left alone}
message: "{who} may call {action}"
match:
  at: action
  effect: Allow
  action: {is: service_star}
rationale: Because.
limits: None.
remediation: Name them.
references: [https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html]
examples:
  - name: bad
    statement: |
      Effect: Allow
      Action: sqs:*  # expect: queue-star
      Resource: '*'
  - name: good
    statement: |
      Effect: Allow
      Action: sqs:SendMessage
      Resource: '*'
"""


def test_a_good_rule() -> None:
    file = load_rule(GOOD, "rules/queue-star.yaml")
    rule = file.rule
    assert (file.id, rule.severity, rule.aliases) == ("queue-star", "high", ("queue-glob",))
    assert rule.match == {"at": "action", "effect": "Allow", "action": {"is": ["service_star"]}}
    assert rule.options == {"queues": []}
    assert names([rule]) == {"queue-star": "queue-star", "queue-glob": "queue-star"}


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (
            "severity: high",
            "severty: high",
            "queue-star.yaml:3:1: unknown key 'severty'; did you mean 'severity'?",
        ),
        (
            "severity: high",
            "severity: hgih",
            "3:11: 'hgih' is not one of error, high, medium, low, info; did you mean 'high'?",
        ),
        ("severity: high\n", "", "key 'severity' is missing"),
        (
            "code: E9199",
            "code: W9199",
            "2:7: code 'W9199' does not fit severity high; write E91 and two digits",
        ),
        ("code: E9199", "code: E91", "2:7: code 'E91' does not fit"),
        ('since: "0.1.0"', "since: 0.1", "5:8: '0.1' is not a text"),
        ("fix: never", "fix: never\nfix: never", "8:1: key 'fix' is given twice"),
        ("is: service_star", "is: servce_star", "did you mean 'service_star'?"),
        ("is: service_star", "level_any: Writing", "did you mean 'Write'?"),
        ("  action: {is:", "  actions: {is:", "16:3: unknown key 'actions'; did you mean 'action'?"),
        ("  at: action\n", "", "key 'at' is missing"),
        (
            "  effect: Allow\n  action",
            "  effect: Allow\n  unless: {effect: Maybe}\n  action",
            "'Maybe' is not one of Allow, Deny",
        ),
        ("match:\n", "check: queue_star\nmatch:\n", "a rule has both 'match' and 'check'; give exactly one"),
        ('message: "{who} may call {action}"\n', "", "key 'message' is missing"),
        ("{who} may", "{whom} may", "12:10: unknown placeholder 'whom' in message; did you mean 'who'?"),
        ("default: []", "default: 3", "the default of option 'queues' is not a list"),
        ("  - name: good", "  - name: bad", "example 'bad' is there twice"),
        ("  # expect: queue-star", "", "no firing example; a firing example has '# expect: queue-star'"),
        ("Action: sqs:SendMessage", "Action: sqs:*  # expect: queue-star", "no silent example"),
        ("  - name: good\n    statement:", "  - name: good\n    template:", "has a template but no dialect"),
        (
            "  - name: good\n    statement: |",
            "  - name: good\n    fixed: |",
            "exactly one of template, statement and policies",
        ),
        ("dialects: [cloudformation, sam]", "dialects: sam", "'sam' is not a list"),
        ("match:\n", "match: {at: action}\nx: [\n", "not YAML"),
    ],
)
def test_a_mistake_is_told(old: str, new: str, complaint: str) -> None:
    assert GOOD.count(old) >= 1
    with pytest.raises(InputError) as error:
        load_rule(GOOD.replace(old, new, 1), "rules/queue-star.yaml")
    assert complaint in str(error.value)


def test_an_empty_file() -> None:
    with pytest.raises(InputError, match=r"empty\.yaml:1: the file is empty; a rule has title"):
        load_rule("", "rules/empty.yaml")


def test_something_else_than_a_mapping() -> None:
    with pytest.raises(InputError, match="a list is not a mapping; its keys are title"):
        load_rule("- a\n", "rules/list.yaml")


@pytest.mark.parametrize("taken", ["E9199", "queue-star", "queue-glob"])
def test_two_rules_with_one_name(tmp_path: Path, taken: str) -> None:
    (tmp_path / "queue-star.yaml").write_text(GOOD, encoding="utf-8")
    other = GOOD.replace("# expect: queue-star", "# expect: topic-star").replace(
        "[queue-glob]", f"['{taken}']"
    )
    other = other if taken == "E9199" else other.replace("E9199", "E9198")
    (tmp_path / "topic-star.yaml").write_text(other, encoding="utf-8")
    with pytest.raises(InputError, match=f"'{taken}' already belongs to .*queue-star.yaml"):
        load_rules(tmp_path)
