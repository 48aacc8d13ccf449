"""What SAM adds to a function's role for the sources that Lambda polls.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html
"""

from __future__ import annotations

from ...source.tree import Mapping, Node, Scalar, Sequence
from ...values.intrinsics import call, scalar
from .generated import sending

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..stack import Role
    from ..whole import Whole

_MANAGED = {
    "Kinesis": "AWSLambdaKinesisExecutionRole",
    "DynamoDB": "AWSLambdaDynamoDBExecutionRole",
    "SQS": "AWSLambdaSQSQueueExecutionRole",
    "MSK": "AWSLambdaMSKExecutionRole",
}
_NETWORK = {
    "Effect": "Allow",
    "Action": [
        "ec2:CreateNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeVpcs",
        "ec2:DescribeSubnets",
        "ec2:DescribeSecurityGroups",
    ],
    "Resource": "*",
}
_KAFKA_SECRETS = (
    "SASL_SCRAM_256_AUTH",
    "SASL_SCRAM_512_AUTH",
    "BASIC_AUTH",
    "CLIENT_CERTIFICATE_TLS_AUTH",
    "OAUTHBEARER_AUTH",
    "SERVER_ROOT_CA_CERTIFICATE",
)
_HERE = "${AWS::Region}:${AWS::AccountId}"


def add(whole: Whole, role: Role, key: Scalar, event: Mapping, path: str) -> None:
    """Adds what SAM adds for one event of a function."""
    kind = scalar(event.get("Type"))
    settings = event.get("Properties")
    if not isinstance(settings, Mapping):
        return
    if kind == "SNS":
        subscription = settings.get("SqsSubscription")
        if isinstance(subscription, Mapping) or scalar(subscription).lower() == "true":
            whole.give_managed(role, key, path, f"service-role/{_MANAGED['SQS']}", role.guard)
        return
    if kind in _MANAGED:
        whole.give_managed(role, key, path, f"service-role/{_MANAGED[kind]}", role.guard)
    inline = _INLINE.get(kind)
    statements = inline(whole, settings) if inline is not None else []
    if statements:
        whole.give(role, key, path, f"{kind}Policy", statements, role.guard)
    if kind in _MANAGED or kind in _INLINE:
        _on_failure(whole, role, key, settings, path)


def _on_failure(whole: Whole, role: Role, key: Scalar, settings: Mapping, path: str) -> None:
    config = settings.get("DestinationConfig")
    failure = config.get("OnFailure") if isinstance(config, Mapping) else None
    if isinstance(failure, Mapping):
        kind, target = scalar(failure.get("Type")), failure.get("Destination")
        # Only the event's Type makes SAM add something: an ARN alone does not.
        if target is not None and kind in ("SQS", "SNS", "S3"):
            where = f"{path}.Properties.DestinationConfig.OnFailure"
            whole.give(role, key, where, f"{kind}Policy", sending(kind, target), role.guard)


def _secret(uri: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": ["secretsmanager:GetSecretValue"], "Resource": uri}


def _uris(settings: Mapping, *types: str) -> list[Node]:
    """The URIs of the source access configurations of some types."""
    found = settings.get("SourceAccessConfigurations")
    configs = found.items if isinstance(found, Sequence) else []
    return [
        uri
        for config in configs
        if isinstance(config, Mapping)
        and scalar(config.get("Type")) in types
        and (uri := config.get("URI")) is not None
    ]


def _decrypt(settings: Mapping) -> list[dict[str, Any]]:
    key = scalar(settings.get("SecretsManagerKmsKeyId"))
    if not key:
        return []
    resource = {"Fn::Sub": f"arn:${{AWS::Partition}}:kms:{_HERE}:key/{key}"}
    return [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": resource}]


def _mq(whole: Whole, settings: Mapping) -> list[dict[str, Any]]:
    describe = {"Effect": "Allow", "Action": "mq:DescribeBroker", "Resource": settings.get("Broker")}
    secrets = [_secret(uri) for uri in _uris(settings, "BASIC_AUTH")]
    return [*secrets, *([describe] if describe["Resource"] is not None else []), *_decrypt(settings)]


def _document_db(whole: Whole, settings: Mapping) -> list[dict[str, Any]]:
    cluster = settings.get("Cluster")
    describes: list[tuple[str, Any]] = [
        ("DescribeDBClusterParameters", {"Fn::Sub": f"arn:${{AWS::Partition}}:rds:{_HERE}:cluster-pg:*"}),
        ("DescribeDBSubnetGroups", {"Fn::Sub": f"arn:${{AWS::Partition}}:rds:{_HERE}:subgrp:*"}),
        ("DescribeDBClusters", cluster),
    ]
    return [
        *(_secret(uri) for uri in _uris(settings, "BASIC_AUTH")),
        *(
            {"Effect": "Allow", "Action": f"rds:{name}", "Resource": resource}
            for name, resource in describes
            if resource is not None
        ),
        _NETWORK,
        *_decrypt(settings),
    ]


def _kafka(whole: Whole, settings: Mapping) -> list[dict[str, Any]]:
    in_vpc = _uris(settings, "VPC_SUBNET") and _uris(settings, "VPC_SECURITY_GROUP")
    return [
        *(_secret(uri) for uri in _uris(settings, *_KAFKA_SECRETS)),
        *([_NETWORK] if in_vpc else []),
        *_decrypt(settings),
        *_registry(whole, settings),
    ]


def _msk(whole: Whole, settings: Mapping) -> list[dict[str, Any]]:
    certificates = _uris(settings, "CLIENT_CERTIFICATE_TLS_AUTH")
    return [*_registry(whole, settings), *(_secret(uri) for uri in certificates)]


def _registry(whole: Whole, settings: Mapping) -> list[dict[str, Any]]:
    """Reading a schema registry: its secrets, and the registry where it is one of Glue."""
    config = settings.get("SchemaRegistryConfig")
    if not isinstance(config, Mapping) or call(config) is not None:
        return []
    access = config.get("AccessConfigs")
    entries = access.items if isinstance(access, Sequence) else []
    statements = [
        _secret(uri)
        for entry in entries
        if isinstance(entry, Mapping) and (uri := entry.get("URI")) is not None
    ]
    uri = config.get("SchemaRegistryURI")
    if uri is None:
        return statements
    name = _registry_name(whole, uri)
    if name:
        schemas = {"Fn::Sub": f"arn:${{AWS::Partition}}:glue:{_HERE}:schema/{name}/*"}
        statements += [
            {"Effect": "Allow", "Action": "glue:GetRegistry", "Resource": uri},
            {"Effect": "Allow", "Action": "glue:GetSchemaVersion", "Resource": schemas},
        ]
    return statements


def _registry_name(whole: Whole, uri: Node) -> str:
    """The name in a Glue registry's ARN, as Fn::Sub text; SAM reads it from a string or Fn::Sub only."""
    function = call(uri)
    if function is not None and function[0] != "Fn::Sub":
        return ""
    for text, _ in whole.stack.resolver.expression(uri):
        # The colons of ${AWS::Region} are none of the ARN's.
        shown = text.display().replace("AWS::", "AWS..")
        parts = shown.split(":")
        if len(parts) >= 6 and parts[0] == "arn" and parts[5].startswith("registry/"):
            return parts[5].removeprefix("registry/").replace("AWS..", "AWS::")
    return ""


_INLINE = {"MQ": _mq, "DocumentDB": _document_db, "SelfManagedKafka": _kafka, "MSK": _msk}
