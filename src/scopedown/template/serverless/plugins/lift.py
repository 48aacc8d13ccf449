"""Constructs of the plugin serverless-lift: their resources, functions, and statements on the shared role.

Statements of constructs are added to the provider's list: ``provider.iam.role.statements`` where it is
written, else ``provider.iamRoleStatements``. https://github.com/getlift/lift/tree/master/docs
"""

from __future__ import annotations

from ....source.tree import Mapping, Node, Scalar
from ....values.intrinsics import call, scalar
from ...grown import grow
from ..merging import mapping, sequence
from ..packaged import MadeRole
from ..roles import inherits
from ..service import Declared, at, is_false, is_text, is_true, is_truthy, items
from . import added

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..packaged import Packaged
    from ..roles import Roles

_STORAGE = (
    "PutObject GetObject DeleteObject ListBucket GetObjectAcl PutObjectAcl GetObjectTagging PutObjectTagging "
    "DeleteObjectTagging GetObjectAttributes AbortMultipartUpload ListMultipartUploadParts "
    "ListBucketMultipartUploads RestoreObject"
)
_TABLE = "GetItem BatchGetItem Query Scan PutItem DeleteItem BatchWriteItem UpdateItem ConditionCheckItem"
_PLAIN = ("Integration",)
_WITHOUT = ("static-website", "single-page-app", "server-side-website", "vpc")


def prepare(packaged: Packaged) -> None:
    """Adds the functions of constructs, their events, and the network of a VPC construct."""
    for construct in _constructs(packaged):
        if construct.type == "queue":
            _worker(packaged, construct)
        elif construct.type == "webhook" and not is_true(construct.node.get("insecure")):
            authorizer = construct.node.get("authorizer")
            if isinstance(authorizer, Mapping):
                _declare(packaged, construct, "Authorizer", authorizer, "authorizer")
        elif construct.type == "vpc":
            network = grow({"securityGroupIds": [], "subnetIds": []}, construct.key)
            key = Scalar(construct.key.document, construct.key.start, construct.key.end, "vpc")
            service = packaged.service
            service.provider = mapping(service.provider, [*service.provider.entries, (key, network)])


def add(packaged: Packaged, roles: Roles) -> None:
    """Adds the resources of constructs, and what they give to the shared role."""
    given: list[tuple[dict[str, Any], _Construct]] = []
    for construct in _constructs(packaged):
        _resources(packaged, construct)
        statement = _statement(construct)
        if statement is not None:
            given.append((statement, construct))
        if construct.type not in (*_WITHOUT, "storage", "queue", "webhook", "database/dynamodb-single-table"):
            reason = f"constructs of the type '{construct.type}' are not analysed"
            packaged.note("construct", reason, construct.key, None, construct.path)
    automatic = packaged.service.root.get("lift")
    if is_false(at(automatic, "automaticPermissions")):
        return
    receiving = [roles.shared] if roles.shared is not None else []
    receiving += [role for name, role in roles.own.items() if _inherit(packaged, name)]
    for role in receiving:
        for statement, construct in given:
            role.say(statement, construct.key, construct.path)


def _inherit(packaged: Packaged, name: str) -> bool:
    """Whether a function's own role gets the list that the constructs add to.

    The plugin for roles per function looks at the old list only where the provider has no ``iam``.
    """
    service = packaged.service
    function = service.function(name)
    if function is None:
        return False
    if service.framework.is_v4:
        inherit = function.get("iam", "inheritStatements")
        mode = scalar(at(service.provider, "iam", "role", "mode"))
        own = is_truthy(inherit) or inherits(service, function)
        return own or (mode == "perFunction" and not is_false(inherit))
    new = service.provider.get("iam")
    landed_in_new = at(new, "role", "statements") is not None
    return inherits(service, function) and (landed_in_new or not is_truthy(new))


class _Construct:
    __slots__ = ("key", "name", "node", "path", "type")

    def __init__(self, key: Scalar, node: Mapping) -> None:
        self.key = key
        self.name = key.value
        self.node = node
        self.type = scalar(node.get("type"))
        self.path = f"constructs.{key.value}"

    def id(self, *parts: str) -> str:
        """The logical id that the CDK gives to a part of the construct.

        https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html
        """
        import hashlib

        # The last part of a path is "Resource" for what is more than one resource of CloudFormation.
        names = parts if parts[0] in _PLAIN else (*parts, "Resource")
        whole = "/".join((self.name, *names))
        said: list[str] = []
        for part in (self.name, *parts):
            if not said or not said[-1].endswith(part):  # Queue after jobsQueue says nothing new
                said.append(part)
        human = "".join(letter for letter in "".join(said) if letter.isalnum())
        return human + hashlib.md5(whole.encode(), usedforsecurity=False).hexdigest()[:8].upper()


def _constructs(packaged: Packaged) -> list[_Construct]:
    written = packaged.service.root.get("constructs")
    if not isinstance(written, Mapping) or call(written) is not None:
        return []
    return [_Construct(key, node) for key, node in written.entries if isinstance(node, Mapping)]


def _declare(packaged: Packaged, construct: _Construct, suffix: str, node: Mapping, setting: str) -> None:
    """Adds a function of a construct to the service."""
    place = construct.node.key_node(setting) or construct.key
    path = f"{construct.path}.{setting}"
    added.add(packaged.service, f"{construct.name}{suffix}", node, place, path)


