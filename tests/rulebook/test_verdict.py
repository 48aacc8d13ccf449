"""Three values over guards: certain, possible, and nothing in between gets lost."""

from __future__ import annotations

import itertools

import pytest

from scopedown.iam.pattern import both, either, negated
from scopedown.rulebook.verdict import Verdict, meet, verdict
from scopedown.values.guard import ALWAYS, NEVER, Guard, equals

PROD = equals("Stage", "prod", ("dev", "prod"))
ANSWERS = (True, False, None)


def value(found: Verdict) -> bool | None:
    """The answer of a verdict that does not depend on conditions."""
    if not found.holds.is_never:
        return True
    return False if found.maybe.is_never else None


@pytest.mark.parametrize(("one", "two"), list(itertools.product(ANSWERS, ANSWERS)))
def test_kleene(one: bool | None, two: bool | None) -> None:
    conjunction = False if False in (one, two) else None if None in (one, two) else True
    disjunction = True if True in (one, two) else None if None in (one, two) else False
    assert both(one, two) is conjunction
    assert either([one, two]) is disjunction
    assert value(verdict(one).and_(verdict(two))) is conjunction
    assert value(verdict(one).or_(verdict(two))) is disjunction
    assert value(verdict(one).not_()) is negated(one)


def test_unknown_stays_unknown_behind_two_negations() -> None:
    assert value(verdict(None).not_().not_()) is None


def test_guards_are_negated_too() -> None:
    prod = Verdict(PROD, PROD)
    assert prod.and_(prod.not_()).maybe.is_never
    assert prod.or_(prod.not_()).holds.not_().is_never
    # Certain in prod, possible elsewhere: what it is not is certain nowhere and possible outside prod.
    half = Verdict(PROD, ALWAYS).not_()
    assert half.holds.is_never
    assert not half.maybe.together(PROD)


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [(ALWAYS, PROD, PROD), (PROD, ALWAYS, PROD), (PROD, PROD, PROD), (NEVER, PROD, NEVER)],
)
def test_meet_keeps_the_narrower_guard(one: Guard, two: Guard, expected: Guard) -> None:
    assert meet(one, two) is expected
