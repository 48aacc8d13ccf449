"""sls-inherit-all: functions whose own roles copy every statement of the provider."""

from __future__ import annotations

from ..rulebook.context import several
from ..source.tree import Sequence
from ..template.serverless.packaged import Written
from ..template.serverless.roles import PLUGIN
from ..template.serverless.service import at
from .shared_role import is_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..rulebook.context import Context
    from ..rulebook.finding import Finding
    from ..source.tree import Node
    from ..template.serverless.packaged import MadeRole
    from ..template.serverless.service import Declared, Service
    from ..template.stack import Stack


def check(context: Context) -> Iterator[Finding]:
    """One finding per function that copies the provider's statements, where several functions have them."""
    stack = context.stack
    if stack.packaged is None:
        return
    service = stack.packaged.service
    copies = {
        function.name: (function, part)
        for function in service.functions
        for made in stack.packaged.roles.values()
        if made.owner == function.name and (part := _copied(stack, made)) is not None
    }
    shared = stack.roles.get("IamRoleLambdaExecution")
    wearing = [function.label for function, _, _ in shared.functions] if shared is not None else []
    if len(copies) + len(wearing) < 2:
        return
    for name, (function, part) in copies.items():
        others = [other for other in (*copies, *wearing) if other != name]
        node, path = _cause(service, function)
        yield context.finding(
            node,
            f"{name} gets every statement of the provider, as {'does' if len(others) == 1 else 'do'} "
            f"{several(others)}",
            resource=name,
            path=path,
            identity=("inherit",),
            related=[(part.node, "what is copied")],
            cause=part,
        )


def _copied(stack: Stack, made: MadeRole) -> Written | None:
    """The provider's statements in a function's own role, unless they only let it log and trace."""
    for part in made.policies:
        if isinstance(part, Written) and part.owner == "provider" and isinstance(part.node, Sequence):
            nodes = set(map(id, part.node.items))
            granting = [
                statement
                for statement in stack.roles[made.id].statements
                if id(statement.node) in nodes and statement.effect != "Deny" and not is_plain(statement)
            ]
            return part if granting else None
    return None


def _cause(service: Service, function: Declared) -> tuple[Node, str]:
    """The setting that makes a function inherit."""
    own = function.node.key_node("iamRoleStatementsInherit")
    if own is not None:
        return own, f"{function.path}.iamRoleStatementsInherit"
    iam = function.get("iam")
    key = getattr(iam, "key_node", lambda _: None)("inheritStatements")
    if key is not None:
        return key, f"{function.path}.iam.inheritStatements"
    for parent, path in (
        (service.custom.get(PLUGIN), f"custom.{PLUGIN}.defaultInherit"),
        (at(service.provider, "iam", "role"), "provider.iam.role.mode"),
    ):
        key = getattr(parent, "key_node", lambda _: None)(path.rpartition(".")[2])
        if key is not None:
            return key, path
    return function.key, function.path
