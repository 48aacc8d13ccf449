"""Sections of plugins that invoke a service's functions: state machines, AppSync APIs, warmers.

https://www.serverless.com/plugins/serverless-step-functions,
https://github.com/sid88in/serverless-appsync-plugin,
https://github.com/juanjoDiaz/serverless-plugin-warmup
"""

from __future__ import annotations

import re

from ....source.tree import Mapping, Scalar, Sequence
from ....values.guard import ALWAYS
from ....values.intrinsics import call
from ....values.text import Hole, Text
from ..merging import merged
from ..service import at, is_truthy, items

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ....source.tree import Node
    from ...stack import Function
    from ...triggers.invocation import Finder
    from ..service import Service

    Child = tuple[Node, str]  # a node and its path

_WARMUP = "serverless-plugin-warmup"
_NAMED = r":function:([A-Za-z0-9_-]+)"


def find(finder: Finder, service: Service) -> None:
    """Adds the triggers that sections of plugins make."""
    _read_machines(finder, service)
    for path, api in _appsync_apis(service):
        _read_appsync(finder, service, api, path)
    if _WARMUP in service.plugins:
        _read_warmup(finder, service)


def _named(finder: Finder, service: Service, node: Node | None) -> list[Function]:
    """The functions that an expression names; plugins take a function's key for its logical id too."""
    found: dict[str, Function] = {}
    for element in finder.resolver.elements(node):
        texts = finder.named(element.origin) or finder.named(element.text)
        for part in element.origin.parts:
            if isinstance(part, Hole):
                texts = texts + _by_key(finder, service, part.resource)
            elif isinstance(part, str):
                texts = texts + [f for name in re.findall(_NAMED, part) for f in finder.called(name)]
        found |= {function.id: function for function in texts}
    return list(found.values())


def _by_key(finder: Finder, service: Service, name: str) -> list[Function]:
    declared = service.function(name)
    function = finder.by_id.get(declared.id) if declared is not None else None
    return [function] if function is not None else []


# -- state machines ----------------------------------------------------------------------------------


def _read_machines(finder: Finder, service: Service) -> None:
    machines = merged(at(service.root, "stepFunctions", "stateMachines"))
    for key, machine in machines.entries if machines is not None else ():
        path = f"stepFunctions.stateMachines.{key.value}.definition"
        seen: set[str] = set()
        for node, here in _expressions(at(machine, "definition"), path):
            for function in _named(finder, service, node):
                if function.id not in seen:
                    seen.add(function.id)
                    # Whether a Map bounds it is a question to the definition.
                    source = (Text.of(key.value), None)
                    finder.add(function, "step-functions", (node, ALWAYS, here), source, None)


def _expressions(root: Node | None, path: str) -> Iterator[Child]:
    """The intrinsics and strings with function ARNs anywhere in a definition, in order."""
    waiting: list[Child] = [(root, path)] if root is not None else []
    while waiting:
        node, here = waiting.pop()
        if isinstance(node, Scalar):
            if ":function:" in node.value:
                yield node, here
        elif call(node) is not None:
            yield node, here
        elif isinstance(node, Sequence):
            listed = [(item, f"{here}[{number}]") for number, item in enumerate(node.items)]
            waiting += reversed(listed)
        elif isinstance(node, Mapping):
            waiting += reversed([(value, f"{here}.{name.value}") for name, value in node.entries])


# -- AppSync -----------------------------------------------------------------------------------------


def _appsync_apis(service: Service) -> Iterator[tuple[str, Mapping]]:
    """The AppSync APIs: one or, in the plugin's first version, a list under custom."""
    for path, node in (
        ("appSync", service.root.get("appSync")),
        ("custom.appSync", service.custom.get("appSync")),
    ):
        if isinstance(node, Mapping):
            yield path, node
        for number, item in enumerate(items(node)):
            if isinstance(item, Mapping):
                yield f"{path}[{number}]", item


