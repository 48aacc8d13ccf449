"""SAM: the events, function URLs and destinations of AWS::Serverless functions, and the APIs SAM makes.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-eventsource.html
"""

from __future__ import annotations

from ...source.tree import Mapping, Scalar
from ...values.text import Hole, Text
from ..stack import Properties
from ..triggers.invocation import Finder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...source.tree import Node
    from ...values.guard import Guard
    from ..stack import Function, Stack
    from ..triggers.invocation import Place
    from .apis import SamApis

_APIS = (
    "AWS::ApiGateway",
    "AWS::Serverless::Api",
    "AWS::Serverless::HttpApi",
    "AWS::Serverless::WebSocketApi",
)
# Event type to kind, and the property that says where it comes from.
_POLLED = {
    "SQS": ("sqs", "Queue"),
    "Kinesis": ("kinesis", "Stream"),
    "DynamoDB": ("dynamodb", "Stream"),
    "MSK": ("msk", "Stream"),
    "MQ": ("mq", "Broker"),
    "DocumentDB": ("documentdb", "Cluster"),
    "SelfManagedKafka": ("kafka", ""),
}
_PUSHED: dict[str, tuple[str, str, bool | None]] = {
    "S3": ("s3", "Bucket", False),
    "IoTRule": ("iot", "", False),
    "CloudWatchLogs": ("logs", "LogGroupName", False),
    "CloudWatchEvent": ("event-pattern", "", False),
    "EventBridgeRule": ("event-pattern", "", False),
    "Schedule": ("schedule", "", True),
    "ScheduleV2": ("schedule", "", True),
    "Cognito": ("cognito", "UserPool", None),
    "AlexaSkill": ("other", "", None),
}
_TARGETS = {"SQS": "sqs", "SNS": "sns", "Lambda": "lambda", "EventBridge": "event-bus", "S3Bucket": "s3"}


def find(stack: Stack) -> None:
    """Fills triggers and destinations of the SAM functions; APIs and permissions of the template as well."""
    finder = Finder(stack)
    reader = _Reader(finder)
    apis = None
    if any(resource.type.startswith(_APIS) for resource in stack.resources.values()):
        apis = reader.apis()
        apis.read()
    for function in stack.functions:
        if function.resource.type == "AWS::Serverless::Function":
            reader.read(function)
    if apis is not None:
        apis.read_bodies()
    if stack.of_type("AWS::Lambda::Permission"):
        from ..triggers import permissions

        permissions.read(finder, apis)


