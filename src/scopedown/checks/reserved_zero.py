"""reserved-zero: a reserved concurrency of 0 switches the function off."""

from __future__ import annotations

from ..values.guard import equals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..rulebook.context import Context
    from ..rulebook.finding import Finding
    from ..source.tree import Node, Span
    from ..template.serverless.service import Declared
    from ..template.stack import Function
    from ..values.guard import Guard
    from ..values.text import Element


def check(context: Context) -> Iterator[Finding]:
    """One finding per function, for the first alternative that is zero."""
    for function in context.stack.functions:
        for element in function.reserved:
            guard = _zero(element)
            if guard is None or guard.is_never:
                continue
            via = f", {element.via}" if element.via else ""
            yield context.finding(
                element.node,
                f"{function.label} is switched off: its reserved concurrency is 0{via}",
                resource=function.resource.owner,
                path=_path(context, function),
                guard=guard.display(),
                identity=("reserved-concurrency",),
                related=_related(context, function, element),
                note="0 throttles every invocation",
            )
            break


def _zero(element: Element) -> Guard | None:
    """When an alternative is zero; a default that a condition rules out is none."""
    literal = (element.text.literal or "").strip()
    if not literal or literal.strip("0") not in ("", "."):
        return None
    hole = element.origin.hole
    if hole is None or hole.exhaustive:
        return element.guard
    return element.guard if element.guard.together(equals(hole.identity, literal)) else None


def _own(function: Function) -> bool:
    local = function.resource.properties
    return local is not None and local.get("ReservedConcurrentExecutions") is not None


def _path(context: Context, function: Function) -> str:
    resource = function.resource
    if resource.owner != resource.id:
        declared = _declared(context, function)
        if declared is not None:
            return f"{declared.path}.reservedConcurrency"
        # The author lays it over the function in resources.
        return f"Resources.{resource.id}.Properties.ReservedConcurrentExecutions"
    if _own(function):
        return f"{resource.settings}.ReservedConcurrentExecutions"
    return "Globals.Function.ReservedConcurrentExecutions"


def _related(context: Context, function: Function, element: Element) -> list[tuple[Node | Span, str]]:
    declared = _declared(context, function)
    if declared is not None:
        node, around = element.node, declared.node
        inside = node.document is around.document and around.start <= node.start <= around.end
        return [] if inside else [(declared.place("reservedConcurrency"), "takes it from there")]
    return [] if _own(function) else [(function.resource.key, "takes it from Globals")]


def _declared(context: Context, function: Function) -> Declared | None:
    """The function as a service declares it with a reservation; None in any other template."""
    packaged, owner = context.stack.packaged, function.resource.owner
    declared = packaged.service.function(owner) if packaged is not None and owner != function.id else None
    return declared if declared is not None and declared.has("reservedConcurrency") else None
