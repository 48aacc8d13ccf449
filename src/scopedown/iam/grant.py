"""Grants: one Allow statement comes in, what a Deny and a boundary leave of it goes out.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from .deny import is_certain
from .slots import BY_BOUNDARY, action_slot, resource_slot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..values.guard import Guard
    from ..values.text import Element
    from .policy import Carrier, Condition, Statement
    from .slots import Slot

# Into more parts than this no statement is taken apart; denies then stay attached to what there is.
PARTS = 24


class Grant:
    """What an Allow statement, or a part of it, really gives.

    It reaches every call whose action matches one of ``actions`` and none of ``not_actions``, on a resource
    that matches one of ``resources`` and none of ``not_resources``, where all ``conditions`` hold; except
    what a statement of ``denies`` refuses, and where there is a ``boundary`` only what a statement of it
    allows.

    Args:
        statement: the statement that it comes from; shared by all its parts.
        action_slot, resource_slot: its two halves.
        conditions: what the call must meet; those of the boundary's statement are among them.
        guard: when the template deploys it.
        denies: Deny statements that may refuse a part of it and cannot be taken out.
        boundary: statements of the boundary of which one must allow the call; None where none limits it
            beyond what the other parts say.
    """

    __slots__ = ("action_slot", "boundary", "conditions", "denies", "guard", "resource_slot", "statement")

    def __init__(
        self,
        statement: Statement,
        action_slot: Slot,
        resource_slot: Slot,
        conditions: list[Condition],
        guard: Guard,
        denies: list[Statement],
        boundary: list[Statement] | None = None,
    ) -> None:
        self.statement = statement
        self.action_slot = action_slot
        self.resource_slot = resource_slot
        self.conditions = conditions
        self.guard = guard
        self.denies = denies
        self.boundary = boundary

    @property
    def carrier(self) -> Carrier:
        """What brings the statement to the role."""
        return self.statement.carrier

    @property
    def actions(self) -> list[Element] | None:
        """The action patterns with place and guard; None for every action (NotAction)."""
        return self.action_slot.written

    @property
    def not_actions(self) -> list[Element]:
        """The action patterns that are left out, by a NotAction or by a Deny."""
        return self.action_slot.excluded

    @property
    def resources(self) -> list[Element] | None:
        """The resource patterns with place and guard; None for every resource (NotResource)."""
        return self.resource_slot.written

    @property
    def not_resources(self) -> list[Element]:
        """The resource patterns that are left out, by a NotResource or by a Deny."""
        return self.resource_slot.excluded

    @property
    def limited(self) -> bool:
        """Whether something limits it that its patterns and conditions do not show."""
        return bool(self.denies) or self.boundary is not None

    def part(self, actions: Slot | None = None, resources: Slot | None = None, *denies: Statement) -> Grant:
        """The same grant with other halves and more that may refuse it."""
        return Grant(
            self.statement,
            actions or self.action_slot,
            resources or self.resource_slot,
            self.conditions,
            self.guard,
            [*self.denies, *denies],
            self.boundary,
        )


def grant_of(statement: Statement) -> Grant | None:
    """All that an Allow statement gives if nothing limits it; None where it lacks actions or resources."""
    grant = Grant(
        statement,
        action_slot(statement).trimmed(),
        resource_slot(statement).trimmed(),
        statement.conditions,
        statement.guard,
        [],
    )
    return grant if grant.action_slot.patterns and grant.resource_slot.patterns else None


def less_all(grant: Grant, denies: list[Statement]) -> list[Grant]:
    """What is left of a grant under some Deny statements."""
    parts = [grant]
    for deny in denies:
        parts = [part for whole in parts for part in less(whole, deny, len(parts) < PARTS)]
    return parts


def less(grant: Grant, deny: Statement, split: bool = True) -> list[Grant]:
    """What one Deny leaves of a grant: nothing, the grant, or parts of it.

    A Deny that may not apply (a condition, a hole, a guard that is not implied) and one whose effect patterns
    cannot say stays with the part that it touches.
    """
    actions, resources = action_slot(deny), resource_slot(deny)
    all_of, part_of, none_of = grant.action_slot.sort(actions)
    all_on, part_on, none_on = grant.resource_slot.sort(resources)
    touched = (all_of or part_of) and (all_on or part_on)
    if not touched or not grant.guard.together(deny.guard):
        return [grant]
    if not split or not is_certain(deny):
        return [grant.part(None, None, deny)]
    action, resource = grant.action_slot, grant.resource_slot
    left: list[Grant] = []
    if none_of:
        left.append(grant.part(action.of(none_of)))
    if all_of:
        kept = resource.without(resources, all_of)
        if kept is not None:
            left.append(grant.part(action.of(all_of), kept))
        else:
            left.append(grant.part(action.of(all_of), resource.of(part_on), deny))
            left.append(grant.part(action.of(all_of), resource.of(none_on)))
    if part_of:
        some = action.of(part_of)
        fewer = some.without(actions, all_on) if all_on else None
        if fewer is not None:
            left.append(grant.part(fewer, resource.of(all_on)))
        else:
            left.append(grant.part(some, resource.of(all_on), deny))
        left.append(grant.part(some, resource.of(part_on), deny))
        left.append(grant.part(some, resource.of(none_on)))
    return [part for part in left if part.action_slot.patterns and part.resource_slot.patterns]


def bounded(grant: Grant, boundary: list[Statement]) -> list[Grant]:
    """The parts of a grant that the Allow statements of a permissions boundary let through.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    """
    parts: list[Grant] = []
    vague: list[Statement] = []
    for limit in boundary:
        actions, resources = action_slot(limit), resource_slot(limit)
        guard = grant.guard.and_(limit.guard)
        if guard.is_never:
            continue
        inner = grant.guard.implies(limit.guard) and not limit.conditions
        if inner and actions.covers(grant.action_slot) and resources.covers(grant.resource_slot):
            return [grant]
        of = grant.action_slot.meet(actions, BY_BOUNDARY)
        on = grant.resource_slot.meet(resources, BY_BOUNDARY)
        if of is None or on is None:
            vague.append(limit)
        elif of.patterns and on.patterns:
            part = grant.part(of, on)
            part.conditions = [*grant.conditions, *limit.conditions]
            part.guard = guard
            parts.append(part)
    if vague:
        part = grant.part()
        part.boundary = vague
        parts.append(part)
    return parts
