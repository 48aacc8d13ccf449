"""API Gateway: which functions the methods and routes of an API invoke, and whether its stages bound them."""

from __future__ import annotations

from ..values.guard import ALWAYS, NEVER
from .api_throttles import ANY, Api, Limit, Stage, route_key
from .invocation import key_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..source.tree import Node
    from ..values.guard import Guard
    from ..values.text import Text
    from .invocation import Finder
    from .stack import Function, Resource


class Apis:
    """The APIs of a stack, those outside the template included as far as it refers to them."""

    def __init__(self, finder: Finder) -> None:
        self.finder = finder
        self.by_key: dict[str, Api] = {}
        self._paths: dict[str, str | None] = {}
        self._integrations: dict[str, list[tuple[Function, Guard]]] = {}
        self._seen: set[tuple[str, str, str, str]] = set()

    def read(self) -> None:
        """Reads the API Gateway resources: stages and usage plans first, then what they bound."""
        calls: list[tuple[str, Resource]] = []
        for resource in self.finder.stack.resources.values():
            service, _, kind = resource.type.rpartition("::")
            if resource.properties is None or service not in ("AWS::ApiGateway", "AWS::ApiGatewayV2"):
                continue
            from . import api_stages

            if resource.type in api_stages.READERS:
                api_stages.READERS[resource.type](self, resource)
            elif kind == "Integration":
                node = resource.properties.get("IntegrationUri")
                self._integrations[resource.id] = self.finder.functions(node, resource.guard)
            elif resource.type in _CALLS:
                calls.append((kind, resource))
        for _, resource in calls:
            _CALLS[resource.type](self, resource)

    # -- APIs and their stages ---------------------------------------------------------------------

    def api(self, text: Text | None, kind: str = "") -> Api:
        """The API that a text refers to; one without stages where it stands outside the template."""
        key = key_of(text)
        found = self.by_key.get(key)
        if found is None:
            finder = self.finder
            resource = finder.stack.resources.get(key)
            source = text if text is not None else finder.resolver.reference(key)
            if resource is not None:
                kind = _kind(finder, resource) or kind
                source = finder.resolver.reference(key)
            found = self.by_key[key] = Api(kind or "rest-api", source, resource.id if resource else None)
        return found

    def reference(self, node: Node | None) -> Text | None:
        """What a RestApiId or ApiId refers to."""
        elements = self.finder.resolver.elements(node)
        return elements[0].origin if elements else None

    # -- what they invoke --------------------------------------------------------------------------

    def invoke(
        self,
        api: Api,
        functions: Iterable[tuple[Function, Guard]],
        place: tuple[Node, str],
        path: str | None,
        method: str | None,
        keyed: Guard = NEVER,
        extra: Iterable[Limit] = (),
    ) -> None:
        """Records that a route of an API invokes functions.

        Args:
            place: where the template says so, and its path.
            path, method: the route, None where not known.
            keyed: when it requires an API key.
            extra: limits of the route itself.
        """
        for function, guard in functions:
            if path is not None and method is not None:
                route = (function.id, key_of(api.source), path, method)
                if route in self._seen:
                    continue
                self._seen.add(route)
            both = function.guard.and_(guard)
            for bounded, bound, when in api.outcomes(path, method, keyed, both, extra):
                here = (place[0], when, place[1])
                self.finder.add(function, api.kind, here, (api.source, api.id), bounded, bound)

    def authorize(
        self, api: Api, functions: Iterable[tuple[Function, Guard]], place: tuple[Node, str]
    ) -> None:
        """Records that an API asks functions who may call it."""
        for function, guard in functions:
            here = (place[0], guard, place[1])
            self.finder.add(function, "authorizer", here, (api.source, api.id), None)

    def _method(self, resource: Resource) -> None:
        properties, finder = resource.properties, self.finder
        assert properties is not None
        path = f"Resources.{resource.id}.Properties"
        method = finder.word(properties.get("HttpMethod"))
        for uri, guard, here in finder.at(properties, ("Integration", "Uri"), resource.guard, path):
            functions = finder.functions(uri, guard)
            if functions:
                self.invoke(
                    self.api(self.reference(properties.get("RestApiId"))),
                    functions,
                    (resource.key, here),
                    self._path(properties.get("ResourceId")),
                    method.upper() if method else None,
                    self.required(properties.get("ApiKeyRequired")),
                )

    def required(self, node: Node | None) -> Guard:
        """When a switch such as ApiKeyRequired is on."""
        on = NEVER
        for element in self.finder.resolver.elements(node):
            if (element.text.literal or "").lower() == "true":
                on = on.or_(element.guard)
        return on

    def _path(self, node: Node | None) -> str | None:
        """The path of a REST resource, from the parts of its parents."""
        text = self.reference(node)
        hole = text.hole if text is not None else None
        if hole is None:
            return None
        if hole.attribute == "RootResourceId":
            return "/"
        id = hole.resource
        if id not in self._paths:
            self._paths[id] = None  # a resource that is its own ancestor has no path
            resource = self.finder.stack.resources.get(id)
            if resource is not None and resource.properties and resource.type == "AWS::ApiGateway::Resource":
                parent = self._path(resource.properties.get("ParentId"))
                part = self.finder.word(resource.properties.get("PathPart"))
                if parent is not None and part is not None:
                    self._paths[id] = f"{parent.rstrip('/')}/{part}"
        return self._paths[id]

    def _rest_api(self, resource: Resource) -> None:
        self._body(resource, self.finder.resolver.reference(resource.id))

    def _body(self, resource: Resource, reference: Text) -> None:
        assert resource.properties is not None
        body = resource.properties.get("Body")
        if body is not None:
            from . import api_body

            api_body.read(
                self, self.api(reference), body, resource.guard, f"Resources.{resource.id}.Properties.Body"
            )

    def _http_api(self, resource: Resource) -> None:
        properties, finder = resource.properties, self.finder
        assert properties is not None
        reference = finder.resolver.reference(resource.id)
        api = self.api(reference)
        functions = finder.functions(properties.get("Target"), resource.guard)
        if functions:
            # Quick create: the API comes with a $default route and a $default stage.
            if not api.stages:
                api.stages.append(Stage(resource.id, ALWAYS))
            place = properties.key_node("Target") or resource.key
            path = f"Resources.{resource.id}.Properties.Target"
            route = route_key(finder.word(properties.get("RouteKey")) or "$default")
            self.invoke(api, functions, (place, path), route, ANY)
        self._body(resource, reference)

    def _route(self, resource: Resource) -> None:
        properties, finder = resource.properties, self.finder
        assert properties is not None
        key = finder.word(properties.get("RouteKey"))
        path = f"Resources.{resource.id}.Properties.Target"
        for element in finder.resolver.elements(properties.get("Target"), resource.guard):
            id = finder.resource_of(element.origin)
            functions = [(f, g.and_(element.guard)) for f, g in self._integrations.get(id or "", ())]
            if functions:
                guess = "websocket-api" if key in ("$connect", "$disconnect") else "http-api"
                self.invoke(
                    self.api(self.reference(properties.get("ApiId")), guess),
                    functions,
                    (resource.key, path),
                    route_key(key) if key else None,
                    ANY,
                    self.required(properties.get("ApiKeyRequired")),
                )

    def _authorizer(self, resource: Resource) -> None:
        properties, finder = resource.properties, self.finder
        assert properties is not None
        functions = finder.functions(properties.get("AuthorizerUri"), resource.guard)
        if functions:
            name = "RestApiId" if resource.type == "AWS::ApiGateway::Authorizer" else "ApiId"
            api = self.api(self.reference(properties.get(name)))
            self.authorize(
                api, functions, (resource.key, f"Resources.{resource.id}.Properties.AuthorizerUri")
            )


def _kind(finder: Finder, resource: Resource) -> str:
    if resource.type == "AWS::ApiGateway::RestApi" or resource.type == "AWS::Serverless::Api":
        return "rest-api"
    if resource.type == "AWS::Serverless::WebSocketApi":
        return "websocket-api"
    if resource.type == "AWS::ApiGatewayV2::Api" and resource.properties is not None:
        protocol = finder.word(resource.properties.get("ProtocolType"))
        return "websocket-api" if protocol == "WEBSOCKET" else "http-api"
    return "http-api" if resource.type == "AWS::Serverless::HttpApi" else ""


_CALLS = {
    "AWS::ApiGateway::RestApi": Apis._rest_api,
    "AWS::ApiGateway::Method": Apis._method,
    "AWS::ApiGateway::Authorizer": Apis._authorizer,
    "AWS::ApiGatewayV2::Api": Apis._http_api,
    "AWS::ApiGatewayV2::Route": Apis._route,
    "AWS::ApiGatewayV2::Authorizer": Apis._authorizer,
}
