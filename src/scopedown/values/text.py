"""Text: a string that may be partly unknown.

A literal run, an IAM wildcard, an IAM policy variable and a hole (something that only deployment decides)
are four different things. A hole is never a wildcard and never safe: whoever decides about a Text has to
say what holes mean for the decision.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..source.tree import Node
    from .guard import Guard

# IAM policy variables, and the escapes ${*} ${?} ${$}; a dynamic reference is replaced at deployment.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
_SPECIAL = re.compile(r"\*|\?|\$\{([^}]*)\}|\{\{resolve:[^}]*\}\}")


class Wildcard:
    """An IAM wildcard: ``*`` (any run of characters) or ``?`` (one character)."""

    __slots__ = ("sign",)

    def __init__(self, sign: str) -> None:
        self.sign = sign

    def __repr__(self) -> str:
        return f"Wildcard({self.sign!r})"


STAR = Wildcard("*")
QUESTION = Wildcard("?")


class Variable:
    """An IAM policy variable such as ``${aws:username}``: decided per request, one wildcard-free value."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Variable) and other.name.lower() == self.name.lower()

    def __hash__(self) -> int:
        return hash(self.name.lower())

    def __repr__(self) -> str:
        return f"Variable({self.name!r})"


class Hole:
    """A part of a string that cannot be evaluated here, known by what it stands for.

    Args:
        identity: canonical name; equal identities are equal values (``OrdersTable.Arn``, ``AWS::Region``).
        kind: ``pseudo``, ``reference`` (Ref to a resource), ``attribute`` (GetAtt), ``parameter``,
            ``variable`` (of the Serverless Framework) or ``unknown`` (any other intrinsic).
        resource: logical id for references and attributes, parameter name for parameters.
        attribute: name of the attribute for kind ``attribute``.
        values: the values known to be possible (a default, the allowed values); empty when none is known.
        exhaustive: whether ``values`` are all there can be.
        display: how the hole is written inside Fn::Sub, or None when it cannot be.
        type: the CloudFormation type of the resource, for references and attributes.
    """

    __slots__ = ("attribute", "display", "exhaustive", "identity", "kind", "resource", "type", "values")

    def __init__(
        self,
        identity: str,
        kind: str,
        resource: str = "",
        attribute: str = "",
        values: tuple[str, ...] = (),
        exhaustive: bool = False,
        display: str | None = None,
        type: str = "",
    ) -> None:
        self.identity = identity
        self.kind = kind
        self.resource = resource
        self.attribute = attribute
        self.values = values
        self.exhaustive = exhaustive
        self.display = display
        self.type = type

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hole) and other.identity == self.identity

    def __hash__(self) -> int:
        return hash(self.identity)

    def __repr__(self) -> str:
        return f"Hole({self.identity!r})"


if TYPE_CHECKING:
    Part = str | Wildcard | Variable | Hole


class Text:
    """A string in parts; adjacent literal runs are joined."""

    __slots__ = ("parts",)

    def __init__(self, parts: tuple[Part, ...]) -> None:
        self.parts = parts

    @classmethod
    def of(cls, string: str) -> Text:
        """Text of a policy string: wildcards, policy variables and dynamic references are told apart."""
        if "*" not in string and "?" not in string and "${" not in string and "{{" not in string:
            return cls((string,))
        return cls(tuple(_parts(string)))

    @classmethod
    def join(cls, pieces: Iterable[Part]) -> Text:
        """Text from parts in order, joining literal runs."""
        parts: list[Part] = []
        for piece in pieces:
            if isinstance(piece, str) and parts and isinstance(parts[-1], str):
                parts[-1] += piece
            elif piece != "":
                parts.append(piece)
        return cls(tuple(parts) or ("",))

    @property
    def holes(self) -> list[Hole]:
        """The unknown parts, in order."""
        return [part for part in self.parts if isinstance(part, Hole)]

    @property
    def literal(self) -> str | None:
        """The string as IAM reads it (wildcards and variables included); None when a part is unknown."""
        parts = self.parts
        if len(parts) == 1 and isinstance(parts[0], str):
            return parts[0]
        if any(part.__class__ is Hole for part in parts):
            return None
        return written(parts)

    @property
    def hole(self) -> Hole | None:
        """The hole, when the whole string is one."""
        part = self.parts[0]
        return part if len(self.parts) == 1 and isinstance(part, Hole) else None

    def display(self) -> str:
        """The string as it would stand in Fn::Sub: holes as ``${Name}``, policy variables as in IAM."""
        return written(self.parts)

    def filled(self, hole: Hole, value: str) -> Text:
        """The text with a value in the place of a hole."""
        parts: list[Part] = []
        for part in self.parts:
            parts += Text.of(value).parts if part == hole else (part,)
        return Text.join(parts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Text) and other.parts == self.parts

    def __hash__(self) -> int:
        return hash(self.parts)

    def __repr__(self) -> str:
        return f"Text({self.display()!r})"


class Masked(Text):
    """What a NoEcho parameter brings: judged like any other text, shown as ``shown``."""

    __slots__ = ("shown",)

    def __init__(self, parts: tuple[Part, ...], shown: str) -> None:
        super().__init__(parts)
        self.shown = shown

    def display(self) -> str:
        """What stands in the template."""
        return self.shown


def written(parts: Iterable[Part]) -> str:
    """Parts as they would stand in Fn::Sub."""
    shown = []
    for part in parts:
        if isinstance(part, str):
            shown.append(part)
        elif isinstance(part, Wildcard):
            shown.append(part.sign)
        elif isinstance(part, Variable):
            shown.append("${" + part.name + "}")
        else:
            shown.append(part.display or "${" + part.identity + "}")
    return "".join(shown)


def rejoined(parts: Iterable[Part]) -> Text:
    """Text from joined pieces: a wildcard's escape, a policy variable or a dynamic reference may only come
    together once they are joined."""
    text = Text.join(parts)
    if not any(isinstance(part, str) and ("${" in part or "{{" in part) for part in text.parts):
        return text
    again: list[Part] = []
    for part in text.parts:
        again += Text.of(part).parts if isinstance(part, str) else (part,)
    if any(isinstance(part, str) and "{{resolve:" in part for part in again):
        from .pieces import closed

        again = closed(again)
    return Text.join(again)


def _parts(string: str) -> list[Part]:
    parts: list[Part] = []
    at = 0
    for found in _SPECIAL.finditer(string):
        if found.start() > at:
            parts.append(string[at : found.start()])
        at = found.end()
        sign = found.group()
        if sign == "*":
            parts.append(STAR)
        elif sign == "?":
            parts.append(QUESTION)
        elif sign.startswith("{{"):
            parts.append(Hole(sign, "unknown", display=sign))
        else:
            parts.append(Variable(found.group(1)))
    if at < len(string):
        parts.append(string[at:])
    return parts


class Element:
    """One value that a template gives for a property, with the condition under which it does.

    Args:
        text: the value as rules judge it (a parameter with known values is replaced by them).
        guard: when the value holds.
        node: what to underline.
        via: where a replaced value comes from ("default of parameter X"), else "".
        origin: the value before the replacement; equal to ``text`` where nothing was replaced.
    """

    __slots__ = ("guard", "node", "origin", "text", "via")

    def __init__(
        self, text: Text, guard: Guard, node: Node, via: str = "", origin: Text | None = None
    ) -> None:
        self.text = text
        self.guard = guard
        self.node = node
        self.via = via
        self.origin = origin if origin is not None else text

    def __repr__(self) -> str:
        return f"Element({self.text.display()!r})"
