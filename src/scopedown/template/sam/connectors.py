"""SAM connectors: what ``AWS::Serverless::Connector`` and ``Connectors`` in a resource turn into.

Most become a managed policy of the source's or the destination's role; some a Lambda permission, a queue
policy or a topic policy.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/reference-sam-connector.html
"""

from __future__ import annotations

from ... import catalog
from ...source.tree import Mapping, Node, Scalar, Sequence
from ...values.intrinsics import call, scalar
from .roles import words

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..stack import Resource, Role
    from ..whole import Whole

    End = tuple[str, dict[str, Any]]  # CloudFormation type, and what Arn, Url, Id, Name, Qualifier are

_TYPES = {
    "AWS::Serverless::Function": "AWS::Lambda::Function",
    "AWS::Serverless::StateMachine": "AWS::StepFunctions::StateMachine",
    "AWS::Serverless::Api": "AWS::ApiGateway::RestApi",
    "AWS::Serverless::HttpApi": "AWS::ApiGatewayV2::Api",
    "AWS::Serverless::SimpleTable": "AWS::DynamoDB::Table",
}
# A reference's own properties, by the names they have in the table.
_OWN = {"Arn": "Arn", "QueueUrl": "Url", "ResourceId": "Id", "Name": "Name", "Qualifier": "Qualifier"}


class Connection:
    """One source and one destination of a connector."""

    __slots__ = ("destination", "key", "path", "permissions", "resource", "source")

    def __init__(
        self,
        resource: Resource,
        place: tuple[Scalar, str],
        source: Mapping | None,
        destination: Mapping,
        permissions: list[str],
    ) -> None:
        self.resource = resource
        self.key, self.path = place
        self.source = source
        self.destination = destination
        self.permissions = permissions


def add(whole: Whole, resource: Resource) -> None:
    """Gives the roles at the ends of a resource's connectors what the connectors grant."""
    for connection in connections(resource):
        source, destination = ends(whole, connection)
        known = catalog.connector(source[0], destination[0])
        if known is None or known.mechanism != "AWS_IAM_ROLE_MANAGED_POLICY":
            continue
        found = statements(source, destination, connection.permissions)
        for role in _roles(whole, connection, known.on_source):
            name = f"{connection.key.value}Policy"
            guard = resource.guard.and_(role.guard)
            if not guard.is_never:
                whole.give(role, connection.key, connection.path, name, found, guard)


def connections(resource: Resource) -> list[Connection]:
    """Every pair of source and destination that a resource's connectors join."""
    found: list[Connection] = []
    if resource.type == "AWS::Serverless::Connector" and resource.properties is not None:
        source = resource.properties.get("Source")
        if isinstance(source, Mapping):
            place = (resource.key, f"Resources.{resource.id}")
            found += _split(resource, place, source, resource.properties)
    embedded = resource.node.get("Connectors")
    for key, connector in embedded.entries if isinstance(embedded, Mapping) else []:
        properties = connector.get("Properties") if isinstance(connector, Mapping) else None
        if isinstance(properties, Mapping):
            place = (key, f"Resources.{resource.id}.Connectors.{key.value}")
            found += _split(resource, place, None, properties)
    return found


def _split(
    resource: Resource, place: tuple[Scalar, str], source: Mapping | None, properties: Mapping
) -> list[Connection]:
    destination = properties.get("Destination")
    each = destination.items if isinstance(destination, Sequence) else [destination]
    permissions = words(properties.get("Permissions"))
    return [Connection(resource, place, source, one, permissions) for one in each if isinstance(one, Mapping)]


# -- ends ----------------------------------------------------------------------------------------------


def ends(whole: Whole, connection: Connection) -> tuple[End, End]:
    """What a connection joins: source and destination."""
    source: End
    if connection.source is not None:
        source = _end(whole, connection.source)
    else:
        source = _by_id(whole, connection.resource.id)
    return source, _end(whole, connection.destination)


def _end(whole: Whole, reference: Mapping) -> End:
    id = scalar(reference.get("Id"))
    type, names = _by_id(whole, id) if id else (scalar(reference.get("Type")), {})
    names = dict(names)
    for written, name in _OWN.items():
        value = reference.get(written)
        if value is not None:
            names[name] = value
    return _TYPES.get(type, type), names


