"""Effective access: a role's statements and its boundary come in, what it may really do goes out as grants.

What Deny statements and the permissions boundary take away is taken out of the Allow statements as far as
patterns can say that, in both readings of ``*``; the rest stays attached to a grant as a limit.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from .. import catalog
from ..values.guard import ALWAYS
from ..values.text import Hole, Text, Wildcard
from .algebra import overlaps, within
from .grant import Grant, bounded, grant_of, less_all
from .pattern import both, covers, either
from .reach import Reach
from .request import filled, hold
from .slots import action_slot, resource_slot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..catalog import Action
    from ..values.guard import Guard
    from ..values.text import Element, Part
    from .policy import Condition, Statement
    from .request import Context
    from .slots import Slot

__all__ = ["Grant", "allows", "effective", "levels", "may", "reached", "reaches_everything"]


def effective(
    statements: Iterable[Statement], boundary: Iterable[Statement] | None = None, under: Guard = ALWAYS
) -> list[Grant]:
    """The union of all Allow statements less what is denied and what the boundary does not allow.

    Args:
        statements: everything that the role's identity policies say (``Role.statements``).
        boundary: the statements of its permissions boundary; None where it has none.
        under: when that is so; a role whose boundary depends on a condition has other grants otherwise.

    Returns:
        Grants in the order of their statements; a statement of which nothing is left yields none. An effect
        that cannot be read counts as no Allow and no Deny.
    """
    allowed = list(statements)
    limits = None if boundary is None else list(boundary)
    denies = [each for each in (*allowed, *(limits or ())) if each.effect == "Deny"]
    if limits is not None:
        limits = [each for each in limits if each.effect == "Allow"]
    found: list[Grant] = []
    for statement in allowed:
        whole = grant_of(statement) if statement.effect == "Allow" else None
        if whole is None or not whole.guard.together(under):
            continue
        whole.guard = whole.guard.and_(under)
        for part in less_all(whole, denies):
            found += [part] if limits is None else bounded(part, limits)
    return found


def may(
    grants: Iterable[Grant],
    action: str | Text,
    resource: str | Text | None = None,
    context: Context | None = None,
    segments: bool = False,
) -> bool | None:
    """Whether a role with these grants may call an action: on some resource, or on the one given.

    Args:
        grants: what ``effective`` gave.
        action: its full name; a pattern asks for any action that matches it.
        resource: an ARN; a pattern asks for any resource that matches it; None for any at all. A part that
            is refused then does not count, several refusals that only together leave nothing neither.
        context: the request's condition keys with their values; None where they are not known.
        segments: match ARNs field by field.

    Returns:
        True for yes (under the guard of a grant), False for no, None for cannot tell: it depends on a
        condition, on a hole or on a guard.
    """
    return either(allows(grant, action, resource, context, segments) for grant in grants)


def allows(
    grant: Grant,
    action: str | Text,
    resource: str | Text | None = None,
    context: Context | None = None,
    segments: bool = False,
) -> bool | None:
    """``may`` for one grant: which of a role's grants lets a call through."""
    where = _asked(resource)
    return either(
        _allows(grant, _Question(name, where, context, segments)) for name in _known(_asked(action))
    )


def _asked(pattern: str | Text | None) -> Text | None:
    """What is asked about; None for anything at all."""
    text = Text.of(pattern) if isinstance(pattern, str) else pattern
    return None if text is None or _is_star(text) else text


def _known(action: Text | None) -> list[Text | None]:
    """The known actions that a pattern matches; the pattern itself where it is none or matches none."""
    literal = action.literal if action is not None else None
    if literal is None or not catalog.has_wildcard(literal):
        return [action]
    return [Text((each.full,)) for each in catalog.expand(literal)] or [action]


def _is_star(text: Text) -> bool:
    """Whether a pattern matches everything: ``*``, and ``*:*`` for actions."""
    return "*" in text.display() and all(part == ":" or isinstance(part, Wildcard) for part in text.parts)


def _allows(grant: Grant, question: _Question) -> bool | None:
    answer = question.meets(grant.action_slot, grant.resource_slot, grant.conditions)
    if answer is False:
        return False
    for deny in grant.denies:
        refused = question.refused(grant, deny)
        if refused:
            return False
        if refused is None:
            answer = None
    if grant.boundary is not None:
        limit = either(question.met_by(each) for each in grant.boundary)
        return answer if limit else limit
    return answer


def reached(grant: Grant) -> list[Action]:
    """The known actions that it reaches and that can take effect on its resources, by full name.

    Costly where it reaches everything, since all of the catalog is read then; see ``reaches_everything``.
    """
    slot = grant.action_slot
    found: dict[str, Action] = {}
    for element in slot.patterns:
        literal = element.text.literal
        if literal is not None:
            found.update((action.full, action) for action in catalog.expand(literal))
    reach = Reach(grant.resources)
    return [
        action
        for full, action in sorted(found.items())
        if reach.takes_effect(action)
        and not any(covers(out.text, Text((full,)), ignore_case=True) for out in slot.excluded)
    ]


