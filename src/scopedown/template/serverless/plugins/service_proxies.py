"""API Gateway in front of other services: the roles with which the API calls them, one for each kind.

The plugin serverless-apigateway-service-proxy, and version 4 by itself.
https://www.serverless.com/plugins/serverless-apigateway-service-proxy
"""

from __future__ import annotations

from ....source.tree import Mapping, Node, Scalar
from ....values.intrinsics import call, scalar
from ..generated_ids import method_id
from ..packaged import MadeRole
from ..service import at, is_truthy, items
from ..variables.unknowns import Unknown

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..packaged import Packaged

_PATH = "custom.apiGatewayServiceProxies"
_LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
# Kind: the role's name in its id, the setting that names the target, actions, the rest of the ARN.
_KINDS = {
    "kinesis": ("Kinesis", "streamName", ["kinesis:PutRecord", "kinesis:PutRecords"], "kinesis", "stream/"),
    "sqs": ("Sqs", "queueName", ["sqs:SendMessage"], "sqs", ""),
    "sns": ("Sns", "topicName", ["sns:Publish"], "sns", ""),
    "s3": ("S3", "bucket", [], "s3", ""),
    "dynamodb": ("Dynamodb", "tableName", [], "dynamodb", "table/"),
    "eventbridge": ("EventBridge", "eventBusName", ["events:PutEvents"], "events", "event-bus/"),
}


def add(packaged: Packaged) -> None:
    """Adds the roles, and for every proxy the method that calls its service."""
    found: dict[str, list[tuple[Scalar, Mapping]]] = {}
    for item in items(packaged.service.custom.get("apiGatewayServiceProxies")):
        for key, node in item.entries[:1] if isinstance(item, Mapping) and call(item) is None else ():
            if key.value in _KINDS and isinstance(node, Mapping):
                found.setdefault(key.value, []).append((key, node))
            else:
                reason = "this kind is not known here"
                packaged.note("service proxy", reason, key, None, _PATH)
    for kind, proxies in found.items():
        id = f"ApigatewayTo{_KINDS[kind][0]}Role"
        if kind == "dynamodb" or any(not is_truthy(node.get("roleArn")) for _, node in proxies):
            _role(packaged, id, kind, proxies)
        for key, node in proxies:
            arn = node.get("roleArn")
            given = arn if arn is not None and is_truthy(arn) else {"Fn::GetAtt": [id, "Arn"]}
            uri = f"arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:{_KINDS[kind][3]}:action/Call"
            integration = {"Type": "AWS", "Credentials": given, "Uri": {"Fn::Sub": uri}}
            name = method_id(scalar(node.get("path")), scalar(node.get("method")))
            packaged.add(name, "AWS::ApiGateway::Method", {"Integration": integration}, key)
    if found and at(packaged.service.provider, "apiGateway", "restApiId") is None:
        first = next(iter(found.values()))[0][0]
        packaged.add("ApiGatewayRestApi", "AWS::ApiGateway::RestApi", None, first)


def _role(packaged: Packaged, id: str, kind: str, proxies: list[tuple[Scalar, Mapping]]) -> None:
    _, setting, actions, service, start = _KINDS[kind]
    cause = proxies[0][0]
    role = MadeRole(id, _PATH, cause, _PATH)
    role.services = ["apigateway.amazonaws.com"]
    role.policy_name = f"apigatewayto{kind}"
    role.say({"Effect": "Allow", "Action": _LOGS, "Resource": "*"}, cause, _PATH)
    targets = [(key, node, node.get(setting)) for key, node in proxies]
    for key, node, target in targets:
        missing = setting if target is None else "action" if not actions and not node.get("action") else ""
        if missing or target is None:
            packaged.note("service proxy", f"it has no {missing}", key, None, _PATH)
        elif kind == "s3":
            action = {"Fn::Join": ["", ["s3:", node.get("action"), "*"]]}
            objects = {"Fn::Join": ["", [_bucket(target), "/*"]]}
            role.say({"Effect": "Allow", "Action": [action], "Resource": objects}, key, _PATH)
        elif kind == "dynamodb":
            action = {"Fn::Join": ["", ["dynamodb:", node.get("action")]]}
            arn = _arn(service, start, target)
            role.say({"Effect": "Allow", "Action": [action], "Resource": arn}, key, _PATH)
    if actions:
        arns = [_arn(service, start, target) for _, _, target in targets if target is not None]
        role.say({"Effect": "Allow", "Action": actions, "Resource": arns}, cause, _PATH)
    packaged.add_role(role)


def _bucket(node: Node) -> Any:
    function = call(node) if not isinstance(node, Unknown) else None
    if function is not None and function[0] == "Ref":
        return {"Fn::GetAtt": [scalar(function[1]), "Arn"]}
    return {"Fn::Sub": ["arn:${AWS::Partition}:s3:::${bucket}", {"bucket": node}]}


def _arn(service: str, start: str, name: Node) -> Any:
    text = f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{start}${{name}}"
    return {"Fn::Sub": [text, {"name": name}]}
