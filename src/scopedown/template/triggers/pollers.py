"""Event source mappings and pipes: what Lambda or EventBridge polls for a function, and what bounds it."""

from __future__ import annotations

from ...source.tree import Mapping
from ...values.guard import NEVER
from .invocation import service_of, told_apart

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...source.tree import Node
    from ...values.guard import Guard
    from ...values.text import Text
    from ..stack import Function, Resource
    from .invocation import Finder, Place, Source

# https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
_SOURCES = {
    "AWS::SQS::Queue": "sqs",
    "AWS::Kinesis::Stream": "kinesis",
    "AWS::Kinesis::StreamConsumer": "kinesis",
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::DynamoDB::GlobalTable": "dynamodb",
    "AWS::MSK::Cluster": "msk",
    "AWS::MSK::ServerlessCluster": "msk",
    "AWS::AmazonMQ::Broker": "mq",
    "AWS::DocDB::DBCluster": "documentdb",
}
_SERVICES = {
    "sqs": "sqs",
    "kinesis": "kinesis",
    "dynamodb": "dynamodb",
    "kafka": "msk",
    "mq": "mq",
    "rds": "documentdb",  # a DocumentDB cluster's ARN is one of rds
}
_ON_FAILURE = ("DestinationConfig", "OnFailure", "Destination")


def source_kind(finder: Finder, text: Text) -> str:
    """The kind of a queue, stream or broker by its ARN; "" where that does not tell."""
    resource = finder.stack.resources.get(finder.resource_of(text) or "")
    if resource is not None and resource.type in _SOURCES:
        return _SOURCES[resource.type]
    return _SERVICES.get(service_of(text), "")


def _kind_by_settings(properties: Mapping) -> str:
    """The kind of a mapping whose source is not known, by the settings that only some kinds take."""
    if properties.get("DocumentDBEventSourceConfig") is not None:
        return "documentdb"
    if properties.get("Topics") is not None:
        return "msk"
    if properties.get("Queues") is not None:
        return "mq"
    # Streams and Kafka require a starting position, Amazon MQ a queue name: what has neither is a queue.
    return "stream" if properties.get("StartingPosition") is not None else "sqs"


def read_mapping(finder: Finder, resource: Resource) -> None:
    """Adds the trigger and the destination of an AWS::Lambda::EventSourceMapping."""
    properties, guard = resource.properties, resource.guard
    assert properties is not None
    path = f"Resources.{resource.id}.Properties"
    functions = finder.functions(properties.get("FunctionName"), guard)
    if not functions:
        return
    for function, when in functions:
        place = (resource.key, when, f"Resources.{resource.id}")
        if properties.get("SelfManagedEventSource") is not None:
            finder.add(function, "kafka", place, bounded=True, switch=properties.get("Enabled"))
        for kind, source, guarded in _sources(finder, properties, when):
            at = (resource.key, guarded, f"Resources.{resource.id}")
            add_poller(finder, function, kind, at, source, properties)
    for target in finder.at(properties, _ON_FAILURE, guard, path):
        from . import destinations

        destinations.read(finder, functions, target, "esm-on-failure")


def _sources(finder: Finder, properties: Mapping, guard: Guard) -> list[tuple[str, Source, Guard]]:
    """The kinds of source that a mapping can have, and the sources of each."""
    found: dict[str, list[tuple[Source, Guard]]] = {}
    for element in finder.resolver.elements(properties.get("EventSourceArn"), guard):
        kind = source_kind(finder, element.origin) or source_kind(finder, element.text)
        source = (element.origin, finder.resource_of(element.origin))
        found.setdefault(kind or _kind_by_settings(properties), []).append((source, element.guard))
    kinds: list[tuple[str, Source, Guard]] = []
    for kind, sources in found.items():
        when = guard if len(found) == 1 else NEVER
        for _, each in sources if len(found) > 1 else ():
            when = when.or_(each)
        kinds += [(kind, source, both) for source, both in told_apart(sources, when)]
    return kinds


def add_poller(
    finder: Finder,
    function: Function,
    kind: str,
    place: Place,
    source: Source,
    settings: Mapping,
) -> None:
    """Records what an event source mapping polls, once for each alternative of its bound.

    Args:
        settings: the mapping's properties (of the resource or of the SAM event).
    """
    node, guard, path = place
    switch = settings.get("Enabled")
    if kind == "stream":
        # Kinesis or DynamoDB: not known which, bounded by its shards either way.
        finder.add(function, "unresolved", place, source, True, "its shards", switch)
        return
    if kind != "sqs":
        finder.add(function, kind, place, source, True, "", switch)
        return
    free = function.guard.and_(guard)
    for bound, when, _ in finder.at(settings, ("ScalingConfig", "MaximumConcurrency"), free, path):
        for element in finder.resolver.elements(bound, when):
            here = (node, element.guard, path)
            finder.add(function, kind, here, source, True, element.origin.display(), switch)
            free = free.and_(element.guard.not_())
    # Provisioned pollers are bounded by their number, 200 unless MaximumPollers says otherwise.
    # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
    for _, when in finder.resolver.branches(settings.get("ProvisionedPollerConfig"), free):
        finder.add(function, kind, (node, when, path), source, True, "provisioned pollers", switch)
        free = free.and_(when.not_())
    if not free.is_never:
        finder.add(function, kind, (node, free, path), source, False, "", switch)


# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-pipes-pipe-pipesourceparameters.html
_PARAMETERS = {
    "SqsQueueParameters": "sqs",
    "KinesisStreamParameters": "kinesis",
    "DynamoDBStreamParameters": "dynamodb",
    "ManagedStreamingKafkaParameters": "msk",
    "SelfManagedKafkaParameters": "kafka",
    "ActiveMQBrokerParameters": "mq",
    "RabbitMQBrokerParameters": "mq",
}


def _kind_by_parameters(node: Node | None) -> str:
    if isinstance(node, Mapping):
        for name, kind in _PARAMETERS.items():
            if node.get(name) is not None:
                return kind
    return ""


def read_pipe(finder: Finder, resource: Resource) -> None:
    """Adds the functions that an AWS::Pipes::Pipe invokes: its source decides how far it drives them."""
    properties, guard = resource.properties, resource.guard
    assert properties is not None
    for name in ("Target", "Enrichment"):
        for function, when in finder.functions(properties.get(name), guard):
            source = finder.source(properties.get("Source"))
            kind = source_kind(finder, source[0]) if source[0] is not None else ""
            kind = kind or _kind_by_parameters(properties.get("SourceParameters"))
            node = properties.key_node(name) or resource.key
            place = (node, when, f"Resources.{resource.id}.Properties.{name}")
            bounded = None if not kind else kind != "sqs"
            switch = properties.get("DesiredState")
            finder.add(function, kind or "unresolved", place, source, bounded, "", switch)
