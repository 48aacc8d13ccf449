"""Roles that SAM makes besides the execution roles of functions, and what they may do.

Schedules and events of state machines get a role that starts their target, a gradual deployment one for
CodeDeploy, GraphQL data sources one each.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html
"""

from __future__ import annotations

from ...source.tree import Mapping, Scalar, Sequence
from ...values.intrinsics import scalar
from ..stack import Properties
from .generated import events, xray_policy
from .reading import generated_role, global_properties

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...source.tree import Node
    from ..stack import Resource
    from ..whole import Whole

_STARTERS = ("Schedule", "CloudWatchEvent", "EventBridgeRule", "Api")


def add(whole: Whole, resource: Resource) -> None:
    """Adds the roles and policies of a SAM resource other than a function."""
    if resource.type == "AWS::Serverless::StateMachine":
        _state_machine(whole, resource)
    elif resource.type == "AWS::Serverless::GraphQLApi":
        _graph(whole, resource)
    elif resource.type in _PLAIN:
        suffix, given, policy = _PLAIN[resource.type]
        section = global_properties(whole.stack, resource.type.rpartition("::")[2], resource)
        if Properties(resource.properties, section).get(given) is None:
            role = whole.make_role(f"{resource.id}{suffix}", resource, resource.key, resource.guard)
            whole.give_managed(role, resource.key, f"Resources.{resource.id}", policy, role.guard)


# Type to the suffix of the role that SAM makes, the property that replaces it, and the policy it has.
_PLAIN = {
    "AWS::Serverless::CapacityProvider": (
        "OperatorRole",
        "OperatorRole",
        "AWSLambdaManagedEC2ResourceOperator",
    ),
    "AWS::Serverless::WebFunction": ("Role", "ExecutionRoleArn", "service-role/AWSLambdaBasicExecutionRole"),
}


def _state_machine(whole: Whole, resource: Resource) -> None:
    role, properties = generated_role(whole.stack, resource), resource.properties
    tracing = properties.get("Tracing") if properties is not None else None
    if role is not None and properties is not None and isinstance(tracing, Mapping):
        cause = properties.key_node("Tracing") or resource.key
        if scalar(tracing.get("Enabled")).lower() == "true":
            path = f"Resources.{resource.id}.Properties.Tracing"
            whole.give_managed(role, cause, path, xray_policy(whole.partition), role.guard)
    target = {"Ref": resource.id}
    for key, event, path in events(resource):
        kind, settings = scalar(event.get("Type")), event.get("Properties")
        if kind == "ScheduleV2":
            schedule(whole, resource, event, (key, path), "states:StartExecution", target)
        elif kind in _STARTERS and not (
            kind == "Schedule" and isinstance(settings, Mapping) and settings.get("RoleArn") is not None
        ):
            role = whole.make_role(f"{resource.id}{key.value}Role", resource, key, resource.guard)
            statement = {"Effect": "Allow", "Action": "states:StartExecution", "Resource": target}
            whole.give(role, key, path, f"{role.key}StartExecutionPolicy", statement, role.guard)


def schedule(
    whole: Whole, resource: Resource, event: Mapping, place: tuple[Scalar, str], action: str, target: Any
) -> None:
    """The role of a ScheduleV2 event: it starts the target and sends to the schedule's dead-letter queue."""
    settings = event.get("Properties")
    key, path = place
    if isinstance(settings, Mapping) and settings.get("RoleArn") is not None:
        return
    role = whole.make_role(f"{resource.id}{key.value}Role", resource, key, resource.guard)
    statement = {"Effect": "Allow", "Action": action, "Resource": target}
    whole.give(role, key, path, f"{resource.id}{key.value}Policy", statement, role.guard)
    letters = settings.get("DeadLetterConfig") if isinstance(settings, Mapping) else None
    if isinstance(letters, Mapping):
        queue: Any = letters.get("Arn")
        if queue is None:
            id = scalar(letters.get("QueueLogicalId")) or f"{resource.id}{key.value}Queue"
            queue = {"Fn::GetAtt": [id, "Arn"]}
        send = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue}
        whole.give(role, key, f"{path}.Properties.DeadLetterConfig", "SQSPolicy", send, role.guard)


def deployment(whole: Whole, resource: Resource, place: tuple[Node, str], settings: Node | None) -> None:
    """The one role with which CodeDeploy shifts the traffic of all functions that do not name one."""
    cause, path = place
    conditional = isinstance(settings, Mapping) and (
        scalar(settings.get("PassthroughCondition")).lower() == "true"
    )
    guard = resource.guard if conditional else whole.always
    role = whole.make_role("CodeDeployServiceRole", resource, cause, guard)
    whole.give_managed(role, cause, path, "service-role/AWSCodeDeployRoleForLambda", role.guard)


def _graph(whole: Whole, resource: Resource) -> None:
    properties = resource.properties
    if properties is None:
        return
    path = f"Resources.{resource.id}.Properties"
    logging = properties.get("Logging")
    named = isinstance(logging, Mapping) and logging.get("CloudWatchLogsRoleArn") is not None
    if not named and scalar(logging).lower() != "false":
        role = whole.make_role(f"{resource.id}CloudWatchRole", resource, resource.key, resource.guard)
        name = "service-role/AWSAppSyncPushToCloudWatchLogs"
        whole.give_managed(role, resource.key, f"{path}.Logging", name, role.guard)
    sources = properties.get("DataSources")
    for kind in ("DynamoDb", "Lambda"):
        group = sources.get(kind) if isinstance(sources, Mapping) else None
        for key, source in group.entries if isinstance(group, Mapping) else []:
            if isinstance(source, Mapping) and source.get("ServiceRoleArn") is None:
                _data_source(whole, resource, (key, f"{path}.DataSources.{kind}.{key.value}"), kind, source)


def _data_source(
    whole: Whole, resource: Resource, place: tuple[Scalar, str], kind: str, source: Mapping
) -> None:
    from . import connectors

    key, path = place
    target: Any
    if kind == "Lambda":
        id, type, target = "Lambda", "AWS::Lambda::Function", source.get("FunctionArn")
        permissions = ["Write"]
    else:
        id, type, target = "DynamoDB", "AWS::DynamoDB::Table", source.get("TableArn")
        permissions = words(source.get("Permissions")) or ["Read", "Write"]
        if target is None and source.get("TableName") is not None:
            place_of = {
                "Table": source.get("TableName"),
                "Home": source.get("Region") or {"Ref": "AWS::Region"},
            }
            arn = "arn:${AWS::Partition}:dynamodb:${Home}:${AWS::AccountId}:table/${Table}"
            target = {"Fn::Sub": [arn, place_of]}
    role = whole.make_role(f"{resource.id}{key.value}{id}DataSourceRole", resource, key, resource.guard)
    if target is not None:
        nameless: dict[str, Any] = {}
        ends = (("AWS::AppSync::DataSource", nameless), (type, {"Arn": target}))
        statements = connectors.statements(*ends, permissions)
        whole.give(role, key, path, f"{role.key}Connector", statements, role.guard)


def words(node: Node | None) -> list[str]:
    """The strings of a list."""
    return [scalar(item) for item in node.items] if isinstance(node, Sequence) else []
