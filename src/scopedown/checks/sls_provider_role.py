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
    from ..template.serverless.packaged import Packaged
    from ..template.stack import Function, Role


def check(context: Context) -> Iterator[Finding]:
    """One finding per function that has in the provider's role what another function needs."""
    stack = context.stack
    role = stack.roles.get(ROLE)
    if role is None or stack.packaged is None or ROLE not in stack.packaged.roles:
        return
    written = any(map(_grants, role.statements)) or any(map(attaches, role.carriers))
    added = [] if written else _added(role)
    if not written and not added:
        return
    for (function, guard, node), others in sharers(role):
        of_others = [statement for statement in added if _is_of_another(statement, function, stack.packaged)]
        if not written and not of_others:
            continue
        names = several([other.label for other, _, _ in others])
        verb = "does" if len(others) == 1 else "do"
        yield context.finding(
            node,
            f"{function.label} runs under the provider's role, as {verb} {names}",
            resource=function.resource.owner,
            path=function.resource.path,
            guard=guard.display(),
            identity=("role", role.key),
            related=_related(role, of_others),
            severity=None if written else "medium",
            cause=role,
        )


def _added(role: Role) -> list[Statement]:
    """What the framework adds for events and settings of functions."""
    return [each for each in role.all_statements if each.carrier.kind == "generated" and _grants(each)]


def _is_of_another(statement: Statement, function: Function, packaged: Packaged) -> bool:
    """Whether a statement is there for another function, and would not be if this one were alone.

    The connections of a WebSocket API are managed by every function that it invokes.
    """
    path = statement.carrier.path
    if path.startswith(f"functions.{function.resource.owner}."):
        return False
    declared = packaged.service.function(function.resource.owner)
    kind = path.rpartition(".")[2]
    alike = declared is not None and any(event.kind == kind for event in declared.events)
    return not (kind == "websocket" and alike)


def _grants(statement: Statement) -> bool:
    return statement.effect != "Deny" and not is_plain(statement)


def _related(role: Role, added: list[Statement]) -> list[tuple[Node | Span, str]]:
    """Where what all of the functions may do is written: a statement, a policy, the events that add it."""
    written: list[Node] = [statement.node for statement in role.statements if _grants(statement)]
    written += [carrier.node for carrier in role.carriers if attaches(carrier)]
    if written:
        return [(written[0], "what all of them may do")]
    nodes = {statement.carrier.node.start: statement.carrier.node for statement in added}
    return [
        (node, "what the framework adds for this, all of them may do") for node in list(nodes.values())[:3]
    ]
