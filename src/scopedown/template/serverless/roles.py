"""The roles of a service: the provider's role, the default role that the framework makes, and functions' own.

https://www.serverless.com/framework/docs/providers/aws/guide/iam and the plugin's documentation,
https://github.com/functionalone/serverless-iam-roles-per-function
"""

from __future__ import annotations

from ...source.tree import Mapping, Node, Scalar, Sequence
from .naming import ROLE, normalized
from .packaged import MadeRole, Packaged, Written
from .service import at, is_false, is_null, is_true, is_truthy, items
from .statements import logs as log_statements
from .statements import settings as statements
from .texts import is_string
from .variables.unknowns import fallback

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .service import Declared, Service

PLUGIN = "serverless-iam-roles-per-function"
_VPC = "service-role/AWSLambdaVPCAccessExecutionRole"


class Roles:
    """Who runs under which role.

    ``given`` is the existing role that the provider names, as (value, node, path); None where the framework
    makes the default role. ``own`` maps a function's name to the role that is made for it alone.
    """

    __slots__ = ("_inherited", "given", "own", "packaged", "service", "shared")

    def __init__(self, packaged: Packaged) -> None:
        self.packaged = packaged
        self.service = packaged.service
        self.given = existing(self.service)
        self.own: dict[str, MadeRole] = {}
        self.shared: MadeRole | None = None
        self._inherited: Written | None = None

    def make(self) -> None:
        """Makes the default role and the functions' own roles, as far as the framework would."""
        if self.makes_default():
            self.shared = _default(self.packaged, self)
            statements.settings(self, self.shared)
            statements.events(self, self.shared)
        if self.service.framework.is_v4:
            from . import per_function

            per_function.make(self)
        if has_plugin(self.service):
            self._by_plugin()

    def makes_default(self) -> bool:
        """Whether the framework makes the default role."""
        functions = self.service.functions
        if not functions or self.given is not None or self.service.provider.key_node("role") is not None:
            return False
        if self.service.framework.is_v4:
            from .per_function import is_per_function

            if is_per_function(self.service):
                return False
        return not all(function.has("role") for function in functions)

    def feeds_shared(self, function: Declared) -> bool:
        """Whether what a function's settings ask for is added to the default role.

        It is for functions with a role of their own too; from 4.40 on only for the others.
        """
        framework = self.service.framework
        if not framework.is_v4 or framework.minor < 40:
            return True
        from .per_function import is_dedicated

        return not is_dedicated(self, function)

    def inherited(self) -> Written | None:
        """The provider's statements as functions' own roles get them, one and the same for all."""
        if self._inherited is None:
            self._inherited = _inherited(self.service, self.shared)
        return self._inherited

    def value(self, function: Declared) -> tuple[Any, Node, str]:
        """A function's Role property: (value, where it is written, path)."""
        own = self.own.get(function.name)
        if own is not None:
            return {"Fn::GetAtt": [own.id, "Arn"]}, own.cause, own.path
        role = function.get("role")
        if role is not None and is_truthy(role):
            return _reference(role), role, f"{function.path}.role"
        if self.given is not None:
            node, path = self.given
            return _reference(node), function.key, path
        return {"Fn::GetAtt": [ROLE, "Arn"]}, function.key, "provider"

    def _by_plugin(self) -> None:
        for function in self.service.functions:
            if not function.has("iamRoleStatements"):
                continue
            place = function.place("iamRoleStatements")
            path = f"{function.path}.iamRoleStatements"
            if is_truthy(function.get("role")):
                reason = "the plugin refuses role beside iamRoleStatements"
                self.packaged.note("role", reason, place, function.name, path)
            elif self.shared is None:
                reason = (
                    "the plugin copies the service's default role, and this service has none; it stops there"
                )
                self.packaged.note("role", reason, place, function.name, path)
            else:
                self.own[function.name] = self.packaged.add_role(_of_plugin(self, self.shared, function))


def has_plugin(service: Service) -> bool:
    """Whether the plugin that reads function-level statements is listed."""
    return any(name.rpartition("/")[2] == PLUGIN for name in service.plugins)


