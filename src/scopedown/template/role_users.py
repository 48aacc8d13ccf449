"""Who assumes a role: every property of a template that hands a role to a service.

Functions, state machines, schedules, pipes, rules, APIs, tasks, builds…: the catalog has the properties of
each resource type; credentials in OpenAPI bodies and instance profiles are read here.
"""

from __future__ import annotations

from .. import catalog
from ..source.tree import Mapping, Sequence
from ..values.intrinsics import call
from .triggers.invocation import Finder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..source.tree import Node
    from ..values.guard import Guard
    from ..values.text import Element
    from .stack import Resource, Role
    from .whole import Whole


class RoleUse:
    """One place that hands a role to something.

    ``type`` is the CloudFormation type of the resource; ``path`` leads to the place from the template's root.
    """

    __slots__ = ("guard", "node", "path", "resource", "type")

    def __init__(self, resource: Resource, path: str, node: Node, guard: Guard, type: str = "") -> None:
        self.resource = resource
        self.path = path
        self.node = node
        self.guard = guard
        self.type = type or resource.type


_BODIES = {
    "AWS::ApiGateway::RestApi": "Body",
    "AWS::ApiGatewayV2::Api": "Body",
    "AWS::Serverless::Api": "DefinitionBody",
    "AWS::Serverless::HttpApi": "DefinitionBody",
}
_INTEGRATION = "x-amazon-apigateway-integration"
_AUTHORIZER = "x-amazon-apigateway-authorizer"
_CREDENTIALS = {_INTEGRATION: "credentials", _AUTHORIZER: "authorizerCredentials"}
# What an instance gets its role through: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html
_PROFILES = {
    "AWS::EC2::Instance": ("IamInstanceProfile",),
    "AWS::AutoScaling::LaunchConfiguration": ("IamInstanceProfile",),
    "AWS::EC2::LaunchTemplate": (
        "LaunchTemplateData.IamInstanceProfile.Arn",
        "LaunchTemplateData.IamInstanceProfile.Name",
    ),
}
# SAM's own properties that the registry's schemas do not have.
_SAM = {
    "AWS::Serverless::Api": ("Auth.InvokeRole", "Auth.Authorizers.*.FunctionInvokeRole"),
    "AWS::Serverless::HttpApi": ("Auth.Authorizers.*.FunctionInvokeRole",),
    "AWS::Serverless::Function": (
        "DeploymentPreference.Role",
        "Events.*.Properties.RoleArn",
        "Events.*.Properties.Auth.InvokeRole",
    ),
    "AWS::Serverless::StateMachine": ("Role", "Events.*.Properties.RoleArn"),
    "AWS::Serverless::GraphQLApi": ("Logging.CloudWatchLogsRoleArn", "DataSources.*.*.ServiceRoleArn"),
    "AWS::Serverless::CapacityProvider": ("OperatorRole",),
    "AWS::Serverless::WebFunction": ("ExecutionRoleArn",),
}
# Words that stand where a role could: how API Gateway calls with the caller's credentials.
_NO_ROLES = ("NONE", "CALLER_CREDENTIALS", "arn:aws:iam::*:user/*")
_FUNCTIONS = ("AWS::Lambda::Function", "AWS::Serverless::Function")


def find(whole: Whole) -> dict[str, list[RoleUse]]:
    """Every use of a role, by the role's key."""
    return _Uses(whole).found


