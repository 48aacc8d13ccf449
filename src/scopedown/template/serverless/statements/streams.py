"""Statements that events of DynamoDB and Kinesis streams need: a function goes in, statements come out.

https://www.serverless.com/framework/docs/providers/aws/events/streams
"""

from __future__ import annotations

from ....source.tree import Mapping, Node
from ....values.intrinsics import call, scalar
from ..naming import normalized
from ..service import at, is_true, is_truthy, items
from ..texts import GAP, is_string, known
from .events import Gathered, of_kind, source_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..packaged import Packaged
    from ..service import Declared, Event, Service
    from .events import Need

_STREAM = ("GetRecords", "GetShardIterator")


def needs(packaged: Packaged, function: Declared, plugin: bool = False) -> list[Need]:
    """What reading from DynamoDB and Kinesis streams needs.

    Args:
        packaged: takes what cannot be read.
        function: whose events are meant.
        plugin: whether the plugin asks, which knows neither consumers nor destinations.
    """
    gathered = Gathered(
        {
            "dynamodb": _verbs("dynamodb", "DescribeStream", "ListStreams"),
            "kinesis": _verbs("kinesis", "DescribeStream", "ListStreams"),
            "with consumer": _verbs("kinesis", "DescribeStreamSummary", "ListShards"),
            "consumer": ["kinesis:SubscribeToShard"],
            "sns": ["sns:Publish"],
            "sqs": ["sqs:ListQueues", "sqs:SendMessage"],
        }
    )
    for event in of_kind(function, "stream"):
        source = source_of(event)
        type = _service(event.get("type"), source)
        if source is None or GAP in type:
            reason = "whether it is a DynamoDB or a Kinesis stream is known only when it is deployed"
            packaged.note("stream", reason, event.key, function.name, event.path)
            continue
        consumer = None if plugin else event.get("consumer")
        if type == "dynamodb":
            gathered.add("dynamodb", source, event)
        else:
            gathered.add("with consumer" if is_truthy(consumer) else "kinesis", source, event)
        if consumer is not None and is_truthy(consumer) and type == "kinesis":
            gathered.add("consumer", _consumer(packaged.service, function, source, consumer), event)
        if not plugin:
            _on_failure(packaged, function, event, gathered)
    return gathered.needs()


def _verbs(service: str, *more: str) -> list[str]:
    return [f"{service}:{verb}" for verb in (*_STREAM, *more)]


def _service(type: Node | None, arn: Node | None) -> str:
    """What ``type`` says, else the service in an ARN; ``GAP`` where neither is known."""
    if type is not None and is_truthy(type):
        return known(type)
    if not is_string(arn):
        return GAP
    parts = known(arn).split(":")
    return parts[2] if len(parts) > 2 and GAP not in "".join(parts[:2]) else GAP


def _on_failure(packaged: Packaged, function: Declared, event: Event, gathered: Gathered) -> None:
    """Where records go that a function fails on."""
    target = event.get("destinations", "onFailure")
    if target is None or not is_truthy(target):
        return
    arn: Node | None = target
    if isinstance(target, Mapping) and not is_string(target):
        arn = target.get("arn")
    service = _service(at(target, "type"), arn)
    if arn is None or GAP in service:
        reason = "whether it is a topic or a queue is known only when it is deployed"
        packaged.note("destination", reason, target, function.name, f"{event.path}.destinations.onFailure")
    else:
        gathered.add("sns" if service == "sns" else "sqs", arn, event)


def _consumer(service: Service, function: Declared, source: Node, consumer: Node) -> Any:
    """The ARN of a consumer that exists, or a reference to the one that the framework makes."""
    if not is_true(consumer):
        return consumer
    name = f"{function.name}{_stream_name(source)}"
    if is_truthy(at(service.provider, "kinesis", "consumerNamingMode")):
        name += f"{service.name}{service.stage}"
    return {"Ref": f"{normalized(name + 'Consumer')}StreamConsumer"}


def _stream_name(source: Node) -> str:
    """The stream's name as the framework cuts it out of an ARN or a reference."""
    function = call(source)
    if is_string(source) or function is None:
        return [*known(source).split("/"), ""][1]
    name, argument = function
    if name == "Fn::GetAtt":
        return scalar(items(argument)[0]) if items(argument) else scalar(argument).partition(".")[0]
    if name == "Fn::Join" and len(items(argument)) == 2 and items(items(argument)[1]):
        return scalar(items(items(argument)[1])[-1]).rpartition("/")[2]
    return scalar(argument)
