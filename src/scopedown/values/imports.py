"""Fn::ImportValue: what the other templates of a run export.

An import whose template is among those that are checked becomes what is exported: a text, or a hole that
knows the type of the resource in the other template. Any other import is a hole known by its export's name.
"""

from __future__ import annotations

from ..source.tree import InputError, Mapping, Node
from .intrinsics import Resolver, canonical
from .text import Hole, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..source.discovery import Discovery
    from .guard import Guard
    from .text import Part

# Exports hold for one account and region, so these are the same in both templates.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
SHARED = ("AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::URLSuffix")


class Exports:
    """The exports of all templates under some paths, read at the first import that asks.

    Args:
        paths, exclude, hook, root: as for ``source.discovery.discover``.
        given: parameter values from outside the templates.
    """

    __slots__ = ("_arguments", "_found", "_given")

    def __init__(
        self,
        paths: Iterable[str],
        exclude: Iterable[str] = (),
        hook: bool = False,
        root: str | None = None,
        given: dict[str, str] | None = None,
    ) -> None:
        self._arguments = (tuple(paths), tuple(exclude), hook, root)
        self._given = dict(given or {})
        self._found: dict[str, list[Export]] | None = None

    def find(self, name: str) -> Export | None:
        """The one export of a name; None where no template has it, or templates disagree."""
        if self._found is None:
            from ..source.discovery import discover

            self._found = {}
            self._read(discover(*self._arguments))
        found = self._found.get(name, [])
        return found[0] if len({each.expression for each in found}) == 1 else None

    def _read(self, found: Discovery) -> None:
        for candidate in found.candidates():
            try:
                if b"Export" not in candidate.reader.read_bytes(candidate.path, candidate.named):
                    continue
            except InputError:
                continue  # told where the template itself is checked
            template = found.load(candidate)
            if template is not None:
                self._collect(Resolver(template.root, self._given, template.reader))

    def _collect(self, resolver: Resolver) -> None:
        outputs = resolver.root.get("Outputs")
        for _, output in outputs.entries if isinstance(outputs, Mapping) else []:
            export = output.get("Export") if isinstance(output, Mapping) else None
            name = export.get("Name") if isinstance(export, Mapping) else None
            value = output.get("Value") if isinstance(output, Mapping) else None
            if name is None or value is None:
                continue
            for element in resolver.texts(name, filled=True):
                if element.text.literal is not None and self._found is not None:
                    self._found.setdefault(element.text.literal, []).append(Export(resolver, value))


class Export:
    """One exported value: an expression of the template that ``resolver`` evaluates."""

    __slots__ = ("expression", "node", "resolver")

    def __init__(self, resolver: Resolver, node: Node) -> None:
        self.resolver = resolver
        self.node = node
        self.expression = (node.document.path, canonical(node))

    def text(self, name: str, identity: str) -> Text | None:
        """The value as the importing template sees it; None where it has several."""
        texts = self.resolver.expression(self.node)
        if len(texts) != 1:
            return None
        parts: list[Part] = []
        for part in texts[0][0].parts:
            if isinstance(part, Hole) and part.identity not in SHARED:
                whole = len(texts[0][0].parts) == 1
                parts.append(_imported(part, name, identity if whole else f"{identity} {part.identity}"))
            else:
                parts.append(part)
        return Text(tuple(parts))


def _imported(hole: Hole, name: str, identity: str) -> Hole:
    """A hole of the exporting template; it names no resource of this one, but keeps the type."""
    if hole.kind not in ("reference", "attribute"):
        return Hole(identity, "unknown")
    attribute = hole.attribute if hole.kind == "attribute" else as_attribute(hole)
    return Hole(identity, "attribute", f"export {name}", attribute, type=hole.type)


def as_attribute(hole: Hole) -> str:
    """The attribute that says the same as a Ref: the ARN's where Ref is that, else "Ref"."""
    from ..catalog.resources import cfn_type

    known = cfn_type(hole.type)
    return known.arn_attribute or "" if known is not None and known.ref == "arn" else "Ref"


def imported(argument: Node, resolver: Resolver, guard: Guard) -> list[tuple[Text, Guard]]:
    """What an Fn::ImportValue stands for, one text for each name that it may ask for."""
    found = []
    for text, when in resolver.expression(argument, guard):
        identity = f"{{Fn::ImportValue:{text.display()}}}"
        known = _exported(argument, text, identity, resolver)
        found.append((known or Text((Hole(identity, "unknown"),)), when))
    return found


def _exported(argument: Node, text: Text, identity: str, resolver: Resolver) -> Text | None:
    """What the run's templates export under a name; a name of parameters by their known values."""
    if resolver.exports is None:
        return None
    if text.literal is not None:
        names = [text.literal]
    else:
        filled = [element.text.literal for element in resolver.texts(argument, filled=True)]
        names = [name for name in filled if name is not None]
        if not names or len(names) < len(filled):
            return None
    values = []
    for name in names:
        export = resolver.exports.find(name)
        values.append(export.text(name, identity) if export is not None else None)
    first = values[0]
    alike = all(value is not None and _alike(value, first) for value in values)
    return first if alike else None


def _alike(value: Text, other: Text | None) -> bool:
    kinds = [[(each.type, each.attribute) for each in text.holes] for text in (value, other or value)]
    return value == other and kinds[0] == kinds[1]
