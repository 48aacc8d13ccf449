"""OpenAPI bodies: the functions that integrations and authorizers in an API definition name.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from __future__ import annotations

from ...source.tree import Mapping, Scalar
from ...values.guard import ALWAYS, NEVER
from .apis import ANY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...source.tree import Node
    from ...values.guard import Guard
    from .apis import Api, Apis

_METHODS = (
    "get",
    "put",
    "post",
    "delete",
    "options",
    "head",
    "patch",
    "trace",
    "x-amazon-apigateway-any-method",
)
_INTEGRATION = "x-amazon-apigateway-integration"
_AUTHORIZER = "x-amazon-apigateway-authorizer"


def read(apis: Apis, api: Api, node: Node, guard: Guard, path: str) -> None:
    """Adds what a definition invokes; one that is included from elsewhere cannot be read.

    Args:
        node: the definition.
        path: where it stands.
    """
    for body, when in apis.finder.resolver.branches(node, guard):
        if isinstance(body, Mapping):
            _read_schemes(apis, api, body, when, path)
            for item, here, where in apis.finder.at(body, ("paths", "*"), when, path):
                if isinstance(item, Mapping):
                    key = where.partition(".paths.")[2]
                    for verb, operation in item.entries:
                        if verb.value in _METHODS and isinstance(operation, Mapping):
                            _read_operation(apis, api, body, operation, (key, verb), here, where)


def _read_operation(
    apis: Apis,
    api: Api,
    body: Mapping,
    operation: Mapping,
    route: tuple[str, Scalar],
    guard: Guard,
    path: str,
) -> None:
    finder = apis.finder
    key, verb = route
    for found, when in finder.resolver.branches(operation.get(_INTEGRATION), guard):
        integration = _shared(body, found)
        if integration is None:
            continue
        functions = finder.functions(integration.get("uri"), when)
        if functions:
            word = verb.value.upper()
            method = "ANY" if word.startswith("X-") else word
            if api.kind == "rest-api":
                name = key
            else:
                name, method = _route(key, method), ANY
            place = (verb, f"{path}.{verb.value}")
            apis.invoke(api, functions, place, name, method, _needs_key(body, operation))


def _route(path: str, method: str) -> str:
    if path == "/$default":
        return "$default"
    return path if method == "ANY" else f"{method} {path}"


def _shared(body: Mapping, node: Node) -> Mapping | None:
    """The integration itself, or the one of the components that it refers to."""
    if not isinstance(node, Mapping):
        return None
    reference = node.get("$ref")
    if not isinstance(reference, Scalar):
        return node
    found: Node | None = body
    for name in reference.value.removeprefix("#/").split("/"):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else None


def _schemes(body: Mapping) -> Mapping | None:
    components = body.get("components")
    found = components.get("securitySchemes") if isinstance(components, Mapping) else None
    found = found if found is not None else body.get("securityDefinitions")
    return found if isinstance(found, Mapping) else None


def _read_schemes(apis: Apis, api: Api, body: Mapping, guard: Guard, path: str) -> None:
    schemes = _schemes(body)
    if schemes is not None:
        where = f"{path}.components.securitySchemes"
        for uri, when, here in apis.finder.at(schemes, ("*", _AUTHORIZER, "authorizerUri"), guard, where):
            apis.authorize(api, apis.finder.functions(uri, when), (uri, here))


def _needs_key(body: Mapping, operation: Mapping) -> Guard:
    """Whether an operation asks for an API key: a scheme of type apiKey that is no authorizer."""
    security = operation.get("security") or body.get("security")
    schemes = _schemes(body)
    if security is None or schemes is None:
        return NEVER
    for member in getattr(security, "items", ()):
        for name, _ in member.entries if isinstance(member, Mapping) else ():
            scheme = schemes.get(name.value)
            if isinstance(scheme, Mapping) and scheme.get(_AUTHORIZER) is None:
                header = scheme.get("name")
                if isinstance(header, Scalar) and header.value.lower() == "x-api-key":
                    return ALWAYS
    return NEVER
