"""Redundant copies: a statement that the framework adds by itself comes in, its removal goes out.

https://www.serverless.com/framework/docs/providers/aws/events/websocket
"""

from __future__ import annotations

from ..iam.pattern import covers
from ..source.tree import Span
from . import included, render
from .original import obstacle
from .suggestion import Need, Suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..iam.policy import Statement
    from ..template.serverless.packaged import Said, Written
    from ..template.stack import Role, Stack
    from ..values.text import Element


def suggest(stack: Stack, statement: Statement) -> Suggestion | None:
    """The removal of a statement, where each role that has it is granted the same by the framework.

    That nothing is lost is the proof's to say.

    Args:
        stack: the template of a service.
        statement: what the author wrote.

    Returns:
        A suggestion of tier complete without statements; None where the framework adds nothing alike.
    """
    roles = stack.roles_of(statement.carrier)
    if stack.packaged is None or statement.effect != "Allow" or not statement.actions or not roles:
        return None
    needs: list[Need] = []
    for action in statement.actions:
        for role in roles:
            other = _added(role, action)
            if other is None:
                return None
            cause = other.carrier
            seen = (cause.node.span, f"the framework grants it for {cause.path}")
            if not needs or needs[-1].evidence != [seen] or needs[-1].action != action.text.display():
                needs.append(Need(action.text.display(), None, [seen]))
    if obstacle(statement) or included.elsewhere(stack, statement):
        return None
    place = render.Place(statement.node, statement.path.endswith("]"))
    span = Span(statement.node.document, place.start, place.end)
    note = "the framework adds the same to this role by itself, so the copy can go"
    return Suggestion("complete", span, [], "", needs, note=note)


def _added(role: Role, action: Element) -> Statement | None:
    """A statement that the framework adds to a role for an action."""
    made = role.stack.packaged.roles.get(role.key) if role.stack and role.stack.packaged else None
    if made is None or not _mentions(made.policies, action):
        return None
    for other in role.all_statements:
        added = other.carrier.kind == "generated" and other.effect == "Allow"
        if added and any(covers(each.text, action.text, True) for each in other.actions):
            return other
    return None


def _mentions(policies: list[Written | Said], action: Element) -> bool:
    """Whether the framework says anything of the action's service, before the whole role is read."""
    service = action.text.display().partition(":")[0].lower()
    for part in policies:
        value = getattr(part, "value", None)
        listed = value.get("Action", ()) if isinstance(value, dict) else ()
        names = [listed] if isinstance(listed, str) else listed
        if any(str(name).lower().startswith(f"{service}:") for name in names):
            return True
    return False
