"""sls-provider-role: functions of a service that all run under the provider's one role."""

from __future__ import annotations

from ..rulebook.context import several
from ..template.serverless.naming import ROLE
from ..template.serverless.packaged import Written
from .shared_role import attaches, is_plain, sharers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..rulebook.context import Context
    from ..rulebook.finding import Finding
    from ..source.tree import Node, Span
    from ..template.stack import Role, Stack


def check(context: Context) -> Iterator[Finding]:
    """One finding per function that meets another one in the provider's role."""
    stack = context.stack
    role = stack.roles.get(ROLE)
    if role is None or stack.packaged is None or ROLE not in stack.packaged.roles:
        return
    statements, hidden = _granting(stack, role)
    if not statements and not hidden:
        return
    related = _related(stack)
    for (function, guard, node), others in sharers(role):
        names = several([other.label for other, _, _ in others])
        verb = "does" if len(others) == 1 else "do"
        yield context.finding(
            node,
            f"{function.label} runs under the provider's role, as {verb} {names}",
            resource=function.resource.owner,
            path=function.resource.path,
            guard=guard.display(),
            identity=("role", role.key),
            related=related,
            severity=None if statements else "medium",
            cause=role,
        )


def _granting(stack: Stack, role: Role) -> tuple[bool, bool]:
    """Whether the role grants something that the author wrote, or that the framework adds for events."""
    if any(statement.effect != "Deny" and not is_plain(statement) for statement in role.statements):
        return True, True
    if any(attaches(carrier) for carrier in role.carriers):
        return True, True
    added = [statement for statement in role.all_statements if statement.carrier.kind == "generated"]
    return False, any(statement.effect != "Deny" and not is_plain(statement) for statement in added)


def _related(stack: Stack) -> list[tuple[Node | Span, str]]:
    assert stack.packaged is not None
    made = stack.packaged.roles[ROLE]
    for part in (*made.policies, *made.managed):
        if isinstance(part, Written):
            return [(part.node, "what all of them may do")]
    return []
