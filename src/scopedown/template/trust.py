"""Trust policies and permissions boundaries of roles: who may assume a role, and what bounds it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

from ..iam.policy import Carrier, read_document
from ..source.tree import Mapping, Scalar
from ..values.guard import ALWAYS
from ..values.intrinsics import scalar
from .sam.reading import global_properties
from .stack import Properties
from .whole import Brought

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..iam.policy import Statement
    from ..source.tree import Node
    from .stack import Role
    from .whole import Whole

PERMISSION_SET = "AWS::SSO::PermissionSet"
_EXECUTION = {
    "AWS::Serverless::Function": "lambda",
    "AWS::Serverless::StateMachine": "states",
    "AWS::Serverless::CapacityProvider": "lambda",
    "AWS::Serverless::WebFunction": "lambda",
}
# Whom SAM lets assume the role of a state machine's event.
_EVENTS = {"ScheduleV2": "scheduler", "Api": "apigateway"}


def statements(whole: Whole, role: Role) -> list[Statement]:
    """The statements of a role's trust policy; empty for a role outside the template."""
    if role.resource is None:
        return []
    found: list[Statement] = []
    for node, path in _documents(whole, role):
        carrier = Carrier("trust", role.resource.id, node, path, role.guard)
        found += read_document(node, whole.stack.resolver, carrier)
    if not found and role.generated:
        found = _default(whole, role)
    return found


def _documents(whole: Whole, role: Role) -> list[tuple[Node, str]]:
    """The trust documents that are written: SAM joins the one of Globals and the function's own."""
    resource = role.resource
    assert resource is not None
    name = "AssumeRolePolicyDocument"
    path = f"Resources.{resource.id}.Properties.{name}"
    if role.generated and (resource.type != "AWS::Serverless::Function" or role.key != f"{resource.id}Role"):
        return []
    section = global_properties(whole.stack, "Function", resource) if role.generated else None
    documents = Properties(resource.properties, section).all(name)
    return [(node, path if node is documents[-1] else f"Globals.Function.{name}") for node in documents]


def _default(whole: Whole, role: Role) -> list[Statement]:
    resource = role.resource
    assert resource is not None
    service = _service(whole, role)
    document = {
        "Statement": {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": f"{service}.amazonaws.com"},
        }
    }
    path = f"Resources.{resource.id}"
    return whole.read(document, Carrier("trust", resource.id, resource.key, path, role.guard))


def _service(whole: Whole, role: Role) -> str:
    """The service that SAM lets assume a role it makes."""
    resource = role.resource
    assert resource is not None
    if role.key == "CodeDeployServiceRole":
        return "codedeploy"
    if role.key in (f"{resource.id}Role", f"{resource.id}OperatorRole") and resource.type in _EXECUTION:
        return _EXECUTION[resource.type]
    if resource.type == "AWS::Serverless::GraphQLApi":
        return "appsync"
    event = event_of(role)
    return _EVENTS.get(scalar(event[1].get("Type")) if event is not None else "", "events")


def event_of(role: Role) -> tuple[Scalar, Mapping, str] | None:
    """The event for which SAM makes a role, None where it is another's."""
    from .sam.generated import events

    resource = role.resource
    if resource is None or not role.generated:
        return None
    named = [event for event in events(resource) if role.key == f"{resource.id}{event[0].value}Role"]
    return named[0] if named else None


# -- boundaries ------------------------------------------------------------------------------------------


def boundary(whole: Whole, role: Role) -> list[Brought]:
    """What bounds a role: one for each alternative; the template's own policy or a managed one.

    Each has the guard under which it is the boundary (``Brought.guard``); under a guard that none of them
    has the role is not bounded.
    """
    place = _boundary_node(whole, role)
    if place is None or role.resource is None:
        return []
    node, path = place
    if role.resource.type == PERMISSION_SET:
        node, path = _of_permission_set(node, path)
    found = []
    for element in whole.stack.resolver.elements(node, role.guard):
        own = whole.own_policy(element)
        if own is None:
            name = element.text.display().rpartition("/")[2] if element.text.hole is None else ""
            carrier = Carrier("boundary", role.resource.id, element.node, path, ALWAYS, name, element)
            brought = whole.document(carrier)
        else:
            brought = Brought(*own)
            if not own[0].guard.is_always:  # the policy is there wherever it is named
                carrier = Carrier(own[0].kind, own[0].owner, own[0].node, own[0].path)
                brought = Brought(carrier, read_document(carrier.node, whole.stack.resolver, carrier))
        brought.guard = element.guard
        found.append(brought)
    return found


def _of_permission_set(node: Node, path: str) -> tuple[Node, str]:
    """The ARN in a permission set's boundary, or the name of a policy in the accounts it is assigned to.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-sso-permissionset-permissionsboundary.html
    """
    arn = node.get("ManagedPolicyArn") if isinstance(node, Mapping) else None
    return (arn, f"{path}.ManagedPolicyArn") if arn is not None else (node, path)


def _boundary_node(whole: Whole, role: Role) -> tuple[Node, str] | None:
    resource, name = role.resource, "PermissionsBoundary"
    if resource is None:
        return None
    path = f"Resources.{resource.id}.Properties"
    event = event_of(role)
    if event is not None:
        settings = event[1].get("Properties")
        node = settings.get(name) if isinstance(settings, Mapping) else None
        if node is not None:
            return node, f"{event[2]}.Properties.{name}"
        if resource.type != "AWS::Serverless::StateMachine" or scalar(event[1].get("Type")) == "ScheduleV2":
            return None
    elif role.generated and role.key != f"{resource.id}Role":
        return None
    is_function = resource.type == "AWS::Serverless::Function"
    section = global_properties(whole.stack, "Function", resource) if is_function else None
    node = Properties(resource.properties, section).get(name)
    return (node, f"{path}.{name}") if node is not None else None
