"""Every rule that is on by default stands in the concept map, once."""

from __future__ import annotations

import json

from scopedown.rulebook.index import load_index

from .running import CONCEPT_MAP


def test_every_rule_is_mapped_or_says_why_not() -> None:
    mapping = json.loads(CONCEPT_MAP.read_text(encoding="utf-8"))
    unmapped = mapping.pop("unmapped")
    assert not set(mapping) & set(unmapped)
    assert {rule.id for rule in load_index()} == set(mapping) | set(unmapped)
    assert all(reason.strip() for reason in unmapped.values())
