"""Events of a service's functions as triggers: what invokes each function, and what bounds it.

A service comes in whose ``resources`` are read already; triggers and destinations of its functions go out.
Events of APIs are read by ``apis``, queues and streams by ``polled``, sections of plugins by
``plugins``.
https://www.serverless.com/framework/docs/guides/events
"""

from __future__ import annotations

from ....source.tree import Mapping, Scalar, Sequence
from ....values.intrinsics import call
from ...triggers.invocation import Finder
from ..naming import alphanumeric
from ..service import at, is_null, is_truthy, may_be_settings, settings_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ....source.tree import Node
    from ....values.guard import Guard
    from ...stack import Function, Stack, Trigger
    from ...triggers.invocation import Source
    from ..service import Declared, Event, Service
    from .apis import ServiceApis

# Event to kind of trigger, the setting that says where it comes from, and whether it is bounded.
_PUSHED: dict[str, tuple[str, str, bool | None]] = {
    "s3": ("s3", "bucket", False),
    "existingS3": ("s3", "bucket", False),  # of serverless-plugin-existing-s3
    "sns": ("sns", "arn topicName", False),
    "cloudwatchLog": ("logs", "logGroup", False),
    "iot": ("iot", "", False),
    "alb": ("alb", "listenerArn", False),
    "cognitoUserPool": ("cognito", "pool", None),
    "cloudFront": ("edge", "", None),
    "alexaSkill": ("other", "", None),
    "alexaSmartHome": ("other", "", None),
    "iotFleetProvisioning": ("other", "", None),
}
_POLLED = ("sqs", "stream", "msk", "kafka", "activemq", "rabbitmq")
_APIS = ("http", "httpApi", "websocket")
# What the framework makes from a name, or finds by it: begin of the logical id, type, property with the name.
_MADE = {
    "sns": ("SNSTopic", "AWS::SNS::Topic", "TopicName"),
    "s3": ("S3Bucket", "AWS::S3::Bucket", "BucketName"),
    "cognito": ("CognitoUserPool", "AWS::Cognito::UserPool", "UserPoolName"),
}
_USES = (("onSuccess", "on-success"), ("onFailure", "on-failure"))
# Resources whose triggers depend on what the events make: they are read once more, with the events.
_LATER = ("AWS::Lambda::Permission", "AWS::ApiGateway::", "AWS::ApiGatewayV2::")


def find(stack: Stack) -> None:
    """Fills triggers and destinations from the events and settings of a service's functions."""
    packaged = stack.packaged
    assert packaged is not None
    service = packaged.service
    if not _is_on_aws(service):
        return
    finder = Finder(stack)
    for function in stack.functions:
        kept = [each for each in function.triggers if not _is_read_here(stack, service, each)]
        function.triggers[:] = kept
    reader = _Reader(finder, service)
    if any(resource.type.startswith(_LATER[1:]) for resource in stack.resources.values()):
        reader.apis().read()
    for declared in service.functions:
        function_ = finder.by_id.get(declared.id)
        if function_ is not None:
            reader.read(function_, declared)
    from ..reading import is_plugged

    if is_plugged(service):
        from . import plugins as events_plugins

        events_plugins.find(finder, service)
    if stack.of_type("AWS::Lambda::Permission"):
        from ...triggers import permissions

        permissions.read(finder, reader.found)


def _is_on_aws(service: Service) -> bool:
    """Whether a service is deployed to AWS: other providers have events of their own."""
    provider = service.root.get("provider")
    name = at(provider, "name") if isinstance(provider, Mapping) else provider
    return not isinstance(name, Scalar) or is_null(name) or name.value == "aws"


def _is_read_here(stack: Stack, service: Service, trigger: Trigger) -> bool:
    """Whether a trigger comes from a resource that the framework makes, or from one that is read later."""
    section, _, rest = trigger.path.partition(".")
    resource = stack.resources.get(rest.partition(".")[0]) if section == "Resources" else None
    if resource is None:
        return False
    written = at(service.resources, "Resources", resource.id, "Type")
    return written is None or resource.type.startswith(_LATER)


