"""Conditions: the expressions of a template's Conditions section become guards."""

from __future__ import annotations

from ..source.tree import Node, Scalar, Sequence
from .guard import ALWAYS, NEVER, Guard, equals
from .intrinsics import call, canonical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .intrinsics import Resolver


def evaluate(node: Node, resolver: Resolver) -> Guard:
    """The guard of a condition expression; what cannot be evaluated is an atom of its own."""
    function = call(node)
    if function is None:
        return _opaque(canonical(node))
    name, argument = function
    if name == "Condition" and isinstance(argument, Scalar):
        return resolver.guard(argument.value)
    items = argument.items if isinstance(argument, Sequence) else [argument]
    if name == "Fn::Not" and items:
        return evaluate(items[0], resolver).not_()
    if name in ("Fn::And", "Fn::Or") and items:
        guard = evaluate(items[0], resolver)
        for item in items[1:]:
            other = evaluate(item, resolver)
            guard = guard.and_(other) if name == "Fn::And" else guard.or_(other)
        return guard
    if name == "Fn::Equals" and len(items) == 2:
        return _equals(items[0], items[1], resolver)
    return _opaque(canonical(node))


def _opaque(expression: str) -> Guard:
    return equals(expression, "true", ("true", "false"))


def _equals(left: Node, right: Node, resolver: Resolver) -> Guard:
    one, two = resolver.expression(left), resolver.expression(right)
    if len(one) == len(two) == 1:
        (a, _), (b, _) = one[0], two[0]
        if a == b:
            return ALWAYS
        if a.literal is not None and b.literal is not None:
            return NEVER
        if a.literal is not None:
            a, b = b, a
        if b.literal is not None:
            hole = a.hole
            values = hole.values if hole is not None and hole.exhaustive else ()
            return equals(a.display() if hole is None else hole.identity, b.literal, values)
    both = sorted((canonical(left), canonical(right)))
    return _opaque(f"{both[0]} = {both[1]}")
