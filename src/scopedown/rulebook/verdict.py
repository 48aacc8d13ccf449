"""Verdicts: three-valued answers over guards, and how they are combined.

A verdict says under which guard something certainly holds and under which it may hold; what lies between is
unresolved, also behind a negation: what is not known never turns into "fine".
"""

from __future__ import annotations

from ..iam.pattern import negated
from ..values.guard import ALWAYS, NEVER, Guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..iam.policy import Condition, Statement
    from ..template.stack import Role
    from ..values.text import Element

    Unknown = Element | Condition | Role | Statement


class Verdict:
    """Where something holds.

    Args:
        holds: the guard under which it certainly holds.
        maybe: the guard under which it may hold (never less than ``holds``).
        used: the elements that make it hold.
        unknown: what could not be decided.
    """

    __slots__ = ("holds", "maybe", "unknown", "used")

    def __init__(
        self,
        holds: Guard,
        maybe: Guard,
        used: list[Element] | None = None,
        unknown: list[Unknown] | None = None,
    ) -> None:
        self.holds = holds
        self.maybe = maybe
        self.used = used or []
        self.unknown = unknown or []

    def and_(self, other: Verdict) -> Verdict:
        """Both hold."""
        return Verdict(
            meet(self.holds, other.holds),
            meet(self.maybe, other.maybe),
            self.used + other.used,
            self.unknown + other.unknown,
        )

    def or_(self, other: Verdict) -> Verdict:
        """At least one holds."""
        return Verdict(
            self.holds.or_(other.holds),
            self.maybe.or_(other.maybe),
            self.used + other.used,
            self.unknown + other.unknown,
        )

    def not_(self) -> Verdict:
        """It does not hold; what was unknown stays unknown."""
        return Verdict(self.maybe.not_(), self.holds.not_(), [], self.unknown)


def verdict(answer: bool | None, unknown: Unknown | None = None) -> Verdict:
    """The verdict of one three-valued answer that depends on no condition of the template."""
    if answer is None:
        return Verdict(NEVER, ALWAYS, [], [] if unknown is None else [unknown])
    return Verdict(ALWAYS, ALWAYS) if answer else Verdict(NEVER, NEVER)


def meet(one: Guard, two: Guard) -> Guard:
    """Both guards, without repeating what the one already implies."""
    if one.implies(two):
        return one
    return two if two.implies(one) else one.and_(two)


def some(facts: list[Any], test: Callable[[Any], bool | None]) -> Verdict:
    """Whether the test holds for one of the facts, each under the guard of its element."""
    found = verdict(False)
    for fact in facts:
        answer = test(fact)
        if answer is not False:
            element: Element = fact.element
            found.maybe = found.maybe.or_(element.guard)
            if answer:
                found.holds = found.holds.or_(element.guard)
                found.used.append(element)
            else:
                found.unknown.append(element)
    return found


def every(facts: list[Any], test: Callable[[Any], bool | None]) -> Verdict:
    """Whether the test holds for every fact; for none at all it does not."""
    return some(facts, lambda fact: negated(test(fact))).not_() if facts else verdict(False)
