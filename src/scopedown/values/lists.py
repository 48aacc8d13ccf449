"""Functions over lists: Fn::Select, Fn::Split, Fn::Length and Fn::Join of a list that is not written out.

What comes of a parameter's value is a hole that knows it, since deployment may give another value.
"""

from __future__ import annotations

from ..source.tree import Mapping, Node, Scalar, Sequence
from .guard import Guard, equals, named
from .intrinsics import ALTERNATIVES, call, canonical
from .pieces import pieces
from .text import Element, Hole, Text, rejoined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .intrinsics import Resolver
    from .parameters import Parameter
    from .text import Part

    # The members of a list: a node, a text, or None for a member that is not known.
    Items = list[Node | Text | None]


def evaluate(name: str, argument: Node, resolver: Resolver, guard: Guard) -> list[tuple[Text, Guard]]:
    """The values of Fn::Select or Fn::Length; empty where they cannot be known."""
    if name == "Fn::Length":
        lists = _lists(argument, resolver, guard)
        return [(_length(items, argument), when) for items, when in lists if None not in items]
    if not isinstance(argument, Sequence) or len(argument.items) != 2:
        return []
    indexes = {text.literal for text, _ in resolver.expression(argument.items[0])}
    index = indexes.pop() if len(indexes) == 1 else None
    if index is None or not index.isdecimal() or len(index) > 6:
        return []
    found = []
    for items, when in _lists(argument.items[1], resolver, guard):
        # Where one alternative is too short, deployment fails under it.
        item = items[int(index)] if int(index) < len(items) else ""
        if item is None:
            return []
        if isinstance(item, Node):
            found += resolver.expression(item, when)
        elif isinstance(item, Text):
            found.append((item, when))
    return found


def _length(items: Items, argument: Node) -> Text:
    """A number; where it is that of a parameter's value, a hole that knows it."""
    length = str(len(items))
    for item in items:
        hole = item.hole if isinstance(item, Text) else None
        if hole is not None and hole.values:
            identity = f"{{Fn::Length:{canonical(argument)}}}"
            return Text((Hole(identity, "unknown", hole.resource, values=(length,)),))
    return Text((length,))


def join(
    delimiter: str, values: Node, node: Node, resolver: Resolver, guard: Guard
) -> list[tuple[Text, Guard]]:
    """The strings that Fn::Join makes of a list that a function gives; empty where it cannot be known."""
    found = []
    for items, when in _lists(values, resolver, guard):
        parts: list[Part] = []
        known: list[str] = []
        parameter = ""
        for number, item in enumerate(items):
            if item is None:
                return []
            texts = resolver.expression(item) if isinstance(item, Node) else [(item, when)]
            if len(texts) != 1:
                return []
            hole = texts[0][0].hole
            if hole is not None and hole.kind == "unknown" and len(hole.values) == 1:
                parameter = hole.resource
                known.append(hole.values[0])
            parts += [delimiter if number else "", *texts[0][0].parts]
        if parameter and len(known) == len(items):
            value = (delimiter.join(known),)
            found.append((Text((Hole(canonical(node), "unknown", parameter, values=value),)), when))
        else:
            found.append((rejoined(parts), when))
    return found


def members(node: Node, resolver: Resolver, guard: Guard) -> list[tuple[Node, Guard]]:
    """The members of the list that Fn::Split gives, each as the Fn::Select that picks it."""
    alternatives = [items for items, _ in _lists(node, resolver, guard)]
    known = [items.index(None) if None in items else len(items) for items in alternatives]
    complete = bool(known) and not any(None in items for items in alternatives)
    count = (max(known) if complete else min(known)) if known else 0
    found: list[tuple[Node, Guard]] = [(_select(number, node), guard) for number in range(count)]
    return found if complete else [*found, (node, guard)]


def _select(number: int, node: Node) -> Mapping:
    document, start, end = node.document, node.start, node.end
    items: list[Node] = [Scalar(document, start, end, str(number)), node]
    argument = Sequence(document, start, end, lambda: items, True)
    key = Scalar(document, start, start, "Fn::Select")
    return Mapping(document, start, end, lambda: ([(key, argument)], []), True, True)


