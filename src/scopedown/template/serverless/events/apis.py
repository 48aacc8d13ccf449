"""Events of APIs: http, httpApi and websocket events and the authorizers that they name; triggers go out.

The framework makes one API of each kind with one stage, whose throttles stand outside the events.
https://www.serverless.com/framework/docs/providers/aws/events/apigateway
"""

from __future__ import annotations

from ....source.tree import Mapping, Scalar, Sequence
from ....values.guard import ALWAYS, NEVER
from ....values.intrinsics import call
from ....values.text import Text
from ...triggers.apis import ANY, Api, Apis, Limit, Stage, route_key
from ...triggers.invocation import Finder, key_of
from ..service import at, is_null, is_truthy

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ....source.tree import Node
    from ....values.guard import Guard
    from ...stack import Function
    from ..service import Event, Service

# Event to kind, the API that the framework makes, and where an existing one is named.
_APIS = {
    "http": ("rest-api", "ApiGatewayRestApi", ("apiGateway", "restApiId")),
    "httpApi": ("http-api", "HttpApi", ("httpApi", "id")),
    "websocket": ("websocket-api", "WebsocketsApi", ("apiGateway", "websocketApiId")),
}
_STAGES = {"HttpApi": "HttpApiStage", "WebsocketsApi": "WebsocketsDeploymentStage"}
# Integrations that answer without the function.
_WITHOUT = ("http", "http_proxy", "mock")
_PLUGIN = "serverless-api-gateway-throttling"
_THROTTLING = ("maxRequestsPerSecond", "maxConcurrentRequests")


