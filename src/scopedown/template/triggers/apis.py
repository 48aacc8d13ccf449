"""API Gateway: which functions the methods and routes of an API invoke, and whether its stages bound them.

An ``Api`` collects its stages and limits (``api_throttles`` reads them); asked about one route, it says
when calls get through unbounded. ``Apis`` asks for every route. One module, as neither is loaded without
the other.
"""

from __future__ import annotations

from ...values.guard import ALWAYS, NEVER
from .invocation import key_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...source.tree import Node
    from ...values.guard import Guard
    from ...values.text import Text
    from ..stack import Function, Resource
    from .invocation import Finder

ANY = "*"


class Limit:
    """A rate or burst limit.

    Args:
        path: resource path or route key that it applies to, ``*`` for all, None where that is not known.
        method: HTTP method, ``*`` for all, None where that is not known.
        guard: when it holds.
        text: the number as written.
        stage: the stage it belongs to, None for any of the API.
        keyed: it counts only calls that bring an API key (a usage plan's).
    """

    __slots__ = ("guard", "keyed", "method", "path", "stage", "text")

    def __init__(
        self,
        path: str | None,
        method: str | None,
        guard: Guard,
        text: str,
        stage: Text | None = None,
        keyed: bool = False,
    ) -> None:
        self.path = path
        self.method = method
        self.guard = guard
        self.text = text
        self.stage = stage
        self.keyed = keyed

    def covers(self, path: str | None, method: str | None) -> bool | None:
        """Whether it applies to a route; None where that cannot be told."""
        meets = [
            True if own == ANY else None if own is None or other is None else own == other
            for own, other in ((self.path, path), (self.method, method))
        ]
        return False if False in meets else None if None in meets else True


class Stage:
    """A stage: where an API can be called."""

    __slots__ = ("guard", "id", "limits", "name")

    def __init__(self, id: str, guard: Guard, name: Text | None = None) -> None:
        self.id = id
        self.guard = guard
        self.name = name
        self.limits: dict[str | None, list[Limit]] = {}

    def add(self, limits: Iterable[Limit]) -> None:
        """Adds limits that hold in this stage."""
        for limit in limits:
            self.limits.setdefault(limit.path, []).append(limit)

    def for_path(self, path: str | None) -> list[Limit]:
        """The limits that may apply to a path."""
        if path is None:
            return [limit for limits in self.limits.values() for limit in limits]
        return [limit for key in dict.fromkeys((ANY, path, None)) for limit in self.limits.get(key, ())]

    def is_named(self, text: Text | None) -> bool:
        """Whether a text names this stage (any text does where SAM makes the only one)."""
        return text is None or not self.id or key_of(text) == self.id or text == self.name


class Api:
    """An API: its kind, its stages, and the limits that usage plans set."""

    __slots__ = ("id", "kind", "plans", "source", "stages")

    def __init__(self, kind: str, source: Text, id: str | None) -> None:
        self.kind = kind
        self.source = source
        self.id = id
        self.stages: list[Stage] = []
        self.plans: list[Limit] = []

    def outcomes(
        self, path: str | None, method: str | None, keyed: Guard, guard: Guard, extra: Iterable[Limit] = ()
    ) -> list[tuple[bool | None, str, Guard]]:
        """Whether calls of a route are bounded.

        Args:
            path, method: the route; None where not known.
            keyed: when a call needs an API key.
            guard: when the route exists.
            extra: limits of the route itself.

        Returns:
            (bounded, text of the bound, guard): one entry for each of True, False and None that can be.
        """
        if not self.stages:
            return [(None, "", guard)]
        text = ""
        open_, doubtful = NEVER, NEVER
        for stage in self.stages:
            left, doubt = guard.and_(stage.guard), NEVER
            plans = [limit for limit in self.plans if stage.is_named(limit.stage)]
            for limit in (*extra, *stage.for_path(path), *plans):
                when = limit.guard.and_(keyed) if limit.keyed else limit.guard
                covered = limit.covers(path, method)
                if covered:
                    text = text or limit.text
                    left = left.and_(when.not_())
                elif covered is None:
                    doubt = doubt.or_(when)
                if left.is_never:
                    break
            doubtful = doubtful.or_(left.and_(doubt))
            open_ = open_.or_(left if doubt.is_never else left.and_(doubt.not_()))
        bounded = guard.and_(open_.or_(doubtful).not_())
        found = ((False, "", open_), (None, "", doubtful), (True, text, bounded))
        return [entry for entry in found if not entry[2].is_never]


def route_key(key: str) -> str:
    """A route key in one spelling: the method in upper case, "ANY" left out."""
    method, _, path = key.partition(" ")
    if not path:
        return key
    return path if method.upper() == "ANY" else f"{method.upper()} {path}"


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
            if kind in _BOUNDING:
                from . import api_throttles

                reader = api_throttles.READERS.get(resource.type)
                if reader is not None:
                    reader(self, resource)
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


# What stages and usage plans are made of: https://docs.aws.amazon.com/AWSCloudFormation/latest/
# TemplateReference/AWS_ApiGateway.html
_BOUNDING = ("Stage", "Deployment", "UsagePlan", "ApiGatewayManagedOverrides")


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