def _read_appsync(finder: Finder, service: Service, api: Mapping, path: str) -> None:
    source = (Text.of(name.value), None) if isinstance(name := api.get("name"), Scalar) else (None, None)
    for node, here in _sources(api, path):
        for function, place, where in _configured(finder, service, node, here):
            finder.add(function, "appsync", (place, ALWAYS, where), source)
    authentications: list[Child] = []
    if (first := api.get("authentication")) is not None:
        authentications.append((first, f"{path}.authentication"))
    authentications += _members(api.get("additionalAuthentications"), f"{path}.additionalAuthentications")
    # The first version writes the default authentication flat.
    authentications.append((api, path))
    for node, here in authentications:
        for steps in (("config",), ("lambdaAuthorizerConfig",)):
            for function, place, where in _functions(finder, service, at(node, *steps), f"{here}.{steps[0]}"):
                finder.add(function, "authorizer", (place, ALWAYS, where), source, None)


def _sources(api: Mapping, path: str) -> Iterator[Child]:
    """The data sources, those written inside resolvers and pipeline functions included."""
    yield from _members(api.get("dataSources"), f"{path}.dataSources")
    for section in ("resolvers", "pipelineFunctions"):
        for node, here in _members(api.get(section), f"{path}.{section}"):
            inner = at(node, "dataSource")
            if isinstance(inner, Mapping):
                yield inner, f"{here}.dataSource"
            for step, where in _members(at(node, "functions"), f"{here}.functions"):
                inner = at(step, "dataSource")
                if isinstance(inner, Mapping):
                    yield inner, f"{where}.dataSource"


def _members(node: Node | None, path: str) -> list[Child]:
    """The values of a mapping or the members of a list; a list may hold mappings from names to values."""
    if isinstance(node, Mapping):
        return [(value, f"{path}.{key.value}") for key, value in node.entries]
    found: list[Child] = []
    for number, item in enumerate(items(node)):
        here = f"{path}[{number}]"
        if isinstance(item, Mapping) and len(item.entries) > 1:
            found.append((item, here))
        else:
            found += _members(item, here)
    return found


def _configured(
    finder: Finder, service: Service, node: Node, path: str
) -> Iterator[tuple[Function, Node, str]]:
    if finder.word(at(node, "type")) == "AWS_LAMBDA":
        yield from _functions(finder, service, at(node, "config"), f"{path}.config")


def _functions(
    finder: Finder, service: Service, config: Node | None, path: str
) -> Iterator[tuple[Function, Node, str]]:
    """The functions that a configuration names, by key or by ARN."""
    for name in ("functionName", "functionArn", "lambdaFunctionArn"):
        node = at(config, name)
        if node is not None:
            own = _by_key(finder, service, node.value) if isinstance(node, Scalar) else []
            for function in own or _named(finder, service, node):
                yield function, node, f"{path}.{name}"


# -- warmers -----------------------------------------------------------------------------------------


def _read_warmup(finder: Finder, service: Service) -> None:
    """A warmer invokes functions by a schedule; a function's own setting counts before the service's."""
    overall = service.custom.get("warmup")
    warmers = overall.entries if isinstance(overall, Mapping) else []
    everywhere = any(_is_on(overall) or _is_on(warmer) for _, warmer in warmers)
    for declared in service.functions:
        function = finder.by_id.get(declared.id)
        own = declared.get("warmup")
        on = is_truthy(own) if not isinstance(own, Mapping) else _is_any_on(own, everywhere)
        if function is not None and (on if own is not None else everywhere):
            key = declared.node.key_node("warmup")
            place = key or service.custom.key_node("warmup") or declared.key
            path = f"{declared.path}.warmup" if key is not None else "custom.warmup"
            finder.add(function, "schedule", (place, ALWAYS, path), (None, None), True)


def _is_on(warmer: Node | None) -> bool:
    return is_truthy(at(warmer, "enabled"))


def _is_any_on(own: Mapping, everywhere: bool) -> bool:
    """Whether one of a function's warmers is on; a setting that says nothing leaves it to the service."""
    said = [each for each in (own, *(value for _, value in own.entries)) if at(each, "enabled") is not None]
    return any(map(_is_on, said)) if said else everywhere
