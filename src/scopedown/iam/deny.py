"""Deny: what an unconditional Deny takes out of the statements it stands beside.

An explicit Deny overrides every Allow of the role. A Deny with a Condition, a hole or a Not-element removes
nothing here: it may not apply to the call at hand.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from .pattern import certainly_covers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..values.text import Element
    from .policy import Statement


def silence(statement: Statement, roles: list[list[Statement]]) -> None:
    """Moves to ``statement.denied`` what a certain Deny takes away in every role that has the statement.

    Args:
        statement: an Allow statement.
        roles: the certain Deny statements of each of its roles.
    """
    if not roles or not all(roles):
        return
    kept: list[Element] = []
    for action in statement.actions:
        gone = all(any(removes(deny, statement, action) for deny in denies) for denies in roles)
        (statement.denied if gone else kept).append(action)
    statement.actions = kept


def certain(statements: list[Statement]) -> list[Statement]:
    """The Deny statements that certainly hold for every call that they match."""
    return [
        statement
        for statement in statements
        if statement.effect == "Deny"
        and not statement.conditions
        and statement.not_actions is None
        and statement.not_resources is None
        and statement.actions
        and statement.resources
        and not any(element.text.holes for element in (*statement.actions, *statement.resources))
    ]


def removes(deny: Statement, statement: Statement, action: Element) -> bool:
    """Whether a Deny takes an action of a statement away, on all of the statement's resources."""
    if not any(certainly_covers(refused.text, action.text, ignore_case=True) for refused in deny.actions):
        return False
    if not statement.guard.and_(action.guard).implies(deny.guard):
        return False
    return bool(statement.resources) and all(
        any(certainly_covers(refused.text, resource.text) for refused in deny.resources)
        for resource in statement.resources
    )