def _by_id(whole: Whole, id: str) -> End:
    resource = whole.stack.resources.get(id)
    if resource is None:
        return "", {}
    type = _TYPES.get(resource.type, resource.type)
    return type, _named(catalog.connected(type)[1], id)


def _named(outputs: Any, id: str) -> Any:
    if isinstance(outputs, dict):
        return {name: _named(value, id) for name, value in outputs.items()}
    if isinstance(outputs, list):
        return [_named(value, id) for value in outputs]
    return id if outputs == "%{logicalId}" else outputs


def statements(source: End, destination: End, permissions: list[str]) -> list[dict[str, Any]]:
    """The statements between two ends, the names of both filled in; empty where SAM supports no such pair."""
    known = catalog.connector(source[0], destination[0])
    if known is None:
        return []
    filled: dict[str, Any] = {}
    for prefix, (_, names) in (("Source", source), ("Destination", destination)):
        for name, value in names.items():
            filled[f"{prefix}.{'ResourceId' if name == 'Id' else name}"] = value
    rows: list[dict[str, Any]] = []
    for category, content in known.categories.items():
        if category in permissions:
            listed = content if isinstance(content, list) else [_permission(content)]
            rows += [_filled(row, filled) for row in listed]
    return rows


def _permission(content: dict[str, Any]) -> dict[str, Any]:
    """A Lambda permission as the statement that AWS makes of it."""
    condition: dict[str, Any] = {}
    if "SourceArn" in content:
        condition["ArnLike"] = {"AWS:SourceArn": content["SourceArn"]}
    if "SourceAccount" in content:
        condition["StringEquals"] = {"AWS:SourceAccount": content["SourceAccount"]}
    return {
        "Effect": "Allow",
        "Principal": {"Service": content["Principal"]},
        "Action": content["Action"],
        "Resource": "%{Destination.Arn}",
        "Condition": condition,
    }


def _filled(value: Any, names: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(each, names) for key, each in value.items()}
    if isinstance(value, list):
        return [_filled(each, names) for each in value]
    if not isinstance(value, str):
        return value
    used: dict[str, Any] = {}
    for name, known in names.items():
        mark = "%{" + name + "}"
        if value == mark:
            return known
        if mark in value:
            inner = name.replace(".", "")
            value = value.replace(mark, "${" + inner + "}")
            used[inner] = known
    return {"Fn::Sub": [value, used] if used else value} if "${" in value else value


# -- roles ---------------------------------------------------------------------------------------------


def _roles(whole: Whole, connection: Connection, on_source: bool) -> list[Role]:
    """The roles that the policy goes to."""
    reference = connection.source if on_source else connection.destination
    other = connection.destination if on_source else connection.source
    if reference is not None and (name := reference.get("RoleName")) is not None:
        return _named_roles(whole, name)
    id = connection.resource.id if reference is None else scalar(reference.get("Id"))
    resource = whole.stack.resources.get(id)
    if resource is None:
        return []
    role = whole.stack.roles.get(f"{id}Role")
    if role is not None and role.resource is resource and _is_unset(resource):
        return [role]
    type = _TYPES.get(resource.type, resource.type)
    return _named_roles(whole, _role_property(resource, catalog.connected(type)[0], other))


def _is_unset(resource: Resource) -> bool:
    return resource.properties is None or resource.properties.get("Role") is None


def _role_property(resource: Resource, name: str, other: Mapping | None) -> Node | None:
    if resource.properties is None or not name:
        return None
    if name != "Targets":
        name = "Role" if resource.type == "AWS::Serverless::StateMachine" else name
        return resource.properties.get(name)
    targets = resource.properties.get("Targets")
    wanted = scalar(other.get("Id")) if other is not None else ""
    for target in targets.items if isinstance(targets, Sequence) else []:
        if isinstance(target, Mapping):
            arn = target.get("Arn")
            if wanted and arn is not None and _logical_id(arn) == wanted:
                return target.get("RoleArn")
    return None


def _logical_id(node: Node) -> str:
    function = call(node)
    if function is None:
        return ""
    argument = function[1]
    if isinstance(argument, Sequence):
        return scalar(argument.items[0]) if argument.items else ""
    return scalar(argument).partition(".")[0]


def _named_roles(whole: Whole, node: Node | None) -> list[Role]:
    return [whole.role(element) for element in whole.stack.resolver.texts(node)] if node is not None else []
