"""Resources that a service makes of events and settings, so that references to them lead somewhere.

Only type and physical name are told. https://www.serverless.com/framework/docs/providers/aws/guide/resources
"""

from __future__ import annotations

import re

from ...source.tree import Mapping, Node, Scalar
from ...values.intrinsics import scalar
from .naming import alphanumeric, normalized
from .service import at, is_null, is_text, is_true, is_truthy
from .statements import custom_resources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .packaged import Packaged
    from .service import Declared, Event

_HTTP = {
    "http": (("ApiGatewayRestApi", "AWS::ApiGateway::RestApi"),),
    "httpApi": (("HttpApi", "AWS::ApiGatewayV2::Api"), ("HttpApiStage", "AWS::ApiGatewayV2::Stage")),
    "websocket": (
        ("WebsocketsApi", "AWS::ApiGatewayV2::Api"),
        ("WebsocketsDeploymentStage", "AWS::ApiGatewayV2::Stage"),
    ),
}
# Where the service brings an API of its own, the framework makes none.
_GIVEN = {
    "http": ("apiGateway", "restApiId"),
    "httpApi": ("httpApi", "id"),
    "websocket": ("apiGateway", "websocketApiId"),
}


def add(packaged: Packaged) -> None:
    """Adds a resource for everything that the framework generates under a name that can be referred to."""
    service = packaged.service
    bucket = service.provider.get("deploymentBucket")
    if is_null(at(bucket, "name") if isinstance(bucket, Mapping) else bucket):
        packaged.add("ServerlessDeploymentBucket", "AWS::S3::Bucket", None, service.root)
    layers = service.root.get("layers")
    for key, layer in layers.entries if isinstance(layers, Mapping) else ():
        name = at(layer, "name")
        properties = {"LayerName": name if name is not None else key.value}
        packaged.add(layer_id(key.value), "AWS::Lambda::LayerVersion", properties, key)
    made = _Made(packaged)
    for function in service.functions:
        _of_function(packaged, function)
        for event in function.events:
            made.event(function, event)


def _of_function(packaged: Packaged, function: Declared) -> None:
    start, target = normalized(function.name), {"Ref": function.id}
    if is_truthy(function.get("url")):
        # Who may call it, and that it calls the function, is read from the setting itself.
        packaged.add(f"{start}LambdaFunctionUrl", "AWS::Lambda::Url", None, function.place("url"))
    for setting, suffix, alias in (
        ("provisionedConcurrency", "ProvConcLambdaAlias", "provisioned"),
        ("snapStart", "SnapStartLambdaAlias", "snapstart"),
    ):
        if is_truthy(function.get(setting)):
            properties = {"FunctionName": target, "Name": alias}
            packaged.add(f"{start}{suffix}", "AWS::Lambda::Alias", properties, function.place(setting))


def layer_id(name: str) -> str:
    """The logical id of a layer."""
    return f"{normalized(name)}LambdaLayer"


def auth_type(function: Declared) -> str:
    """The authorization of a function's URL."""
    return "AWS_IAM" if scalar(function.get("url", "authorizer")) == "aws_iam" else "NONE"


