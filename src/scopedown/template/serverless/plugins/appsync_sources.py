"""Data sources of AppSync APIs, and what the role of each type may do where the author does not say."""

from __future__ import annotations

import re

from ....source.tree import Mapping, Node, Scalar
from ....values.intrinsics import scalar
from ..naming import function_id
from ..service import at, items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ENDPOINT = re.compile(r"https://([a-z0-9-]+\.(\w{2}-[a-z]+-\d)\.es\.amazonaws\.com)\Z")
_PROFILE = re.compile(r"(us-gov|us|eu|apac|global)\.")
_ITEMS = (
    "DeleteItem GetItem PutItem Query Scan UpdateItem BatchGetItem BatchWriteItem ConditionCheckItem".split()
)
_SQL = "DeleteItems ExecuteSql ExecuteStatement GetItems InsertItems UpdateItems".split()
_SEARCH = "Delete Get Head Post Put Patch".split()
_REGION = {"Ref": "AWS::Region"}


class Source:
    """A data source; ``prefix`` is that of its API's logical ids."""

    __slots__ = ("key", "name", "node", "path", "prefix")

    def __init__(self, key: Scalar, name: str, node: Mapping, path: str, prefix: str = "") -> None:
        self.key = key
        self.name = name
        self.node = node
        self.path = path
        self.prefix = prefix

    def config(self, *steps: str) -> Node | None:
        """A setting of its configuration."""
        return at(self.node, "config", *steps)

    def place(self, name: str) -> Node:
        """Where a setting of the configuration is written, else the source's own key."""
        config = self.node.get("config")
        return (config.key_node(name) if isinstance(config, Mapping) else None) or self.key

    def id(self, suffix: str = "") -> str:
        """The logical id of the source, or of its role."""
        return f"{self.prefix}GraphQlDs{plain(self.name)}{suffix}"


def plain(name: str) -> str:
    return "".join(letter for letter in name if letter.isascii() and letter.isalnum())


def function_arn(source: Source) -> Any:
    """The ARN of the function behind a data source."""
    arn, name = (
        source.config("functionArn") or source.config("lambdaFunctionArn"),
        source.config("functionName"),
    )
    if arn is not None:
        return arn
    if isinstance(name, Scalar):
        target = {"Fn::GetAtt": [function_id(name.value), "Arn"]}
        alias = source.config("functionAlias")
        return {"Fn::Join": [":", [target, alias]]} if alias is not None else target
    if source.config("function") is not None:
        return {"Fn::GetAtt": [function_id(source.name), "Arn"]}
    return None


def _lambda(source: Source) -> list[Any]:
    arn = function_arn(source)
    if arn is None:
        return []
    return [allow(["lambda:invokeFunction"], [arn, {"Fn::Join": [":", [arn, "*"]]}])]


def _dynamodb(source: Source) -> list[Any]:
    table = source.config("tableName")
    if table is None:
        return []
    arn = _arn("dynamodb", source.config("region"), {"Fn::Join": ["/", ["table", table]]})
    both = [arn, {"Fn::Join": ["/", [arn, "*"]]}]
    return [allow([f"dynamodb:{verb}" for verb in _ITEMS], both)]


def _database(source: Source) -> list[Any]:
    cluster, secret = source.config("dbClusterIdentifier"), source.config("awsSecretStoreArn")
    if cluster is None or secret is None:
        return []
    arn = _arn("rds", source.config("region"), {"Fn::Join": [":", ["cluster", cluster]]})
    return [
        allow([f"rds-data:{verb}" for verb in _SQL], [arn, {"Fn::Join": [":", [arn, "*"]]}]),
        allow(["secretsmanager:GetSecretValue"], [secret, {"Fn::Join": [":", [secret, "*"]]}]),
    ]


def _search(source: Source) -> list[Any]:
    endpoint, domain = source.config("endpoint"), source.config("domain")
    match = _ENDPOINT.match(scalar(endpoint))
    if match is not None:
        arn = _arn("es", match.group(2), f"domain/{match.group(1)}/*")
    elif domain is not None:
        arn = {"Fn::Join": ["/", [{"Fn::GetAtt": [scalar(domain), "Arn"]}, "*"]]}
    else:
        return []
    return [allow([f"es:ESHttp{verb}" for verb in _SEARCH], [arn])]


def _bus(source: Source) -> list[Any]:
    arn = source.config("eventBusArn")
    return [allow(["events:PutEvents"], [arn])] if arn is not None else []


def _bedrock(source: Source) -> list[Any]:
    resources: list[Any] = []
    for model in items(source.config("models")):
        name = scalar(model)
        if not name or name.startswith("arn:"):
            resources.append(model)
        elif (match := _PROFILE.match(name)) is not None:
            resources.append(_arn("bedrock", source.config("region"), f"inference-profile/{name}"))
            base = f":bedrock:*::foundation-model/{name[match.end() :]}"
            resources.append({"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, base]]})
        else:
            region = source.config("region") or _REGION
            tail = ["arn:", {"Ref": "AWS::Partition"}, ":bedrock:", region, f"::foundation-model/{name}"]
            resources.append({"Fn::Join": ["", tail]})
    return [allow(["bedrock:InvokeModel", "bedrock:Converse"], resources or ["*"])]


DEFAULTS = {
    "AWS_LAMBDA": _lambda,
    "AMAZON_DYNAMODB": _dynamodb,
    "RELATIONAL_DATABASE": _database,
    "AMAZON_OPENSEARCH_SERVICE": _search,
    "AMAZON_ELASTICSEARCH": _search,
    "AMAZON_EVENTBRIDGE": _bus,
    "AMAZON_BEDROCK_RUNTIME": _bedrock,
}


def _arn(service: str, region: Any, rest: Any) -> Any:
    place = region if region is not None else _REGION
    parts = ["arn", {"Ref": "AWS::Partition"}, service, place, {"Ref": "AWS::AccountId"}, rest]
    return {"Fn::Join": [":", parts]}


def allow(actions: list[str], resources: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}
