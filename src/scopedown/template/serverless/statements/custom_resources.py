"""The functions that the framework deploys to configure what CloudFormation cannot, and the role they share.

A setting that looks harmless makes the framework deploy a function whose role may create roles, pass any
role or change any function. The functions are the framework's own and no resource of the template here; their
role is.
Where the service names a role for deployments, they run with that one instead.

https://www.serverless.com/framework/docs/providers/aws/guide/iam
"""

from __future__ import annotations

from ....source.tree import Mapping
from ..naming import CUSTOM_RESOURCES_ROLE
from ..packaged import MadeRole
from ..service import at, is_null, is_truthy
from ..texts import known, plain, substituted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ....source.tree import Node
    from ..packaged import Packaged
    from ..service import Event, Service

_PERMISSIONS = ["lambda:AddPermission", "lambda:RemovePermission"]
_SENDERS = ("CustomSMSSender", "CustomEmailSender")
_REGION, _ACCOUNT = {"Ref": "AWS::Region"}, {"Ref": "AWS::AccountId"}
_ANY_FUNCTION = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:*"


class CustomResource:
    """A setting that makes the framework deploy a function of its own.

    Args:
        kind: s3, apiGatewayCloudWatchRole, cognitoUserPool or eventBridge, as the framework calls them.
        cause: where the setting is written.
        path: the same as keys.

    ``statements`` is what its function may do: (statement, cause, path).
    """

    __slots__ = ("cause", "kind", "path", "statements")

    def __init__(self, kind: str, cause: Node, path: str) -> None:
        self.kind = kind
        self.cause = cause
        self.path = path
        self.statements: list[tuple[dict[str, Any], Node, str]] = []

    def may(self, actions: list[str], resource: Any, event: Event | None = None, **more: Any) -> None:
        """Adds a statement, caused by an event or by the setting itself."""
        statement = {"Effect": "Allow", "Resource": resource, "Action": actions, **more}
        place = (event.key, event.path) if event is not None else (self.cause, self.path)
        self.statements.append((statement, *place))


def add(packaged: Packaged) -> None:
    """Finds what makes the framework deploy functions of its own, and makes their role."""
    service = packaged.service
    causes = (_buckets(service), _logs(service), _pools(service), _buses(service))
    found = [each for each in causes if each is not None]
    packaged.custom_resources = found
    if not found:
        return
    packaged.deployment_role = deployment_role(service)
    if packaged.deployment_role is not None:
        return
    first, label = found[0], "the framework's custom resources"
    role = MadeRole(CUSTOM_RESOURCES_ROLE, first.kind, first.cause, first.path, label)
    role.policy_name = {"Fn::Join": ["-", [service.stage, service.name, "custom-resources-lambda"]]}
    _write_logs(service, role)
    said: set[str] = set()
    for each in found:
        for statement, cause, path in each.statements:
            # The framework takes statements on the same resource for the same; a reference is like no other.
            resource = plain(statement["Resource"])
            if resource is None or resource not in said:
                role.say(statement, cause, path, each.kind)
                said |= {resource} if resource is not None else set()
    packaged.add_role(role)


def deployment_role(service: Service) -> Node | None:
    """The role with which CloudFormation deploys the service, and these functions run."""
    node = service.provider.get("cfnRole")
    iam = service.provider.get("iam") if service.framework.knows_iam else None
    if isinstance(iam, Mapping) and iam.key_node("deploymentRole") is not None:
        node = iam.get("deploymentRole")
    return node if is_truthy(node) else None


def _write_logs(service: Service, role: MadeRole) -> None:
    holder = at(service.provider, "logs")
    node = at(holder, "frameworkLambda")
    if node is None or not is_truthy(node) or not isinstance(holder, Mapping):
        return
    from .logs import LOG_GROUP, tags_logs

    group = f"{LOG_GROUP}/aws/lambda/{service.name}-{service.stage}*"
    create = ["logs:CreateLogStream", "logs:CreateLogGroup"]
    create += ["logs:TagResource"] if tags_logs(service.framework) else []
    cause = holder.key_node("frameworkLambda") or node
    for actions, after in ((create, ":*"), (["logs:PutLogEvents"], ":*:*")):
        statement = {"Effect": "Allow", "Action": actions, "Resource": [{"Fn::Sub": group + after}]}
        role.say(statement, cause, "provider.logs.frameworkLambda", "logs")


# -- what makes the framework do it ------------------------------------------------------------------------


def _buckets(service: Service) -> CustomResource | None:
    """``s3`` events of buckets that exist: their notifications, and permissions of functions."""
    found: CustomResource | None = None
    for function in service.functions:
        events = _existing(function.events, "s3")
        if not events:
            continue
        first = events[0]
        found = found or CustomResource("s3", first.key, first.path)
        bucket = first.get("bucket") or ""
        arn = _arn("s3", "", "", bucket)
        found.may(["s3:PutBucketNotification", "s3:GetBucketNotification"], arn, first)
        if service.framework.semantics == 1:
            arn = _arn("lambda", _REGION, _ACCOUNT, "function", service.function_name(function))
            found.may(_PERMISSIONS, arn, first)
    if found is not None and service.framework.semantics > 1:
        found.may(_PERMISSIONS, _arn("lambda", _REGION, _ACCOUNT, "function", "*"))
    return found