def _worker(packaged: Packaged, construct: _Construct) -> None:
    worker = construct.node.get("worker")
    event: dict[str, Any] = {"arn": {"Fn::GetAtt": [construct.id("Queue"), "Arn"]}}
    bound = construct.node.get("maxConcurrency")
    if bound is not None:
        event["maximumConcurrency"] = bound
    source = grow({"sqs": event}, construct.key)
    if isinstance(worker, Mapping) and call(worker) is None:
        _declare(packaged, construct, "Worker", _with_event(worker, source), "worker")
    elif is_text(worker):
        functions = packaged.service.functions
        for number, function in enumerate(functions):
            if function.name == scalar(worker):
                functions[number] = Declared(function.key, _with_event(function.node, source))


def _with_event(node: Mapping, event: Node) -> Mapping:
    listed = sequence(event, [*items(node.get("events")), event])
    key = node.key_node("events") or Scalar(event.document, event.start, event.end, "events")
    others = [(each, value) for each, value in node.entries if each.value != "events"]
    return mapping(node, [*others, (key, listed)])


def _statement(construct: _Construct) -> dict[str, Any] | None:
    """What a construct lets the service's functions do."""
    if construct.type == "storage":
        bucket = {"Fn::GetAtt": [construct.id("Bucket"), "Arn"]}
        resources: list[Any] = [bucket, {"Fn::Join": ["/", [bucket, "*"]]}]
        return _allow([f"s3:{verb}" for verb in _STORAGE.split()], resources)
    if construct.type == "queue":
        queue = {"Fn::GetAtt": [construct.id("Queue"), "Arn"]}
        return _allow(["sqs:SendMessage", "sqs:ChangeMessageVisibility"], [queue])
    if construct.type == "database/dynamodb-single-table":
        table = {"Fn::GetAtt": [construct.id("Table"), "Arn"]}
        resources = [table, {"Fn::Join": ["/", [table, "index/*"]]}]
        return _allow([f"dynamodb:{verb}" for verb in _TABLE.split()], resources)
    return None


def _allow(actions: list[str], resources: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}


def _resources(packaged: Packaged, construct: _Construct) -> None:
    kind, key = construct.type, construct.key
    if kind == "queue":
        packaged.add(construct.id("Dlq"), "AWS::SQS::Queue", None, key)
        packaged.add(construct.id("Queue"), "AWS::SQS::Queue", None, key)
    elif kind == "database/dynamodb-single-table":
        packaged.add(construct.id("Table"), "AWS::DynamoDB::Table", None, key)
    elif kind == "webhook":
        _webhook(packaged, construct)
    elif kind == "server-side-website":
        packaged.add(construct.id("Assets"), "AWS::S3::Bucket", None, key)
    elif kind in ("storage", "static-website", "single-page-app"):
        packaged.add(construct.id("Bucket"), "AWS::S3::Bucket", None, key)
        public = construct.node.get("publicPath") if kind == "storage" else None
        if kind == "static-website" or (public is not None and is_text(public)):
            _public(packaged, construct, public)


def _public(packaged: Packaged, construct: _Construct, path: Node | None) -> None:
    """The policy that opens a bucket, or a path in it, to everybody."""
    prefix = scalar(path).strip("/")
    tail = "/*" if prefix in ("", "*") else f"/{prefix}/*"
    bucket = {"Fn::GetAtt": [construct.id("Bucket"), "Arn"]}
    objects = {"Fn::Join": ["", [bucket, tail]]}
    statement = _allow(["s3:GetObject"], objects) | {"Principal": "*"}
    properties = {"Bucket": {"Ref": construct.id("Bucket")}, "PolicyDocument": {"Statement": [statement]}}
    packaged.add(construct.id("Bucket", "Policy"), "AWS::S3::BucketPolicy", properties, path or construct.key)


def _webhook(packaged: Packaged, construct: _Construct) -> None:
    key, path = construct.key, construct.path
    bus, role_id = construct.id("Bus"), construct.id("ApiGatewayRole")
    packaged.add(construct.id("HttpApi"), "AWS::ApiGatewayV2::Api", None, key)
    packaged.add(bus, "AWS::Events::EventBus", None, key)
    role = MadeRole(role_id, path, key, path, path)
    role.services = ["apigateway.amazonaws.com"]
    role.policy_name = "EventBridge"
    role.say(_allow(["events:PutEvents"], {"Fn::GetAtt": [bus, "Arn"]}), key, path)
    function = packaged.service.function(f"{construct.name}Authorizer")
    if function is not None and not is_true(construct.node.get("insecure")):
        target = {"Fn::GetAtt": [function.id, "Arn"]}
        both = [target, {"Fn::Join": ["", [target, ":*"]]}]
        role.say(_allow(["lambda:InvokeFunction"], both), key, path)
    packaged.add_role(role)
    properties = {
        "ApiId": {"Ref": construct.id("HttpApi")},
        "IntegrationType": "AWS_PROXY",
        "IntegrationSubtype": "EventBridge-PutEvents",
        "CredentialsArn": {"Fn::GetAtt": [role_id, "Arn"]},
    }
    packaged.add(construct.id("Integration"), "AWS::ApiGatewayV2::Integration", properties, key)
