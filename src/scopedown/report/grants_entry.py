"""One grant as it is told: what is left of an Allow statement comes in, with the actions that it reaches."""

from __future__ import annotations

from ..iam import algebra
from ..values.guard import ALWAYS
from .grants_reach import expand
from .grants_reach import reached as reached_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..catalog import Action
    from ..iam.access import Grant
    from ..iam.policy import Carrier, Statement
    from ..source.tree import Span
    from ..values.guard import Guard
    from ..values.text import Element


class Entry:
    """One grant as it is told: a grant, or several parts of one statement that differ in actions alone.

    Args:
        grant: the (first) grant.
        actions, not_actions: its patterns, those of the other parts included; actions is None for every one.
        guard: when it holds; always where the role itself is deployed no oftener.
        reached: the known actions that it reaches.
        matched: for each of its action patterns, the known actions that take effect.
        unknown: its actions that are not known: unresolved, or missing in the AWS data.
        answer: what it answers where an action or a resource is asked for, else "".
    """

    __slots__ = ("actions", "answer", "grant", "guard", "matched", "not_actions", "reached", "unknown")

    def __init__(self, parts: list[Grant], role: Guard, answer: str) -> None:
        grant = self.grant = parts[0]
        self.answer = answer
        self.guard = ALWAYS if role.implies(grant.guard) else grant.guard
        reached = {action.full: action for part in parts for action in reached_by(part)}
        self.reached = [reached[full] for full in sorted(reached)]
        listed = [part.actions for part in parts]
        self.actions = None if None in listed else [one for some in listed for one in some or ()]
        if self.actions is not None:
            self.actions.sort(key=lambda one: one.node.start)
        self.not_actions = [one for part in parts for one in part.not_actions if _touches(one, self.actions)]
        self.matched: list[list[Action]] = []
        self.unknown: list[Element] = []
        for element in self.actions or ():
            literal = element.text.literal
            meant = expand(literal) if literal is not None else ()
            self.matched.append([action for action in meant if action.full in reached])
            if not meant:
                self.unknown.append(element)

    @property
    def statement(self) -> Statement:
        """The statement that the grant comes from."""
        return self.grant.statement

    @property
    def carrier(self) -> Carrier:
        """What brings it."""
        return self.grant.statement.carrier

    @property
    def span(self) -> Span:
        """Where the template says it."""
        return self.statement.node.span


def _touches(excluded: Element, actions: list[Element] | None) -> bool:
    """Whether leaving an action out makes a difference to some actions."""
    return actions is None or any(
        algebra.overlaps(excluded.text, action.text, ignore_case=True) is not False for action in actions
    )


def goes_with(parts: list[Grant], grant: Grant) -> bool:
    """Whether a part of a statement can be told together with other parts of it.

    What one of them leaves out must not touch the actions of another that does not.
    """
    first = parts[0]
    if first.statement is not grant.statement or None in (first.actions, grant.actions):
        return False
    if _beside_actions(first) != _beside_actions(grant):
        return False
    return not any(
        algebra.overlaps(out.text, action.text, ignore_case=True) is not False
        for one, other in [pair for part in parts for pair in ((part, grant), (grant, part))]
        for out in one.not_actions
        if out.text not in [also.text for also in other.not_actions]
        for action in other.actions or ()
    )


def _beside_actions(grant: Grant) -> object:
    """Everything about a grant but its actions."""
    resources = [one.text for one in grant.resources] if grant.resources is not None else None
    others = [one.text for one in grant.not_resources]
    limits = [id(one) for one in (*grant.conditions, *grant.denies, *(grant.boundary or ()))]
    return resources, others, limits, grant.boundary is None, grant.guard
