"""sls-provider-role: functions of a service that all run under the provider's one role."""

from __future__ import annotations

from ..rulebook.context import several
from ..template.serverless.naming import ROLE
from .shared_role import attaches, is_plain, sharers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..iam.policy import Statement
    from ..rulebook.context import Context
    from ..rulebook.finding import Finding
    from ..source.tree import Node, Span
    from ..template.stack import Role


def check(context: Context) -> Iterator[Finding]:
    """One finding per function that meets another one in the provider's role."""
    stack = context.stack
    role = stack.roles.get(ROLE)
    if role is None or stack.packaged is None or ROLE not in stack.packaged.roles:
        return
    statements, hidden = _granting(role)
    if not statements and not hidden:
        return
    related = _related(role)
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


def _granting(role: Role) -> tuple[bool, bool]:
    """Whether the role grants something that the author wrote, or that the framework adds for events."""
    if any(map(_grants, role.statements)) or any(map(attaches, role.carriers)):
        return True, True
    return False, any(map(_grants, _added(role)))


def _added(role: Role) -> list[Statement]:
    return [statement for statement in role.all_statements if statement.carrier.kind == "generated"]


def _grants(statement: Statement) -> bool:
    return statement.effect != "Deny" and not is_plain(statement)


def _related(role: Role) -> list[tuple[Node | Span, str]]:
    """Where what all of the functions may do is written: a statement, a policy, the event that adds it."""
    written: list[Node] = [statement.node for statement in role.statements if _grants(statement)]
    written += [carrier.node for carrier in role.carriers if attaches(carrier)]
    if written:
        return [(written[0], "what all of them may do")]
    added = [statement.carrier.node for statement in _added(role) if _grants(statement)]
    return [(node, "what the framework adds for this, all of them may do") for node in added[:1]]
