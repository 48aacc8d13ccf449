"""Deny: what an unconditional Deny takes out of the statements it stands beside.

An explicit Deny overrides every Allow of the role. A Deny with a Condition or a hole removes nothing here: it
may not apply to the call at hand.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..values.text import Element
    from .grant import Grant
    from .policy import Statement


def silence(statement: Statement, roles: list[list[Statement]]) -> None:
    """Takes out of a statement what is denied in every role that has it.

    Actions of which nothing is left move to ``denied``, resources of which nothing is left are dropped; what
    a Deny of everything else leaves of one, or of a NotAction or NotResource, stands in its place. The
    patterns that are denied on all of the statement's resources are its ``refused``.

    Args:
        statement: an Allow statement.
        roles: the certain Deny statements of each of its roles.
    """
    if not roles or not all(roles):
        return
    from .grant import grant_of, less_all

    whole = grant_of(statement)
    if whole is None:
        return
    left = [less_all(whole, denies) for denies in roles]
    parts = [part for each in left for part in each]
    statement.refused = _refused(statement, parts)
    actions, resources = whole.action_slot.patterns, whole.resource_slot.patterns
    of = _left(actions, [[each for part in role for each in part.action_slot.patterns] for role in left])
    on = _left(resources, [[each for part in role for each in part.resource_slot.patterns] for role in left])
    if statement.not_actions is None:
        statement.denied += [element for element in actions if element not in of]
        statement.actions = of
    elif of != actions:
        statement.refused += statement.not_actions
        statement.actions, statement.not_actions = of, None
    if statement.not_resources is None:
        statement.resources = on
    elif on != resources and not _overlap(on, statement.not_resources):
        statement.resources, statement.not_resources = on, None


def certain(statements: list[Statement]) -> list[Statement]:
    """The Deny statements that certainly hold for every call that they match."""
    return [statement for statement in statements if statement.effect == "Deny" and is_certain(statement)]


def is_certain(deny: Statement) -> bool:
    """Whether no condition and no hole stands between a Deny and the calls that it names."""
    return not deny.conditions and not any(
        element.text.holes
        for elements in (deny.actions, deny.not_actions, deny.resources, deny.not_resources)
        for element in elements or ()
    )


def _left(elements: list[Element], roles: list[list[Element]]) -> list[Element]:
    """What stands in place of a statement's elements, given what is left of them in each role."""
    found: list[Element] = []
    for element in elements:
        lists = [{each.text: each for each in left if _part_of(each, element)} for left in roles]
        if not any(lists):
            continue
        same = all(each.keys() == lists[0].keys() for each in lists)
        found += lists[0].values() if same and element.text not in lists[0] else [element]
    return found


def _part_of(part: Element, element: Element) -> bool:
    return part is element or getattr(part, "whole", None) is element


def _overlap(some: list[Element], others: list[Element]) -> bool:
    from .algebra import overlaps

    return any(overlaps(one.text, two.text) is not False for one in some for two in others)


def _refused(statement: Statement, parts: list[Grant]) -> list[Element]:
    """The action patterns that every part which they could concern leaves out, and the statement does not."""
    from .algebra import overlaps

    own = statement.not_actions or []
    denied = {id(each): each for part in parts for each in part.not_actions if each not in own}
    return [
        element
        for element in denied.values()
        if all(
            element in part.not_actions
            or not any(overlaps(element.text, each.text, True) for each in part.action_slot.patterns)
            for part in parts
        )
    ]
