"""The APIs that SAM makes: AWS::Serverless::Api, HttpApi and WebSocketApi, and the implicit ones.

Each has one stage. Globals apply to explicit and to implicit APIs.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
"""

from __future__ import annotations

from ...source.tree import Mapping
from ...values.guard import ALWAYS, NEVER
from ..stack import Properties
from ..triggers.apis import ANY, Apis, Limit, Stage, route_key
from ..triggers.invocation import key_of
from .reading import global_properties

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...source.tree import Node
    from ...values.guard import Guard
    from ..stack import Function, Resource
    from ..triggers.apis import Api
    from ..triggers.invocation import Finder, Place

_SECTIONS = {
    "AWS::Serverless::Api": "Api",
    "AWS::Serverless::HttpApi": "HttpApi",
    "AWS::Serverless::WebSocketApi": "WebSocketApi",
}
_IMPLICIT = {"Api": "ServerlessRestApi", "HttpApi": "ServerlessHttpApi"}


class SamApis(Apis):
    """The APIs of a SAM template; plain API Gateway resources may stand beside them."""

    def __init__(self, finder: Finder) -> None:
        super().__init__(finder)
        self._properties: dict[str, Properties] = {}
        for resource in finder.stack.of_type(*_SECTIONS):
            section = _SECTIONS[resource.type]
            extra = global_properties(finder.stack, section, resource)
            self._add(resource.id, section, Properties(resource.properties, extra), resource.guard)

    def _add(self, id: str, section: str, properties: Properties, guard: Guard) -> Api:
        finder = self.finder
        kind = {"Api": "rest-api", "HttpApi": "http-api"}.get(section, "websocket-api")
        api = self.api(finder.resolver.reference(id), kind)
        stage = Stage("", guard)
        if section == "Api":
            for settings in properties.all("MethodSettings"):
                from ..triggers.api_throttles import method_settings

                stage.add(method_settings(finder, settings, ALWAYS))
            self._add_plan(api, properties)
        else:
            pairs = [
                *((node, None) for node in properties.all("DefaultRouteSettings")),
                *((None, node) for node in properties.all("RouteSettings")),
            ]
            if pairs:
                from ..triggers.api_throttles import route_settings

                stage.add(route_settings(finder, pairs, ALWAYS))
        api.stages.append(stage)
        self._properties[id] = properties
        return api

    def _add_plan(self, api: Api, properties: Properties) -> None:
        made = self.finder.word(_deep(properties, "Auth", "UsagePlan", "CreateUsagePlan"))
        throttle = _deep(properties, "Auth", "UsagePlan", "Throttle")
        if made != "NONE" and throttle is not None:
            from ..triggers.api_throttles import plan_limits

            api.plans += plan_limits(self.finder, throttle, ALWAYS)

    def event(self, function: Function, type: str, settings: Mapping, place: Place) -> None:
        """Adds the trigger of an Api or HttpApi event."""
        finder = self.finder
        node, guard, where = place
        given = settings.get("RestApiId" if type == "Api" else "ApiId")
        reference = self.reference(given) if given is not None else None
        if reference is None:
            reference = finder.resolver.reference(_IMPLICIT[type])
            if key_of(reference) not in self.by_key:
                extra = global_properties(finder.stack, type)
                self._add(_IMPLICIT[type], type, Properties(None, extra), ALWAYS)
        api = self.api(reference, "rest-api" if type == "Api" else "http-api")
        path = finder.word(settings.get("Path"))
        method = (finder.word(settings.get("Method")) or "").upper() or None
        extra_limits: list[Limit] = []
        if type == "HttpApi":
            route = route_key(f"{method or 'ANY'} {path}") if path else "$default"
            path, method = (route, ANY) if path or settings.get("Path") is None else (None, ANY)
            extra_limits = self._event_limits(settings.get("RouteSettings"), guard)
        keyed = self._keyed(key_of(reference), settings)
        self.invoke(api, [(function, guard)], (node, where), path, method, keyed, extra_limits)

    def _event_limits(self, node: Node | None, guard: Guard) -> list[Limit]:
        if node is None:
            return []
        from ..triggers.api_throttles import THROTTLING, rates

        return [Limit(ANY, ANY, when, text) for when, text in rates(self.finder, node, guard, THROTTLING)]

    def _keyed(self, id: str, settings: Mapping) -> Guard:
        """When a method needs an API key: what the event says counts before what its API says."""
        for node, _, _ in self.finder.at(settings, ("Auth", "ApiKeyRequired"), ALWAYS, ""):
            return self.required(node)
        properties = self._properties.get(id)
        return self.required(_deep(properties, "Auth", "ApiKeyRequired")) if properties else NEVER

    def read_bodies(self) -> None:
        """Adds what definitions, routes and authorizers of the SAM APIs name.

        After the events: an event and the definition often name the same method.
        """
        for resource in self.finder.stack.of_type(*_SECTIONS):
            self._read_api(resource, self.api(self.finder.resolver.reference(resource.id)))

    def _read_api(self, resource: Resource, api: Api) -> None:
        finder, properties = self.finder, self._properties[resource.id]
        path = f"Resources.{resource.id}.Properties"
        for authorizers in properties.all("Auth"):
            for steps in (("Authorizers", "*", "FunctionArn"), ("AuthArn",)):
                for node, guard, here in finder.at(authorizers, steps, resource.guard, f"{path}.Auth"):
                    self.authorize(api, finder.functions(node, guard), (node, here))
        body = properties.get("DefinitionBody")
        if body is not None:
            from ..triggers import api_body

            api_body.read(self, api, body, resource.guard, f"{path}.DefinitionBody")
        for route, guard, here in finder.at(resource.properties, ("Routes", "*"), resource.guard, path):
            if isinstance(route, Mapping):
                functions = finder.functions(route.get("FunctionArn"), guard)
                name = here.partition(".Routes.")[2]
                required = self.required(route.get("ApiKeyRequired"))
                self.invoke(api, functions, (route, here), name, ANY, required)


def _deep(properties: Properties, *names: str) -> Node | None:
    """A property inside maps that SAM merges key by key: the local one, else the global one."""
    for node in reversed(properties.all(names[0])):
        found: Node | None = node
        for name in names[1:]:
            found = found.get(name) if isinstance(found, Mapping) else None
        if found is not None:
            return found
    return None
