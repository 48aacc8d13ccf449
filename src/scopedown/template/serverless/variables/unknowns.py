"""Nodes for what a variable cannot say here: a hole, text around holes, and a choice with its fallback.

A source that only deployment knows is the mapping ``{Fn::Variable: source}``, text around it ``Fn::Join``,
and one that has a fallback ``Fn::If`` with a condition named after the source ("env:ROLE is set").
"""

from __future__ import annotations

import re

from ....source.tree import Mapping, Node, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence as Listed

VARIABLE = "Fn::Variable"
_NULLS = ("", "~", "null", "Null", "NULL")
_NUMERIC = frozenset("+-._0123456789")
_INTEGER = r"[-+]?[0-9][0-9_]*\Z"
_FLOAT = r"[-+]?(?:[0-9][0-9_]*)?\.?[0-9_]*(?:[eE][-+]?[0-9]+)?\Z"
_DATE = r"[0-9]{4}-[0-9][0-9]-[0-9][0-9]\Z"


class Unknown(Mapping):
    """A mapping made of a variable that is not known.

    Args:
        kind: "variable", "join", "if" or "ref".
        parts: the text of the source; the pieces of the text; condition, hole and fallback; the name.
        at: where it stands.
    """

    __slots__ = ("kind", "parts")

    def __init__(self, kind: str, parts: Listed[str | Node], at: Node) -> None:
        super().__init__(at.document, at.start, at.end, self._content, True, kind == "variable")
        self.kind = kind
        self.parts = list(parts)

    def _content(self) -> tuple[list[tuple[Scalar, Node]], list[Scalar]]:
        names = {"variable": VARIABLE, "join": "Fn::Join", "if": "Fn::If", "ref": "Ref"}
        nodes = [text(part, self) if isinstance(part, str) else part for part in self.parts]
        argument = nodes[0]
        if self.kind == "join":
            argument = listed([text("", self), listed(nodes, self)], self)
        elif self.kind == "if":
            argument = listed(nodes, self)
        return [(Scalar(self.document, self.start, self.end, names[self.kind]), argument)], []


def text(value: str, at: Node) -> Scalar:
    """A string that stands where ``at`` stands."""
    return Scalar(at.document, at.start, at.end, value, '"')


def listed(nodes: list[Node], at: Node) -> Sequence:
    """A list that stands where ``at`` stands."""
    return Sequence(at.document, at.start, at.end, lambda: nodes, True)


def hole(source: str, at: Node) -> Unknown:
    """What only deployment knows."""
    return Unknown("variable", [source], at)


def either(condition: str, then: Node, otherwise: Node, at: Node) -> Unknown:
    """A source that may have a value, with what counts where it has none."""
    return Unknown("if", [condition, then, otherwise], at)


def joined(pieces: list[str | Node], at: Node) -> Node:
    """Text put together from pieces; a plain string where all of them are known."""
    parts: list[str | Node] = []
    for piece in pieces:
        if isinstance(piece, str) and parts and isinstance(parts[-1], str):
            parts[-1] += piece
        elif piece != "":
            parts.append(piece)
    if not parts or (len(parts) == 1 and isinstance(parts[0], str)):
        return text("".join(part for part in parts if isinstance(part, str)), at)
    return Unknown("join", parts, at)


def again(node: Node) -> Node:
    """A node of its own that says and stands for the same; collections stay what they are."""
    if isinstance(node, Scalar):
        return Scalar(node.document, node.start, node.end, node.value, node.style)
    return Unknown(node.kind, node.parts, node) if isinstance(node, Unknown) else node


def fallback(node: Node) -> Node:
    """What counts where nothing that is not known has a value."""
    while isinstance(node, Unknown) and node.kind == "if":
        last = node.parts[2]
        assert isinstance(last, Node)
        node = last
    return node


def conditions(node: Node) -> list[str]:
    """The names of the conditions before the last fallback."""
    found: list[str] = []
    while isinstance(node, Unknown) and node.kind == "if":
        name, _, last = node.parts
        assert isinstance(name, str) and isinstance(last, Node)
        found.append(name)
        node = last
    return found


def condition(source: str) -> str:
    """How to call the case that a source has a value."""
    kind = source.partition(":")[0].partition("(")[0]
    if kind in ("opt", "param"):
        return f"{source} is given"
    return f"{source} is set" if kind == "env" else f"{source} has a value"


def is_null(node: Node | None) -> bool:
    """Whether a value counts as missing."""
    return node is None or (isinstance(node, Scalar) and not node.style and node.value in _NULLS)


def as_text(node: Scalar) -> str:
    """The string that a scalar is inside a longer one, as JavaScript writes the values of js-yaml.

    https://github.com/nodeca/js-yaml reads ``0123`` as the number 123, ``1.50`` as 1.5 and a date as a
    timestamp.
    """
    value = node.value
    if node.style:
        return value
    if value in ("True", "TRUE", "False", "FALSE"):
        return value.lower()
    if value[:1] not in _NUMERIC:
        return value  # most strings; the expressions are compiled for those that need them
    if re.match(_INTEGER, value):
        number = int(value.replace("_", "")) if len(value) < 20 else float(value.replace("_", ""))
        return _number(number)
    if re.match(_FLOAT, value) and any(char.isdigit() for char in value):
        try:
            return _number(float(value.replace("_", "")))
        except ValueError:
            return value
    return value + "T00:00:00.000Z" if re.match(_DATE, value) else value


def _number(number: float) -> str:
    """A number as JavaScript writes it."""
    if abs(number) < 1e21 and number == int(number):
        return str(int(number))
    return repr(number)