def reaches_everything(grant: Grant) -> bool:
    """Whether it reaches every action there is, or all but those it leaves out."""
    return any(_is_star(element.text) for element in grant.action_slot.patterns)


def levels(grant: Grant) -> list[str]:
    """The access levels of what it reaches, in the order of ``catalog.LEVELS``; all where it is everything.

    An action that the catalog does not know has none.
    """
    if reaches_everything(grant):
        return list(catalog.LEVELS)
    there = {action.level for action in reached(grant)}
    return [level for level in catalog.LEVELS if level in there]


def _is_one(part: Part) -> bool:
    """Whether a part stands for one string: a resource's name does, a parameter may hold a wildcard."""
    return isinstance(part, str) or (
        isinstance(part, Hole) and part.kind in ("pseudo", "reference", "attribute")
    )


class _Question:
    """Which call is asked about: may some request for this action on this resource pass?"""

    __slots__ = ("action", "context", "resource", "segments")

    def __init__(
        self, action: Text | None, resource: Text | None, context: Context | None, segments: bool
    ) -> None:
        self.action = action
        self.resource = resource
        self.context = context
        self.segments = segments

    def meets(
        self, actions: Slot, resources: Slot, conditions: list[Condition], under: Guard | None = None
    ) -> bool | None:
        """Whether some such request lies within two slots and their conditions.

        Args:
            actions, resources, conditions: of a statement, or what is left of them.
            under: where that must certainly be so; None asks for some choice of parameters.
        """
        answer = self._in(actions, self.action, under)
        if answer is not False:
            answer = both(answer, self._in(resources, self.resource, under))
        if answer is not False and conditions:
            answer = both(answer, hold(conditions, self.context, actions.every.guard))
        return answer

    def met_by(self, statement: Statement) -> bool | None:
        """The same for a statement as written."""
        return self.meets(action_slot(statement), resource_slot(statement), statement.conditions)

    def refused(self, grant: Grant, deny: Statement) -> bool | None:
        """Whether a Deny refuses everything of a grant that is asked about."""
        answer = self._takes(action_slot(deny), self.action, grant.action_slot, grant.guard)
        if answer is not False:
            on = self._takes(resource_slot(deny), self.resource, grant.resource_slot, grant.guard)
            answer = both(answer, on)
        if answer is not False and deny.conditions:
            answer = both(answer, hold(deny.conditions, self.context, deny.guard))
        return None if answer and not grant.guard.implies(deny.guard) else answer

    def _takes(self, slot: Slot, asked: Text | None, whole: Slot, under: Guard) -> bool | None:
        """Whether one half of a Deny takes all that is asked of a grant; what is still unnamed may."""
        if asked is not None:
            answer = self._in(slot, asked, under)
            return answer if answer is False else both(answer, self._is_plain(asked))
        if slot.covers(whole):
            return True
        holes = (each.text.hole for each in slot.patterns)
        return None if any(hole and hole.kind in ("parameter", "unknown") for hole in holes) else False

    def _is_plain(self, asked: Text) -> bool | None:
        """True for one resource; cannot tell (whether all is refused) for a pattern."""
        return True if all(_is_one(part) for part in asked.parts) else None

    def _in(self, slot: Slot, asked: Text | None, under: Guard | None) -> bool | None:
        """Whether something asked about lies within a slot."""
        if asked is None:
            return bool(slot.patterns)
        answer = either(self._matches(slot, each, asked, under) for each in slot.patterns)
        sure = under or slot.every.guard
        for each in slot.excluded if answer is not False else ():
            inside = self._matches(slot, each, asked, sure)
            if inside and self._is_plain(asked):
                return False
            if inside is not False:
                text = filled(each.text, self.context)
                if text and sure.implies(each.guard) and self._within(slot, text, asked):
                    return False
                answer = None
        return answer

    def _matches(self, slot: Slot, element: Element, asked: Text, under: Guard | None) -> bool | None:
        text = filled(element.text, self.context)
        if text is None:
            return False  # a variable without a value matches nothing
        if self._is_plain(asked):
            answer = self._within(slot, text, asked)
        else:
            segments = self.segments and not slot.ignore_case
            answer = overlaps(text, asked, slot.ignore_case, segments)
        return None if answer and under and not under.implies(element.guard) else answer

    def _within(self, slot: Slot, outer: Text, inner: Text) -> bool | None:
        return within(outer, inner, slot.ignore_case, self.segments and not slot.ignore_case)
