"""Roles of single functions as version 4 of the Serverless Framework makes them, without a plugin.

https://www.serverless.com/framework/docs/providers/aws/guide/iam
"""

from __future__ import annotations

from ...source.tree import Mapping, Scalar, Sequence
from .naming import role_id
from .packaged import MadeRole, Written
from .service import at, is_null, is_truthy
from .statements import own as own_statements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...source.tree import Node
    from .roles import Roles
    from .service import Declared, Service

# The first minor version that makes roles of functions by itself.
_SINCE = 29
_STATEMENTS = (("iam", "role", "statements"), ("iamRoleStatements",))


def is_built_in(service: Service) -> bool:
    """Whether the framework itself makes roles of functions: not where the plugin does it."""
    from .roles import has_plugin

    return service.framework.is_v4 and service.framework.minor >= _SINCE and not has_plugin(service)


def is_per_function(service: Service) -> bool:
    """Whether every function gets a role and no role is shared."""
    if not service.framework.is_v4 or service.framework.minor < _SINCE:
        return False
    mode = at(service.provider, "iam", "role", "mode")
    return isinstance(mode, Scalar) and mode.value == "perFunction"


def is_dedicated(roles: Roles, function: Declared) -> bool:
    """Whether a function gets a role of its own."""
    service = roles.service
    if not is_built_in(service) or is_truthy(function.get("role")) or roles.given is not None:
        return False
    if is_per_function(service):
        return True
    return service.provider.key_node("role") is None and asks(function) is not None


def asks(function: Declared) -> tuple[Node, str] | None:
    """The setting that asks for a role of the function's own: (where it is written, path)."""
    for steps in (*_STATEMENTS, ("iam", "role", "managedPolicies")):
        holder = at(function.node, *steps[:-1])
        key = holder.key_node(steps[-1]) if isinstance(holder, Mapping) else None
        if key is None:
            continue
        node = at(holder, steps[-1])
        if steps[-1] != "managedPolicies" or (isinstance(node, Sequence) and node.items):
            return key, f"{function.path}." + ".".join(steps)
    return None


def make(roles: Roles) -> None:
    """Makes the role of every function that asks for one."""
    service = roles.service
    if not is_built_in(service):
        return
    if is_per_function(service) and (key := service.provider.key_node("role")) is not None:
        reason = "the framework refuses it beside a role per function"
        roles.packaged.note("role", reason, key, "provider", "provider.role")
    for function in service.functions:
        asked = asks(function)
        if is_dedicated(roles, function):
            place, path = asked or (function.key, function.path)
            if roles.shared is None and not is_per_function(service):
                reason = "the framework copies the service's default role, and this service has none"
                roles.packaged.note("role", reason, place, function.name, path)
            else:
                role = _role(roles, function, place, path)
                roles.own[function.name] = roles.packaged.add_role(role)
        elif asked is not None:
            reason = "the framework refuses it beside role" if is_truthy(function.get("role")) else ""
            reason = reason or "the framework ignores it where the provider names a role"
            roles.packaged.note("role", reason, asked[0], function.name, asked[1])


def _role(roles: Roles, function: Declared, place: Node, path: str) -> MadeRole:
    from . import roles as shared

    packaged, service = roles.packaged, roles.service
    role = MadeRole(role_id(function.name), function.name, place, path, function.name)
    role.services = list(roles.shared.services) if roles.shared is not None else role.services
    shared.add_properties(role, service)
    _properties(roles, role, function)
    if is_per_function(service):
        node = at(service.provider, "iam", "role", "managedPolicies")
        if isinstance(node, Sequence):
            role.managed.append(Written("provider", node, "provider.iam.role.managedPolicies"))
    shared.add_network(role, service, function)
    own_statements.of_version_four(packaged, role, function)
    if _inherits(service, function):
        inherited = roles.inherited()
        if inherited is not None:
            role.policies.append(inherited)
    for steps in _STATEMENTS:
        holder = at(function.node, *steps[:-1])
        if isinstance(holder, Mapping) and holder.key_node(steps[-1]) is not None:
            node = holder.get(steps[-1])
            if node is not None and not is_null(node):
                shared.add_written(packaged, role, node, f"{function.path}." + ".".join(steps))
            break
    managed = function.get("iam", "role", "managedPolicies")
    if isinstance(managed, Sequence) and managed.items:
        role.managed.append(Written(function.name, managed, f"{function.path}.iam.role.managedPolicies"))
    return role


def _inherits(service: Service, function: Declared) -> bool:
    """Whether the provider's statements count for a function with a role of its own."""
    from .roles import PLUGIN

    settings = service.custom.get(PLUGIN)
    holders = (function.get("iam"), "inheritStatements"), (function.node, "iamRoleStatementsInherit")
    for holder, key in (*holders, (settings, "defaultInherit")):
        if isinstance(holder, Mapping) and holder.key_node(key) is not None:
            return is_truthy(holder.get(key))
    return is_per_function(service)


def _properties(roles: Roles, role: MadeRole, function: Declared) -> None:
    """Name, path and boundary, where they are not the provider's."""
    from .roles import name_of_own, set_boundary

    given = function.get("iam", "role", "name")
    given = given if is_truthy(given) else function.get("iamRoleStatementsName")
    name_of_own(roles, role, function, given)
    path = function.get("iam", "role", "path")
    if path is not None and is_truthy(path):
        role.properties["Path"] = path
    own = function.get("iam", "role", "permissionsBoundary")
    set_boundary(roles, role, own if is_truthy(own) else function.get("iamPermissionsBoundary"))