class _Uses:
    def __init__(self, whole: Whole) -> None:
        self.whole = whole
        self.finder = Finder(whole.stack)
        self.found: dict[str, list[RoleUse]] = {}
        for resource in whole.stack.resources.values():
            if resource.properties is not None:
                self._resource(resource)
        for function in whole.stack.functions:
            for role, guard, node in function.roles:
                path = f"Resources.{function.resource.id}.Properties.Role"
                self._use(role, RoleUse(function.resource, path, node, guard))
        for role in whole.roles.values():
            self._generated(role)
        if "Fn::GetStackOutput" in whole.stack.document.text:
            for resource in whole.stack.resources.values():
                if resource.properties is not None:
                    self._stack_outputs(resource)

    def _use(self, role: Role, use: RoleUse) -> None:
        self.found.setdefault(role.key, []).append(use)

    def _generated(self, role: Role) -> None:
        """A role that SAM makes is assumed by what it is made for."""
        resource = role.resource
        if resource is None or not role.generated or (resource.type in _FUNCTIONS and role.functions):
            return
        from .trust import event_of

        event = event_of(role)
        node, path = (event[0], event[2]) if event is not None else (resource.key, f"Resources.{resource.id}")
        self._use(role, RoleUse(resource, path, node, role.guard))

    def _resource(self, resource: Resource) -> None:
        paths = _SAM.get(resource.type) or catalog.role_properties(resource.type)
        start, where = resource.properties, f"Resources.{resource.id}.Properties"
        for path in paths:
            if path == "Role" and resource.type in _FUNCTIONS:
                continue
            for node, guard, here in self.finder.at(start, path.split("."), resource.guard, where):
                self._elements(resource, node, guard, here)
        for path in _PROFILES.get(resource.type, ()):
            for node, guard, here in self.finder.at(start, path.split("."), resource.guard, where):
                self._profile(resource, node, guard, here)
        name = _BODIES.get(resource.type)
        if name is not None and start is not None and (body := start.get(name)) is not None:
            for node, path in _credentials(body, f"{where}.{name}"):
                self._elements(resource, node, resource.guard, path)

    def _elements(self, resource: Resource, node: Node, guard: Guard, path: str) -> None:
        for element in self.whole.stack.resolver.elements(node, guard):
            if element.text.literal not in _NO_ROLES:
                self._use(self.whole.role(element), RoleUse(resource, path, element.node, element.guard))

    def _stack_outputs(self, resource: Resource) -> None:
        """The roles that CloudFormation takes to read what stacks of other accounts put out."""
        assert resource.properties is not None
        waiting: list[tuple[Node, str]] = [(resource.properties, f"Resources.{resource.id}.Properties")]
        while waiting:
            node, here = waiting.pop()
            if isinstance(node, Sequence):
                waiting += [(item, f"{here}[{number}]") for number, item in enumerate(node.items)]
            elif isinstance(node, Mapping):
                function = call(node)
                argument = function[1] if function is not None else None
                if function is not None and function[0] == "Fn::GetStackOutput":
                    role = argument.get("RoleArn") if isinstance(argument, Mapping) else None
                    if role is not None:
                        self._elements(resource, role, resource.guard, f"{here}.RoleArn")
                else:
                    waiting += [(value, f"{here}.{key.value}") for key, value in node.entries]

    def _profile(self, resource: Resource, node: Node, guard: Guard, path: str) -> None:
        resolver = self.whole.stack.resolver
        for element in resolver.elements(node, guard):
            profile = self._named_profile(element)
            if profile is not None and profile.properties is not None:
                for role in resolver.elements(profile.properties.get("Roles"), element.guard):
                    self._use(self.whole.role(role), RoleUse(resource, path, element.node, role.guard))

    def _named_profile(self, element: Element) -> Resource | None:
        id = self.finder.resource_of(element.origin)
        found = self.whole.stack.resources.get(id or "")
        return found if found is not None and found.type == "AWS::IAM::InstanceProfile" else None


def _credentials(body: Node, path: str) -> Iterator[tuple[Node, str]]:
    """The roles that an OpenAPI body gives to its integrations and authorizers."""
    waiting: list[tuple[Node, str]] = [(body, path)]
    while waiting:
        node, here = waiting.pop()
        if isinstance(node, Sequence):
            waiting += [(item, f"{here}[{number}]") for number, item in enumerate(node.items)]
        elif isinstance(node, Mapping) and call(node) is None:
            for key, value in node.entries:
                name = _CREDENTIALS.get(key.value)
                credentials = value.get(name) if name and isinstance(value, Mapping) else None
                if credentials is not None:
                    yield credentials, f"{here}.{key.value}.{name}"
                else:
                    waiting.append((value, f"{here}.{key.value}"))
        elif isinstance(node, Mapping):
            waiting.append((node.entries[0][1], here))