class _Reader:
    """Reads the functions of one service."""

    def __init__(self, finder: Finder, service: Service) -> None:
        self.finder = finder
        self.service = service
        self.found: ServiceApis | None = None

    def apis(self) -> ServiceApis:
        """The APIs; made when the first one is needed."""
        if self.found is None:
            from .apis import ServiceApis

            self.found = ServiceApis(self.finder, self.service)
        return self.found

    def read(self, function: Function, declared: Declared) -> None:
        """Adds the triggers and destinations of a function."""
        finder = self.finder
        for name, kind in (("url", "function-url"), ("capacityProvider", "capacity-provider")):
            for node, guard in finder.resolver.branches(declared.get(name), function.guard):
                if is_truthy(node):
                    place = (declared.place(name), guard, f"{declared.path}.{name}")
                    finder.add(function, kind, place, bounded=False if name == "url" else None)
        for name, use in _USES:
            target = declared.get("destinations", name)
            if target is not None:
                from .polled import send

                place = (target, function.guard, f"{declared.path}.destinations.{name}")
                send(finder, self.service, function, place, use)
        for event in declared.events:
            for written, when in self._alternatives(event, function.guard):
                self._event(function, declared, event, written, when)
        self._add_unknown(function, declared)

    def _alternatives(self, event: Event, guard: Guard) -> list[tuple[Node | None, Guard]]:
        """What an event can be; strings that a variable chooses from stay together, as one source."""
        if event.node is None or is_null(event.node):
            return [(None, guard)]
        found = self.finder.resolver.branches(event.node, guard)
        if not any(settings_of(node) is not None or may_be_settings(node) for node, _ in found):
            return [(event.node, guard)]
        return [(node, when) for node, when in found if not is_null(node)]

    def _add_unknown(self, function: Function, declared: Declared) -> None:
        """Adds one trigger for each entry of the events that is not known here."""
        events = declared.get("events")
        if events is None or is_null(events):
            return
        if not isinstance(events, Sequence):
            place = (declared.place("events"), function.guard, f"{declared.path}.events")
            self.finder.add(function, "unresolved", place, bounded=None)
            return
        for number, item in enumerate(events.items):
            if isinstance(item, Sequence) or call(item) is not None:
                place = (item, function.guard, f"{declared.path}.events[{number}]")
                self.finder.add(function, "unresolved", place, bounded=None)

    def _event(
        self, function: Function, declared: Declared, event: Event, node: Node | None, guard: Guard
    ) -> None:
        kind = event.kind
        if kind in _APIS:
            self.apis().event(function, event, node, guard)
        elif kind in _POLLED:
            from . import polled as events_polled

            events_polled.read(self.finder, self.service, (function, declared), event, node, guard)
        elif kind in _PUSHED:
            self._pushed(function, event, node, guard)
        elif kind == "schedule":
            self._schedule(function, event, node, guard)
        elif kind in ("eventBridge", "cloudwatchEvent"):
            self._rule(function, event, node, guard)
        else:
            self.finder.add(function, "unresolved", (event.key, guard, event.path), bounded=None)

    # -- what is pushed ------------------------------------------------------------------------------

    def _pushed(self, function: Function, event: Event, node: Node | None, guard: Guard) -> None:
        kind, names, bounded = _PUSHED[event.kind]
        settings = settings_of(node)
        origin = None if settings is not None or not names else node
        for name in names.split():
            origin = origin or at(settings, name)
        if bounded is False and may_be_settings(node):
            bounded = None  # it may be switched off
        switch = at(settings, "enabled")
        for source, when in self.finder.sources(origin, guard):
            place = (event.key, when, event.path)
            self.finder.add(function, kind, place, self._resource(kind, source), bounded, "", switch)

    def _resource(self, kind: str, source: Source) -> Source:
        """A source with the resource that its name stands for."""
        text, id = source
        if text is None or id is not None or kind not in _MADE:
            return source
        prefix, type, property = _MADE[kind]
        made = prefix + alphanumeric(text.literal or "")
        if made in self.finder.stack.resources:
            return text, made
        for resource in self.finder.stack.of_type(type):
            named = resource.properties.get(property) if resource.properties is not None else None
            if any(element.origin == text for element in self.finder.resolver.elements(named)):
                return text, resource.id
        return source

    def _schedule(self, function: Function, event: Event, node: Node | None, guard: Guard) -> None:
        settings = settings_of(node)
        rates = settings.get("rate") if settings is not None else node
        switch = at(settings, "enabled")
        self._rates(function, event, rates, guard, switch)

    def _rates(
        self, function: Function, event: Event, rates: Node | None, guard: Guard, switch: Node | None
    ) -> None:
        elements = self.finder.resolver.elements(rates, guard)
        for element in elements:
            place = (event.key, element.guard, event.path)
            bound = element.origin.display()
            self.finder.add(function, "schedule", place, (None, None), True, bound, switch)
        if not elements:
            place = (event.key, guard, event.path)
            self.finder.add(function, "schedule", place, (None, None), True, "", switch)

    def _rule(self, function: Function, event: Event, node: Node | None, guard: Guard) -> None:
        """A rule of EventBridge, by a schedule, by a pattern or by both."""
        from ...triggers import events

        finder, settings = self.finder, settings_of(node)
        name = "pattern" if event.kind == "eventBridge" else "event"
        found = settings.get(name) if settings is not None else None
        schedule = at(settings, "schedule")
        switch = at(settings, "enabled")
        if schedule is not None:
            self._rates(function, event, schedule, guard, switch)
        elif found is None:
            finder.add(function, "unresolved", (event.key, guard, event.path), bounded=None)
        for pattern, when in finder.resolver.branches(found, guard):
            bound = events.pace(finder, pattern, at(settings, "eventBus"))
            bounded = None if call(pattern) is not None else bound != ""
            place = (event.key, when, event.path)
            finder.add(function, "event-pattern", place, (None, None), bounded, bound, switch)