def listed(parameter: Parameter, guard: Guard, node: Node, origin: Text) -> list[Element]:
    """The members of a list parameter. Of its allowed values each may be among them or not."""
    found = []
    for value in _values(parameter):
        when = guard
        if parameter.given == "allowed":
            label = f"{parameter.name} has {'such a value' if parameter.secret else value}"
            atom = equals(f"{parameter.name} has {value}", "true", ("true", "false"))
            when = guard.and_(named(atom, label))
        if value:
            found.append(Element(parameter.text(value), when, node, parameter.via, origin))
    return found


def _values(parameter: Parameter) -> list[str]:
    if parameter.given == "allowed":
        return list(parameter.values)
    return [value.strip() for value in parameter.values[0].split(",")]


def _lists(node: Node, resolver: Resolver, guard: Guard) -> list[tuple[Items, Guard]]:
    """The lists that a node can be; empty where one of them is not known at all."""
    found: list[tuple[Items, Guard]] = []
    for branch, when in resolver.branches(node, guard):
        function = call(branch)
        if isinstance(branch, Sequence):
            found.append(([item for item in branch.items if resolver.branches(item)], when))
        elif function is not None and function[0] == "Fn::Split":
            split = _split(function[1], canonical(branch), resolver, when)
            if not split:
                return []
            found += split
        elif function is not None and function[0] == "Ref" and isinstance(function[1], Scalar):
            parameter = resolver.parameter(function[1].value)
            if parameter is None or not parameter.is_list or not parameter.values:
                return []
            if parameter.given == "allowed":
                return []
            texts = [Text.of(value) for value in _values(parameter)]
            found.append((_kept(texts, canonical(branch), parameter), when))
        else:
            return []
    return found


def _kept(items: list[Text | None] | list[Text], source: str, parameter: Parameter | None) -> Items:
    """Pieces of a parameter's value: holes that know it, since deployment may give another one."""
    if parameter is None or (parameter.outside and not parameter.secret):
        return [*items]
    kept: Items = []
    for number, item in enumerate(items):
        literal = item.literal if item is not None else None
        if literal is None:
            kept.append(item)
        else:
            identity = f"{{Fn::Select:[{number},{source}]}}"
            kept.append(Text((Hole(identity, "unknown", parameter.name, values=(literal,)),)))
    return kept


def _split(argument: Node, source: str, resolver: Resolver, guard: Guard) -> list[tuple[Items, Guard]]:
    if not isinstance(argument, Sequence) or len(argument.items) != 2:
        return []
    delimiter, node = argument.items
    if not isinstance(delimiter, Scalar) or not delimiter.value:
        return []
    found: list[tuple[Items, Guard]] = []
    for text, when in resolver.expression(node, guard):
        for filled, also, parameter in _filled(text, when, resolver):
            found.append((_kept(pieces(filled, delimiter.value), source, parameter), also))
    return found if len(found) <= ALTERNATIVES else []


def _filled(text: Text, guard: Guard, resolver: Resolver) -> list[tuple[Text, Guard, Parameter | None]]:
    """A text with the known values of its parameters."""
    found: list[tuple[Text, Guard, Parameter | None]] = [(text, guard, None)]
    for hole in text.holes:
        if not hole.values or len(found) > ALTERNATIVES:
            continue
        parameter = resolver.parameter(hole.resource)
        grown: list[tuple[Text, Guard, Parameter | None]] = []
        for one, when, _ in found:
            for value in hole.values:
                both = when
                if hole.exhaustive:
                    both = when.and_(equals(hole.identity, value, hole.values))
                if not both.is_never:
                    grown.append((one.filled(hole, value), both, parameter))
        found = grown
    return found


def attribute(argument: Sequence, resolver: Resolver) -> Text | None:
    """What GetAtt of computed names is: the language extensions take functions in both places."""
    names = [resolver.expression(item) for item in argument.items]
    words = [found[0][0].literal for found in names if len(found) == 1]
    if len(words) < len(names) or len(names) < 2 or None in words:
        return None
    return resolver.attribute(".".join(word for word in words if word is not None))