class _Reader:
    """Reads the functions of one template."""

    def __init__(self, finder: Finder) -> None:
        self.finder = finder
        self.stack = finder.stack
        self._apis: SamApis | None = None

    def apis(self) -> SamApis:
        """The APIs; made when the first one is needed."""
        if self._apis is None:
            from . import apis as sam_apis

            self._apis = sam_apis.SamApis(self.finder)
        return self._apis

    def read(self, function: Function) -> None:
        """Adds the triggers and destinations of a function."""
        finder, properties = self.finder, function.properties
        path = f"Resources.{function.resource.id}.Properties"
        for node, guard in finder.resolver.branches(properties.get("FunctionUrlConfig"), function.guard):
            place = (_key(properties, "FunctionUrlConfig") or node, guard, f"{path}.FunctionUrlConfig")
            finder.add(function, "function-url", place)
        self._destinations(function, path)
        local = function.resource.properties
        for hook in ("PreTraffic", "PostTraffic"):
            steps = ("DeploymentPreference", "Hooks", hook)
            for node, guard, here in finder.at(local, steps, function.guard, path):
                for target, when in finder.functions(node, guard):
                    finder.add(target, "other", (node, when, here), bounded=None)
        for events, guard in finder.resolver.branches(local.get("Events") if local else None, function.guard):
            if isinstance(events, Mapping):
                for key, event in events.entries:
                    for node, when in finder.resolver.branches(event, guard):
                        if isinstance(node, Mapping):
                            self._event(function, key, node, when, f"{path}.Events.{key.value}")

    # -- destinations ------------------------------------------------------------------------------

    def _destinations(self, function: Function, path: str) -> None:
        finder, properties = self.finder, function.properties
        for node, guard in finder.resolver.branches(properties.get("DeadLetterQueue"), function.guard):
            target = node.get("TargetArn") if isinstance(node, Mapping) else None
            if target is not None and isinstance(node, Mapping):
                from ..triggers import destinations

                kind = _TARGETS.get(finder.word(node.get("Type")) or "", "")
                place = (target, guard, f"{path}.DeadLetterQueue.TargetArn")
                destinations.read(finder, [(function, function.guard)], place, "dlq", kind)
        for name, use in (("OnSuccess", "on-success"), ("OnFailure", "on-failure")):
            # SAM merges the maps of Globals and function: the function's own destination replaces the other.
            for config in reversed(properties.all("EventInvokeConfig")):
                steps, where = ("DestinationConfig", name), f"{path}.EventInvokeConfig"
                found = finder.at(config, steps, function.guard, where)
                for node, guard, here in found:
                    if isinstance(node, Mapping):
                        self._destination(function, node, guard, here, use)
                if found:
                    break

    def _destination(self, function: Function, node: Mapping, guard: Guard, path: str, use: str) -> None:
        kind = _TARGETS.get(self.finder.word(node.get("Type")) or "", "")
        from ..triggers import destinations

        target = node.get("Destination")
        if target is not None:
            place = (target, guard, f"{path}.Destination")
            own = [(function, function.guard)]
            destinations.read(self.finder, own, place, use, kind)
        elif kind in ("sqs", "sns"):
            # Without a Destination SAM makes the queue or topic itself.
            made = Hole(f"{function.id}.{use}", "unknown")
            destinations.send(self.finder, function, Text((made,)), (node, guard, path), use, kind)

    # -- events ------------------------------------------------------------------------------------

    def _event(self, function: Function, key: Scalar, event: Mapping, guard: Guard, path: str) -> None:
        finder = self.finder
        type = finder.word(event.get("Type")) or ""
        found = event.get("Properties")
        # A mapping without entries stands for Properties that are left out, as Cron or HttpApi may.
        settings = found if isinstance(found, Mapping) else Mapping(event.document, 0, 0, lambda: ([], []))
        place = (key, guard, path)
        if type in ("Api", "HttpApi"):
            self.apis().event(function, type, settings, place)
        elif type == "SNS":
            self._sns(function, settings, place)
        elif type in _POLLED:
            from ..triggers import pollers

            kind, name = _POLLED[type]
            for origin, when in finder.sources(settings.get(name) if name else None, guard):
                pollers.add_poller(finder, function, kind, (key, when, path), origin, settings)
            steps = ("DestinationConfig", "OnFailure")
            for node, when, here in finder.at(settings, steps, guard, f"{path}.Properties"):
                if isinstance(node, Mapping):
                    self._destination(function, node, when, here, "esm-on-failure")
        elif type in _PUSHED:
            self._pushed(function, type, settings, place)
        else:
            finder.add(function, "unresolved", place, bounded=None)

    def _pushed(self, function: Function, type: str, settings: Mapping, place: Place) -> None:
        finder = self.finder
        kind, name, bounded = _PUSHED[type]
        bound = ""
        if kind == "schedule":
            rate, _ = finder.source(settings.get("Schedule") or settings.get("ScheduleExpression"))
            bound = rate.display() if rate is not None else ""
        switch = settings.get("Enabled") or settings.get("State")
        if kind == "event-pattern":
            self._patterns(function, settings, place, switch)
        else:
            node, guard, path = place
            for source, when in finder.sources(settings.get(name) if name else None, guard):
                finder.add(function, kind, (node, when, path), source, bounded, bound, switch)

    def _patterns(self, function: Function, settings: Mapping, place: Place, switch: Node | None) -> None:
        from ..triggers import events

        node, guard, path = place
        free = guard
        for pattern, when in self.finder.resolver.branches(settings.get("Pattern"), guard):
            bound = events.pace(self.finder, pattern, settings.get("EventBusName"))
            here = (node, when, path)
            self.finder.add(function, "event-pattern", here, (None, None), bound != "", bound, switch)
            free = free.and_(when.not_())
        if not free.is_never:
            self.finder.add(function, "event-pattern", (node, free, path), switch=switch)

    def _sns(self, function: Function, settings: Mapping, place: Place) -> None:
        """A topic; with SqsSubscription through a queue, whose mapping SAM writes without a bound."""
        finder = self.finder
        topic = finder.source(settings.get("Topic"))
        node, guard, path = place
        direct = function.guard.and_(guard)
        for queue, when in finder.resolver.branches(settings.get("SqsSubscription"), guard):
            if isinstance(queue, Mapping) or (isinstance(queue, Scalar) and queue.value.lower() == "true"):
                found = queue.get("QueueArn") if isinstance(queue, Mapping) else None
                source = finder.source(found) if found is not None else topic
                switch = queue.get("Enabled") if isinstance(queue, Mapping) else None
                finder.add(function, "sqs", (node, when, path), source, False, "", switch)
                direct = direct.and_(when.not_())
        for source, when in finder.sources(settings.get("Topic"), direct) if not direct.is_never else ():
            finder.add(function, "sns", (node, when, path), source)


def _key(properties: Properties, name: str) -> Scalar | None:
    key = properties.local.key_node(name) if properties.local is not None else None
    return key if key is not None or properties.extra is None else properties.extra.key_node(name)