def _logs(service: Service) -> CustomResource | None:
    """``provider.logs``: a role for the logs of API Gateway, which the account gets."""
    logs = service.provider.get("logs")
    if not isinstance(logs, Mapping) or is_truthy(at(logs, "restApi", "roleManagedExternally")):
        return None
    kinds = {event.kind for function in service.functions for event in function.events}
    rest = logs.get("restApi")
    if "http" in kinds and is_truthy(rest) and _is_on(at(rest, "accessLogging")):
        name = "restApi"
    elif (
        "websocket" in kinds
        and is_truthy(logs.get("websocket"))
        and not is_truthy(at(service.provider, "apiGateway", "websocketApiId"))
    ):
        name = "websocket"
    else:
        return None
    found = CustomResource("apiGatewayCloudWatchRole", logs.key_node(name) or logs, f"provider.logs.{name}")
    actions = ["iam:AttachRolePolicy", "iam:CreateRole", "iam:ListAttachedRolePolicies", "iam:PassRole"]
    found.may(actions, _arn("iam:", _ACCOUNT, "role/*"))
    found.may(["apigateway:GET", "apigateway:PATCH"], _arn("apigateway:*::/account"))
    return found


def _is_on(node: Node | None) -> bool:
    return is_null(node) or is_truthy(node)


def _pools(service: Service) -> CustomResource | None:
    """``cognitoUserPool`` events of pools that exist: changing pools, and permissions of functions."""
    framework = service.framework
    found: CustomResource | None = None
    for function in service.functions:
        events = _existing(function.events, "cognitoUserPool")
        if not events:
            continue
        first = events[0]
        found = found or CustomResource("cognitoUserPool", first.key, first.path)
        key = first.get("kmsKeyId") if framework.semantics >= 3 else None
        if key is not None and is_truthy(key) and known(first.get("trigger")) in _SENDERS:
            found.may(["kms:CreateGrant"], key, first)
        verbs = ("ListUserPools", "DescribeUserPool", "UpdateUserPool")
        found.may([f"cognito-idp:{verb}" for verb in verbs], "*", first)
        if not (framework.name == "osls" and framework.major >= 4):
            name = service.function_name(function)
            arn = substituted("arn:${AWS::Partition}:lambda:*:*:function:", name, "")
            found.may(_PERMISSIONS, arn, first)
    if found is None:
        return None
    if framework.name == "osls":
        if framework.major >= 4:
            condition = {"StringEquals": {"lambda:Principal": "cognito-idp.amazonaws.com"}}
            found.may(_PERMISSIONS[:1], {"Fn::Sub": _ANY_FUNCTION}, Condition=condition)
        found.may(_PERMISSIONS[1:], {"Fn::Sub": _ANY_FUNCTION})
    found.may(["iam:PassRole"], {"Fn::Sub": "arn:${AWS::Partition}:iam::*:role/*"})
    return found


def _buses(service: Service) -> CustomResource | None:
    """``eventBridge`` events where CloudFormation does not make the rules."""
    events = [
        event
        for function in service.functions
        for event in function.events
        if event.kind == "eventBridge" and is_truthy(event.node)
    ]
    if not events or not makes_rules(service):
        return None
    found = CustomResource("eventBridge", events[0].key, events[0].path)
    for event in events:
        if not _is_default(event.get("eventBus")):
            bus = _arn("events", _REGION, _ACCOUNT, "event-bus/*")
            found.may(["events:CreateEventBus", "events:DeleteEventBus"], bus, event)
            break
    verbs = ("PutRule", "RemoveTargets", "PutTargets", "DeleteRule")
    found.may([f"events:{verb}" for verb in verbs], _arn("events", _REGION, _ACCOUNT, "rule/*"))
    found.may(_PERMISSIONS, _arn("lambda", _REGION, _ACCOUNT, "function", "*"))
    return found


def makes_rules(service: Service) -> bool:
    """Whether a function of the framework makes the rules.

    Version 1 knows nothing else; later ones ask ``provider.eventBridge.useCloudFormation``, which is on from
    version 3 where there are no settings at all. osls gave it up in version 4.
    """
    framework = service.framework
    if framework.semantics == 1:
        return True
    if framework.name == "osls" and framework.major >= 4:
        return False
    options = service.provider.get("eventBridge")
    if not is_truthy(options):
        return framework.semantics == 2
    return not is_truthy(at(options, "useCloudFormation"))


def _is_default(bus: Node | None) -> bool:
    """Whether an event bus is the account's own; a name that is not known may be another."""
    if bus is None or not is_truthy(bus):
        return True
    text = known(bus)
    return (text.partition("/")[2] if text.startswith("arn") else text) == "default"


def _existing(events: list[Event], kind: str) -> list[Event]:
    """The events of a kind whose source is there already."""
    return [
        event
        for event in events
        if event.kind == kind and isinstance(event.node, Mapping) and is_truthy(event.get("existing"))
    ]


def _arn(*parts: Any) -> Any:
    """An ARN as the framework writes it."""
    return {"Fn::Join": [":", ["arn", {"Ref": "AWS::Partition"}, *parts]]}
