"""Files that several templates include: a change there must fit all of them, so it is only shown."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..iam.policy import Statement
    from ..template.stack import Stack
    from .suggestion import Suggestion


def elsewhere(stack: Stack, statement: Statement) -> str:
    """Who else in a service has a statement's text, as a reason against replacing it; "" for nobody."""
    if stack.packaged is None:
        return ""
    node = statement.node
    for other in stack.statements:
        same = other.node.start == node.start and other.node.document is node.document
        if same and other.carrier.owner != statement.carrier.owner:
            return f"the same lines are statements of {other.carrier.owner} too"
    return ""


def settle(suggestions: list[Suggestion], holders: dict[str, set[str]]) -> None:
    """Leaves of suggestions in a file that several templates include only what is to be shown.

    Args:
        suggestions: of the whole run.
        holders: real path of an included file to the templates that include it.
    """
    for found in suggestions:
        if found.replaces is None:
            continue
        path = found.replaces.path
        others = len(holders.get(os.path.realpath(path), ())) - 1
        if others > 0:
            found.tier, found.replaces, found.statements = "none", None, []
            count = f"{others} other services include" if others > 1 else "another service includes"
            why = f"{count} {path}: the change must fit all of them"
            found.note = f"{found.note}; {why}" if found.note else why
