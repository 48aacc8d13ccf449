"""sls-leftover-role: the provider's role that the framework still makes although no function has it."""

from __future__ import annotations

from ..template.serverless.naming import ROLE
from ..template.serverless.packaged import Written
from ..template.serverless.roles import has_plugin
from .shared_role import attaches, is_plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..rulebook.context import Context
    from ..rulebook.finding import Finding
    from ..template.serverless.packaged import Packaged


def check(context: Context) -> Iterator[Finding]:
    """One finding for the role of a service whose functions all have roles of their own."""
    stack = context.stack
    role = stack.roles.get(ROLE)
    packaged = stack.packaged
    if role is None or packaged is None or ROLE not in packaged.roles or role.functions:
        return
    service = packaged.service
    if not service.framework.known and not has_plugin(service):
        return  # an earlier version would read no statements of functions, and all would have the role
    broad = any(s.effect != "Deny" and not is_plain(s) for s in role.statements)
    if not (broad or any(map(attaches, role.carriers))) or _copied(packaged):
        return
    made = packaged.roles[ROLE]
    written = [part for part in (*made.policies, *made.managed) if isinstance(part, Written)]
    if not written:
        return
    yield context.finding(
        written[0].node,
        "the framework still makes the provider's role with these statements, and no function has it",
        resource="provider",
        path=written[0].path,
        identity=("leftover",),
        note="granted to a role that is not used",
        cause=role,
    )


def _copied(packaged: Packaged) -> bool:
    """Whether functions copy the provider's statements: then they are written for those."""
    return any(
        isinstance(part, Written) and part.owner == "provider"
        for made in packaged.roles.values()
        if made.id != ROLE
        for part in made.policies
    )
