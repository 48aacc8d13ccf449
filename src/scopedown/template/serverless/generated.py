"""What the framework says in the roles that it makes, for those who ask for everything a role can do."""

from __future__ import annotations

from .packaged import Said
from .service import at

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..stack import Role
    from ..whole import Whole
    from .packaged import MadeRole


def add(whole: Whole) -> None:
    """Adds to the roles of a service what the framework adds to them."""
    packaged = whole.stack.packaged
    assert packaged is not None
    for made in packaged.roles.values():
        role = whole.roles.get(made.id)
        if role is not None:
            _add(whole, role, made, packaged.overridden(made.id))


def _add(whole: Whole, role: Role, made: MadeRole, overridden: bool) -> None:
    kept = _kept(whole, role) if overridden else None
    for part in made.policies:
        if isinstance(part, Said) and (kept is None or part.ids & kept):
            whole.give(role, part.cause, part.path, part.name, part.node, role.guard)
    for part in made.managed:
        if isinstance(part, Said) and (kept is None or part.ids & kept):
            whole.give_managed(role, part.cause, part.path, part.name, role.guard)


def _kept(whole: Whole, role: Role) -> set[int]:
    """The nodes of the framework's that are still there once the author's resources lie over the role."""
    resolver = whole.stack.resolver
    properties = role.resource.properties if role.resource is not None else None
    if properties is None:
        return set()
    found = {id(node) for node, _ in resolver.members(properties.get("ManagedPolicyArns"))}
    for policy, _ in resolver.members(properties.get("Policies")):
        found |= {id(node) for node, _ in resolver.members(at(policy, "PolicyDocument", "Statement"))}
    return found