class ServiceApis(Apis):
    """The APIs of a service; API Gateway resources of its own may stand beside them."""

    def __init__(self, finder: Finder, service: Service) -> None:
        super().__init__(finder)
        self.service = service
        self._asked: set[tuple[str, str]] = set()
        kinds = {event.kind for function in service.functions for event in function.events}
        for kind in _APIS:
            if kind in kinds:
                self._add(kind)
        if "httpApi" in kinds:
            self._read_authorizers()

    # -- what the framework makes --------------------------------------------------------------------

    def of(self, event: str) -> Api:
        """The API of an event: the one that the provider names, else the one that is made."""
        kind, id, steps = _APIS[event]
        given = at(self.service.provider, *steps)
        if given is not None and not is_null(given):
            return self.api(self.reference(given), kind)
        return self.api(self.finder.resolver.reference(id), kind)

    def _add(self, event: str) -> None:
        api = self.of(event)
        key = key_of(api.source)
        if not self._is_known(event):
            return  # without a stage it counts as not known
        if event == "http":
            name = Text.of(self.service.stage or "")
            # Where an API stands outside the template, so may what its stage is set to.
            if api.id is not None and not self._is_declared(api, name):
                api.stages.append(Stage("ApiGatewayDeployment", ALWAYS, name))
            self._add_plans(api)
        elif key in _STAGES:
            self._add_stage(api, _STAGES[key])

    def _is_known(self, event: str) -> bool:
        """Whether what the provider says of an API can be read."""
        above = self.service.root.get("provider")
        settings = (above, at(above, _APIS[event][2][0]))
        return not any(node is not None and call(node) is not None for node in settings)

    def _is_declared(self, api: Api, name: Text) -> bool:
        """Whether the author writes the stage that the framework would make."""
        for resource in self.finder.stack.of_type("AWS::ApiGateway::Stage", "AWS::ApiGateway::Deployment"):
            properties = resource.properties
            if (
                properties is not None
                and self.reference(properties.get("RestApiId")) == api.source
                and self.reference(properties.get("StageName")) == name
            ):
                return True
        return False

    def _add_stage(self, api: Api, id: str) -> None:
        """The stage of an HTTP or WebSocket API, with what the author lays over it."""
        made = self.finder.stack.resources.get(id)
        properties = made.properties if made is not None else None
        if properties is not None and properties.get("ApiId") is not None:
            return  # it is read with the other resources
        stage = Stage(id, ALWAYS)
        laid = [at(properties, name) for name in ("DefaultRouteSettings", "RouteSettings")]
        if any(laid):
            from ...triggers.api_throttles import route_settings

            stage.add(route_settings(self.finder, [(laid[0], laid[1])], ALWAYS))
        api.stages.append(stage)

    def _add_plans(self, api: Api) -> None:
        """The usage plans: whoever calls with a key is in one of them, so each has to have a throttle."""
        provider = self.service.provider
        plans = at(provider, "apiGateway", "usagePlan") or provider.get("usagePlan")
        if plans is None:
            return
        from ...triggers.api_throttles import rates

        everywhere, bound = ALWAYS, ""
        for plan in _plans(plans):
            throttled = NEVER
            for when, text in rates(self.finder, at(plan, "throttle"), ALWAYS, ("rateLimit", "burstLimit")):
                throttled = throttled.or_(when)
                bound = bound or text
            everywhere = everywhere.and_(throttled)
        if not everywhere.is_never:
            api.plans.append(Limit(ANY, ANY, everywhere, bound, None, True))

    # -- events --------------------------------------------------------------------------------------

    def event(self, function: Function, event: Event, node: Node | None, guard: Guard) -> None:
        """Adds the trigger of an event, and those of the authorizer that it names."""
        settings = node if isinstance(node, Mapping) and call(node) is None else None
        integration = (self.finder.word(at(settings, "integration")) or "").lower().replace("-", "_")
        api = self.of(event.kind)
        self._authorized_by(api, at(settings, "authorizer"), f"{event.path}.authorizer")
        if integration in _WITHOUT and event.kind == "http":
            return
        method, path = self._endpoint(event, node, settings)
        private = at(settings, "private")
        keyed = self.required(private)
        extra = self._own_limits(event, settings, guard)
        if api.plans and keyed.is_never and private is not None and call(private) is not None:
            extra.append(Limit(None, None, ALWAYS, ""))  # whether a key is needed is not known
        self.invoke(api, [(function, guard)], (event.key, event.path), path, method, keyed, extra)

    def _endpoint(
        self, event: Event, node: Node | None, settings: Mapping | None
    ) -> tuple[str | None, str | None]:
        """Method and path of an event as limits have them; None where not known."""
        if event.kind == "websocket":
            return ANY, self.finder.word(settings.get("route") if settings is not None else node)
        if settings is not None:
            method = self.finder.word(settings.get("method"))
            path = self.finder.word(settings.get("path"))
        else:
            method, _, path = (self.finder.word(node) or "").partition(" ")
        if event.kind == "httpApi":
            if (path or method) == ANY:
                return ANY, "$default"
            verb = "ANY" if method in (None, "", ANY) else method
            return ANY, route_key(f"{verb} /{path.strip().lstrip('/')}") if path else None
        verb = "ANY" if method == ANY else (method or "").upper()
        return verb or None, f"/{path.strip().strip('/')}" if path is not None and node is not None else None

    def _own_limits(self, event: Event, settings: Mapping | None, guard: Guard) -> list[Limit]:
        """What the throttling plugin sets for one endpoint: the event's own numbers, else the service's.

        https://github.com/DianaIonita/serverless-api-gateway-throttling
        """
        if _PLUGIN not in self.service.plugins or event.kind == "websocket":
            return []
        own = at(settings, "throttling")
        if is_truthy(at(own, "disabled")):
            return []
        from ...triggers.api_throttles import rates

        found = rates(self.finder, own, guard, (_THROTTLING[0], _THROTTLING[1]))
        overall = self.service.custom.get("apiGatewayThrottling")
        found += rates(self.finder, overall, guard, (_THROTTLING[0], _THROTTLING[1]))
        return [Limit(ANY, ANY, when, text) for when, text in found]

    # -- authorizers ---------------------------------------------------------------------------------

    def _authorized_by(self, api: Api, setting: Node | None, path: str) -> None:
        """The function that an event has calls authorized by: a name, an ARN, or a mapping with either."""
        for node, guard in self.finder.resolver.branches(setting):
            if isinstance(node, Mapping) and call(node) is None:
                arn = node.get("arn")
                self._ask(api, arn if arn is not None else node.get("name"), guard, path)
            else:
                self._ask(api, node, guard, path)

    def _read_authorizers(self) -> None:
        """The authorizers of the HTTP API, which stand with the provider."""
        listed = at(self.service.provider, "httpApi", "authorizers")
        api = self.of("httpApi")
        for key, authorizer in listed.entries if isinstance(listed, Mapping) else ():
            for name in ("functionName", "functionArn"):
                path = f"provider.httpApi.authorizers.{key.value}.{name}"
                self._ask(api, at(authorizer, name), ALWAYS, path)

    def _ask(self, api: Api, node: Node | None, guard: Guard, path: str) -> None:
        own = self.service.function(node.value) if isinstance(node, Scalar) else None
        function = self.finder.by_id.get(own.id) if own is not None else None
        if function is not None:
            found = [(function, guard)]
        else:
            found = self.finder.functions(node, guard)
        for each, when in found:
            pair = (key_of(api.source), each.id)
            if node is not None and pair not in self._asked:
                self._asked.add(pair)
                self.authorize(api, [(each, when)], (node, path))


def _plans(node: Node) -> list[Node | None]:
    """The usage plans: one mapping, or a list of mappings from name to plan."""
    if not isinstance(node, Sequence):
        return [node]
    return [
        plan
        for item in node.items
        for _, plan in (item.entries if isinstance(item, Mapping) else [(item, None)])
    ]
