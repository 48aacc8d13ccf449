"""Conditions: the expressions of a template's Conditions section become guards.

Comparisons of parameters with known values, of mappings and of anything made of them become exact guards;
what cannot be evaluated is an atom of its own, equal for equal expressions.
"""

from __future__ import annotations

from ..source.tree import Node, Scalar, Sequence
from .guard import ALWAYS, NEVER, Guard, equals
from .intrinsics import ALTERNATIVES, call, canonical, plain
from .text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .intrinsics import Resolver


# Conditions that refer to conditions, deeper than anyone writes.
_DEPTH = 50


def condition(name: str, node: Node, resolver: Resolver, atom: Guard) -> Guard:
    """The guard of a named condition.

    Args:
        name, node: the condition and its expression.
        resolver: of the template; notes a condition with too many combinations.
        atom: what to take for a condition at the end of a chain that is too long to follow.
    """
    if resolver.depth >= _DEPTH:
        return atom
    outside, resolver.depth = resolver.outside, resolver.depth + 1
    guard = evaluate(node, resolver)
    resolver.outside, resolver.depth = outside, resolver.depth - 1
    if guard.overflow:
        reason = "it has too many combinations of parameter values; what depends on it counts as possible"
        resolver.note(f"condition {name}", reason, node)
    return guard


def evaluate(node: Node, resolver: Resolver) -> Guard:
    """The guard of a condition expression."""
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
    one, two = _alternatives(left, resolver), _alternatives(right, resolver)
    if one is None or two is None or len(one) * len(two) > ALTERNATIVES:
        return _compared(canonical(left), canonical(right))
    guard = NEVER
    for a, when in one:
        for b, also in two:
            both = when.and_(also)
            if not both.is_never:
                guard = guard.or_(both.and_(_same(a, b)))
    return guard


def _alternatives(node: Node, resolver: Resolver) -> list[tuple[Text, Guard]] | None:
    """What a side of a comparison can be, each with its guard; None for too many.

    A parameter whose values are all known is filled in, except where it is the whole: that is an atom.
    """
    if isinstance(node, Scalar):
        return [(Text((plain(node),)), ALWAYS)]
    found = resolver.expression(node)
    done: list[tuple[Text, Guard]] = []
    for text, when in found:
        if not text.holes:
            # Conditions compare strings: a star is no wildcard in them.
            done.append((Text((text.literal or "",)), when))
        elif text.hole is not None or not all(hole.exhaustive for hole in text.holes):
            done.append((text, when))
        else:
            done += _filled(text, when)
        if len(done) > ALTERNATIVES:
            return None
    return done


def _filled(text: Text, when: Guard) -> list[tuple[Text, Guard]]:
    done = [(text, when)]
    for hole in text.holes:
        done = [
            (one.filled(hole, value), both)
            for one, guard in done
            for value in hole.values
            if not (both := guard.and_(equals(hole.identity, value, hole.values))).is_never
        ]
        if len(done) > ALTERNATIVES:
            break
    return [(Text((one.literal or "",)) if not one.holes else one, guard) for one, guard in done]


def _same(a: Text, b: Text) -> Guard:
    """When two texts are equal."""
    if a == b:
        return ALWAYS
    if a.literal is not None:
        a, b = b, a
    if a.literal is not None:
        return NEVER
    hole, other = a.hole, b.hole
    if b.literal is not None:
        values = hole.values if hole is not None and hole.exhaustive else ()
        return equals(a.display() if hole is None else hole.identity, b.literal, values)
    if hole is not None and other is not None and hole.exhaustive and other.exhaustive:
        guard = NEVER
        for value in dict.fromkeys(hole.values):
            mine, theirs = (equals(each.identity, value, each.values) for each in (hole, other))
            guard = guard.or_(mine.and_(theirs))
        return guard
    return _compared(_shown(a), _shown(b))


def _shown(text: Text) -> str:
    return text.hole.identity if text.hole is not None else text.display()


def _compared(one: str, two: str) -> Guard:
    both = sorted((one, two))
    return _opaque(f"{both[0]} = {both[1]}")