def existing(service: Service) -> tuple[Node, str] | None:
    """The existing role that the provider names: a string, or a mapping that is a CloudFormation function.

    ``{Ref: X}`` has no ``::``, so the framework takes it for settings of the default role.
    """
    role = role_settings(service)
    if role is not None and (
        is_string(role) or (isinstance(role, Mapping) and any("::" in key.value for key, _ in role.entries))
    ):
        return role, "provider.iam.role"
    old = service.provider.get("role")
    return (old, "provider.role") if old is not None and is_truthy(old) else None


def role_settings(service: Service) -> Node | None:
    """``provider.iam.role``, unknown before 2.24; of a choice the fallback where it is no string."""
    node = at(service.provider, "iam", "role") if service.framework.knows_iam else None
    last = fallback(node) if node is not None else None
    return node if is_string(last) else last


def written(packaged: Packaged, owner: str, node: Node | None, path: str) -> Written | None:
    """Statements of a function or of the provider; what is no list is noted."""
    if node is None or is_null(node):
        return None
    found = _written(owner, node, path)
    if found is None:
        packaged.note("statements", "they are no list that is known here", node, owner, path)
    return found


def _written(owner: str, node: Node, path: str) -> Written | None:
    return Written(owner, node, path) if isinstance(node, Sequence) else None


def _reference(role: Node) -> Any:
    """A role as written: an ARN, or the logical id of a role in ``resources``."""
    if isinstance(role, Scalar) and not role.value.startswith("arn:"):
        return {"Fn::GetAtt": [role.value, "Arn"]}
    return role


def _default(packaged: Packaged, roles: Roles) -> MadeRole:
    service = packaged.service
    cause = service.root.key_node("provider") or service.root.key_node("service") or service.root
    role = MadeRole(ROLE, "provider", cause, "provider", "the provider's role")
    add_properties(role, service)
    log_statements.of_default(roles, role)
    node = at(role_settings(service), "statements")
    if node is not None and is_truthy(node):
        add_written(packaged, role, node, "provider.iam.role.statements")
    elif (old := service.provider.get("iamRoleStatements")) is not None and is_truthy(old):
        add_written(packaged, role, old, "provider.iamRoleStatements")
    add_managed(packaged, role, service)
    inside = [each for each in service.functions if each.has("vpc")]
    key = service.provider.key_node("vpc")
    if key is not None and is_truthy(service.provider.get("vpc")):
        role.attach(_VPC, key, "provider.vpc")
    elif inside:
        role.attach(_VPC, inside[0].place("vpc"), f"{inside[0].path}.vpc")
    return packaged.add_role(role)


def add_written(packaged: Packaged, role: MadeRole, node: Node, path: str) -> None:
    """Adds statements that the author wrote to a role."""
    found = written(packaged, role.owner, node, path)
    if found is not None:
        role.policies.append(found)


def add_managed(packaged: Packaged, role: MadeRole, service: Service) -> None:
    """Attaches the provider's managed policies."""
    node, path = at(role_settings(service), "managedPolicies"), "provider.iam.role.managedPolicies"
    if not is_truthy(node):
        node, path = service.provider.get("iamManagedPolicies"), "provider.iamManagedPolicies"
    if isinstance(node, Sequence):
        role.managed.append(Written("provider", node, path))
    elif node is not None and is_truthy(node):
        packaged.note("managed policies", "they are no list that is known here", node, "provider", path)


def add_properties(role: MadeRole, service: Service) -> None:
    """Name, path and boundary of the default role, which functions' own roles begin with."""
    settings = role_settings(service)
    name, path = at(settings, "name"), at(settings, "path")
    parts = [service.name, service.stage, {"Ref": "AWS::Region"}, "lambdaRole"]
    role.properties["RoleName"] = name if is_truthy(name) else {"Fn::Join": ["-", parts]}
    role.properties["Path"] = path if is_truthy(path) else "/"
    role.policy_name = {"Fn::Join": ["-", [service.name, service.stage, "lambda"]]}
    for node in (
        at(settings, "permissionsBoundary"),
        at(settings, "permissionBoundary"),
        service.provider.get("rolePermissionsBoundary"),
    ):
        if node is not None and is_truthy(node):
            role.properties["PermissionsBoundary"] = node
            break


