"""Functions that plugins add to a service."""

from __future__ import annotations

from ....source.tree import Scalar
from ..service import Declared

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ....source.tree import Mapping, Node
    from ..service import Service


def add(service: Service, name: str, node: Mapping, cause: Node, path: str) -> None:
    """Adds a function, unless the service has one of that name.

    Args:
        service: the service.
        name: what the plugin calls it.
        node: its settings, in the form of a function's.
        cause: where it is written.
        path: the same as keys: there its settings and events stand.
    """
    if service.function(name) is not None:
        return
    function = Declared(Scalar(cause.document, cause.start, cause.end, name), node)
    before, function.path = function.path, path
    for event in function.events:
        event.path = path + event.path.removeprefix(before)
    service.functions.append(function)
