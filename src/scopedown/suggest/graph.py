"""Dependencies between a template's resources: would a reference be refused as circular?"""

from __future__ import annotations

from ..source.tree import Mapping, Node, Scalar, Sequence
from ..values.intrinsics import call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..source.tree import Span
    from ..template.stack import Resource, Stack
    from ..values.text import Part
    from .arns import Arn

    # A resource, how it is handed over, for which actions, and the place that shows it.
    Handed = tuple[Resource, str, frozenset[str] | None, tuple[Span, str]]

_graphs: list[Graph] = []


def references(node: Node | None) -> list[tuple[str, str, Node]]:
    """Every (logical id or name, attribute or "", place) that Ref, GetAtt and Sub name below a node."""
    found: list[tuple[str, str, Node]] = []
    queue: list[Node] = [node] if node is not None else []
    while queue:
        item = queue.pop()
        if isinstance(item, Sequence):
            queue += item.items
        elif isinstance(item, Mapping):
            function = call(item)
            if function is not None:
                found += _named(function[0], function[1], item)
            queue += [value for _, value in item.entries]
    return found


def _named(name: str, argument: Node, node: Node) -> list[tuple[str, str, Node]]:
    if name == "Ref" and isinstance(argument, Scalar):
        return [(argument.value, "", node)]
    if name == "Fn::GetAtt":
        if isinstance(argument, Scalar):
            id, _, attribute = argument.value.partition(".")
            return [(id, attribute, node)]
        if isinstance(argument, Sequence) and argument.items:
            parts = [item.value for item in argument.items if isinstance(item, Scalar)]
            return [(parts[0], ".".join(parts[1:]), node)] if parts else []
    if name == "Fn::Sub":
        text = argument.items[0] if isinstance(argument, Sequence) and argument.items else argument
        if isinstance(text, Scalar):
            return [(*_split(piece), node) for piece in text.value.split("${")[1:]]
    return []


def _split(piece: str) -> tuple[str, str]:
    name = piece.partition("}")[0].strip()
    id, _, attribute = name.partition(".")
    return id, attribute


class Graph:
    """What each resource directly depends on, read when first asked for."""

    __slots__ = (
        "_circular",
        "_direct",
        "_events",
        "_holding",
        "_places",
        "arns",
        "by_service",
        "handed",
        "named",
        "stack",
    )

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._holding: dict[str, list[Resource]] = {}
        self._direct: dict[str, set[str]] = {}
        self._events: list[tuple[str, str, bool]] | None = None
        self._circular: dict[tuple[str, str], bool] = {}
        self.handed: dict[int, list[Handed]] = {}  # what ``links`` found for a function
        self.named: dict[tuple[Part, ...], list[str]] = {}  # and by a value that stands in no reference
        self.arns: dict[tuple[str, str, tuple[str, ...], str, bool], list[tuple[str, Arn]]] = {}
        self.by_service: dict[str, list[Resource]] = {}  # IAM prefix to resources, for ``display``
        self._places: tuple[list[int], list[Resource]] | None = None

    def mentioning(self, word: str) -> list[Resource]:
        """The resources whose text holds a word, in source order: a search is faster than the tree."""
        if self.stack.packaged is not None:
            # Its resources stand in several files, and some of them nowhere.
            if word not in self._holding:
                found = [each for each in self.stack.resources.values() if word and _holds(each.node, word)]
                self._holding[word] = found
            return self._holding[word]
        if self._places is None:
            ordered = sorted(self.stack.resources.values(), key=lambda resource: resource.node.start)
            self._places = [resource.node.start for resource in ordered], ordered
        starts, resources = self._places
        text = self.stack.document.text
        found = []
        at = text.find(word) if word else -1
        while at >= 0:
            number = _last_before(starts, at)
            if number >= 0 and at < resources[number].node.end:
                found.append(resources[number])
                at = resources[number].node.end
            elif number + 1 < len(starts):
                at = starts[number + 1]
            else:
                break
            at = text.find(word, at)
        return found

    def names(self, resource: Resource, word: str) -> bool:
        """Whether the text of a resource holds a word."""
        node = resource.node
        if self.stack.packaged is not None:
            return _holds(node, word)
        return self.stack.document.text.find(word, node.start, node.end) >= 0

    def circular(self, owner: str, target: str) -> bool:
        """Whether a reference from ``owner`` to ``target`` closes a circle: ``target`` needs ``owner``."""
        key = (owner, target)
        if key not in self._circular:
            self._circular[key] = self._reaches(target, owner)
        return self._circular[key]

    def _reaches(self, start: str, end: str) -> bool:
        seen: set[str] = set()
        queue = [start]
        while queue:
            at = queue.pop()
            if at == end:
                return True
            if at not in seen:
                seen.add(at)
                queue += self.direct(at)
        return False

    def direct(self, id: str) -> set[str]:
        """The logical ids that a resource names or waits for, as deployed."""
        found = self._direct.get(id)
        if found is None:
            found = self._direct[id] = _written(self.stack.resources[id], self.stack)
            for source, function, elsewhere in self._turned():
                if id == source:
                    found.add(function)
                elif id == function and not elsewhere:
                    found.discard(source)
        return found

    def _turned(self) -> list[tuple[str, str, bool]]:
        """The events that SAM turns round: (source, function, whether it names the source elsewhere too)."""
        if self._events is None:
            self._events = list(_turned(self.stack)) if self.stack.dialect == "sam" else []
        return self._events