def _of_plugin(roles: Roles, shared: MadeRole, function: Declared) -> MadeRole:
    """The role that the plugin makes: a copy of the default role without its statements."""
    from .statements import own as own_statements

    packaged, service = roles.packaged, roles.service
    path = f"{function.path}.iamRoleStatements"
    id = f"{normalized(function.name)}{ROLE}"
    role = MadeRole(id, function.name, function.place("iamRoleStatements"), path, function.name)
    role.properties = dict(shared.properties)
    role.services = list(shared.services)
    role.policy_name = shared.policy_name
    name_of_own(roles, role, function, function.get("iamRoleStatementsName"))
    set_boundary(roles, role, function.get("iamPermissionsBoundary"))
    add_network(role, service, function)
    own_statements.of_plugin(packaged, role, function)
    if inherits(service, function):
        inherited = roles.inherited()
        if inherited is not None:
            role.policies.append(inherited)
    node = function.get("iamRoleStatements")
    if node is not None:
        add_written(packaged, role, node, path)
    return role


def name_of_own(roles: Roles, role: MadeRole, function: Declared, given: Node | None) -> None:
    """Names a function's own role: as given, else as the default role with the function's name in it."""
    service = roles.service
    if given is not None and is_truthy(given):
        role.properties["RoleName"] = given
        return
    name = at(service.provider, "iam", "role", "name")
    joined = items(at(name, "Fn::Join"))  # into which the function's name would be put
    if is_truthy(name) and not (len(joined) == 2 and len(items(joined[1])) > 1):
        reason = "the framework refuses it where the provider names its role and the function does not"
        roles.packaged.note("role name", reason, role.cause, role.owner, role.path)
    parts = [service.name, service.stage, function.name, {"Ref": "AWS::Region"}, "lambdaRole"]
    role.properties["RoleName"] = {"Fn::Join": ["-", parts]}


def set_boundary(roles: Roles, role: MadeRole, given: Node | None) -> None:
    """The boundary of a function's own role; one for all of them counts for the default role too."""
    overall = at(roles.service.custom.get(PLUGIN), "iamGlobalPermissionsBoundary")
    boundary = given if is_truthy(given) else overall
    if boundary is not None and is_truthy(boundary):
        role.properties["PermissionsBoundary"] = boundary
    if overall is not None and is_truthy(overall) and roles.shared is not None:
        roles.shared.properties["PermissionsBoundary"] = overall


def add_network(role: MadeRole, service: Service, function: Declared) -> None:
    """Attaches to a function's own role what a network needs."""
    if not _is_empty(function.get("vpc")) or not _is_empty(service.provider.get("vpc")):
        place = function.place("vpc") if function.has("vpc") else service.provider.key_node("vpc")
        role.attach(_VPC, place or function.key, f"{function.path}.vpc")


def inherits(service: Service, function: Declared) -> bool:
    """Whether the provider's statements are copied to a function's own role, by the plugin's rules."""
    default = is_truthy(at(service.custom.get(PLUGIN), "defaultInherit"))
    said = function.get("iamRoleStatementsInherit")
    return is_truthy(said) or (default and not is_false(said))


def _inherited(service: Service, shared: MadeRole | None) -> Written | None:
    """The provider's statements that the plugin copies: the old key only where there is no ``iam`` at all."""
    new = service.provider.get("iam")
    path = "provider.iam.role.statements" if is_truthy(new) else "provider.iamRoleStatements"
    for each in shared.policies if shared is not None else ():
        if isinstance(each, Written) and each.path == path:
            return each
    # The default role has the other list, or none.
    node = at(new, "role", "statements") if is_truthy(new) else service.provider.get("iamRoleStatements")
    return Written("provider", node, path) if isinstance(node, Sequence) and node.items else None


def _is_empty(node: Node | None) -> bool:
    """Whether lodash takes a value for empty: nothing, an empty collection, a boolean or a number."""
    if isinstance(node, Mapping):
        return not node.entries
    if isinstance(node, Sequence):
        return not node.items
    return is_null(node) or is_true(node) or is_false(node)