class _Made:
    """What events make: the first event that makes a resource is its cause."""

    def __init__(self, packaged: Packaged) -> None:
        self.packaged = packaged
        self.provider = packaged.service.provider
        self.ids: dict[str, list[str]] = {}  # with the functions that each waits for

    def event(self, function: Declared, event: Event) -> None:
        """Adds what one event makes."""
        kind = event.kind
        if kind in _HTTP:
            if is_null(at(self.provider, *_GIVEN[kind])):
                for id, type in _HTTP[kind]:
                    self._add(id, type, None, event)
        elif kind == "sns":
            self._topic(function, event)
        elif kind == "s3":
            self._bucket(function, event)
        elif kind == "stream":
            self._consumer(function, event)
        elif kind == "eventBridge":
            self._bus(event)
        elif kind == "cognitoUserPool":
            pool = event.get("pool")
            if is_text(pool) and not is_true(event.get("existing")):
                id = f"CognitoUserPool{alphanumeric(scalar(pool))}"
                self._add(id, "AWS::Cognito::UserPool", {"UserPoolName": pool}, event, function)
        elif kind == "cloudFront":
            self._add("CloudFrontDistribution", "AWS::CloudFront::Distribution", None, event, function)

    def _add(self, id: str, type: str, properties: Any, event: Event, named: Declared | None = None) -> None:
        """Adds a resource; ``named`` is the function that it names, so that neither can be first."""
        if id not in self.ids:
            self.ids[id] = []
            self.packaged.add(id, type, properties, event.key, waits=self.ids[id])
        if named is not None:
            self.ids[id].append(named.id)

    def _topic(self, function: Declared, event: Event) -> None:
        """A topic, where the event names it and does not give its ARN."""
        name = event.get("topicName") if isinstance(event.node, Mapping) else event.node
        given = isinstance(event.node, Mapping) and event.get("arn") is not None
        if not given and is_text(name) and not scalar(name).startswith("arn:"):
            id = f"SNSTopic{alphanumeric(scalar(name))}"
            self._add(id, "AWS::SNS::Topic", {"TopicName": name}, event, function)

    def _bucket(self, function: Declared, event: Event) -> None:
        """A bucket, unless it exists; ``provider.s3`` may say more about it."""
        name = event.get("bucket") if isinstance(event.node, Mapping) else event.node
        if not is_text(name) or is_true(event.get("existing")):
            return
        said = at(self.provider, "s3", scalar(name))
        given = at(said, "name")
        properties: dict[str, Any] = {"BucketName": given if given is not None else name}
        for key, value in said.entries if isinstance(said, Mapping) else ():
            if key.value != "name":
                properties[key.value[:1].upper() + key.value[1:]] = value
        self._add(f"S3Bucket{alphanumeric(scalar(name))}", "AWS::S3::Bucket", properties, event, function)

    def _bus(self, event: Event) -> None:
        """An event bus, where the event names one and no custom resource makes it."""
        bus = event.get("eventBus")
        if custom_resources.makes_rules(self.packaged.service):
            return
        if is_text(bus) and scalar(bus) != "default" and not scalar(bus).startswith("arn"):
            id = f"{normalized(scalar(bus))}EventBridgeEventBus"
            self._add(id, "AWS::Events::EventBus", {"Name": bus}, event)

    def _consumer(self, function: Declared, event: Event) -> None:
        """The consumer that ``consumer: true`` registers with a Kinesis stream."""
        arn = event.get("arn")
        if not is_true(event.get("consumer")) or arn is None or not (stream := stream_name(arn)):
            return
        service, name = self.packaged.service, f"{function.name}{stream}"
        if is_truthy(at(self.provider, "kinesis", "consumerNamingMode")):
            name += f"{service.name}{service.stage}"
        properties = {"StreamARN": arn, "ConsumerName": f"{name}Consumer"}
        self._add(
            f"{normalized(name)}ConsumerStreamConsumer", "AWS::Kinesis::StreamConsumer", properties, event
        )


def method_id(path: str, method: str) -> str:
    """The logical id of a REST API's method: ``/cakes/{id}`` and GET make ApiGatewayMethodCakesIdVarGet."""
    parts = []
    for part in path.strip("/").split("/"):
        words = (part[:1].upper() + part[1:].lower()).replace("-", "Dash")
        parts.append(alphanumeric(re.sub(r"\{(.*)\}", r"\1Var", words)))
    return f"ApiGatewayMethod{''.join(parts)}{method[:1].upper()}{method[1:].lower()}"


def stream_name(arn: Node) -> str:
    """The name of a stream as the framework reads it from its ARN, "" where it cannot be told."""
    if isinstance(arn, Scalar):
        return arn.value.rpartition("/")[2]
    attribute = at(arn, "Fn::GetAtt")
    if isinstance(attribute, Scalar):
        return attribute.value.partition(".")[0]
    listed = getattr(attribute, "items", None)
    return scalar(listed[0]) if listed else ""