def graph_of(stack: Stack) -> Graph:
    """The graph of a stack; the one asked for last is kept."""
    if not _graphs or _graphs[0].stack is not stack:
        _graphs[:] = [Graph(stack)]
    return _graphs[0]


def _holds(node: Node, word: str) -> bool:
    """Whether a word stands in some text below a node."""
    if isinstance(node, Sequence):
        return any(_holds(item, word) for item in node.items)
    if isinstance(node, Mapping):
        return any(_holds(value, word) for _, value in node.entries)
    return isinstance(node, Scalar) and word in node.value


def _last_before(starts: list[int], at: int) -> int:
    """The index of the last start that does not lie behind a place; -1 where there is none."""
    low, high = 0, len(starts)
    while low < high:
        middle = (low + high) // 2
        if starts[middle] <= at:
            low = middle + 1
        else:
            high = middle
    return low - 1


def _written(resource: Resource, stack: Stack) -> set[str]:
    found = {id for id, _, _ in references(resource.properties) if id in stack.resources}
    waits = resource.node.get("DependsOn")
    items = waits.items if isinstance(waits, Sequence) else [waits]
    found.update(item.value for item in items if isinstance(item, Scalar) and item.value in stack.resources)
    found.discard(resource.id)
    return found


def _turned(stack: Stack) -> Iterable[tuple[str, str, bool]]:
    """Events that read as if the function depended on their source, where SAM makes it the other way round.

    A bucket or user pool whose events a function handles names this function.
    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-s3.html
    """
    for resource in stack.of_type("AWS::Serverless::Function"):
        events = resource.properties.get("Events") if resource.properties is not None else None
        if not isinstance(events, Mapping):
            continue
        for _, event in events.entries:
            kind = event.get("Type") if isinstance(event, Mapping) else None
            body = event.get("Properties") if isinstance(event, Mapping) else None
            if not isinstance(kind, Scalar) or not isinstance(body, Mapping):
                continue
            for name in _REWRITTEN.get(kind.value, ()):
                for id, _, _ in references(body.get(name)):
                    if id in stack.resources:
                        yield id, resource.id, _elsewhere(resource, id, events)


_REWRITTEN = {"S3": ("Bucket",), "Cognito": ("UserPool",), "Api": ("RestApiId",), "HttpApi": ("ApiId",)}


def _elsewhere(resource: Resource, id: str, events: Mapping) -> bool:
    if resource.properties is None:
        return False
    rest = [value for _, value in resource.properties.entries if value is not events]
    return any(name == id for value in rest for name, _, _ in references(value))


def circular(stack: Stack, owner: str, target: str) -> bool:
    """Whether a reference from ``owner`` to ``target`` closes a circle: ``target`` needs ``owner``."""
    return graph_of(stack).circular(owner, target)
