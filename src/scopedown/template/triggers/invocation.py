"""What every reader of triggers shares: which function an expression names, and how a trigger is recorded."""

from __future__ import annotations

from ...source.tree import Mapping, Scalar
from ...values.intrinsics import call
from ...values.text import Hole
from ..stack import Trigger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...source.tree import Node
    from ...values.guard import Guard
    from ...values.text import Part, Text
    from ..stack import Function, Stack

    Place = tuple[Node, Guard, str]  # a node, when it stands there, and its path
    Source = tuple[Text | None, str | None]  # ARN or name of what invokes, and its logical id

# What a resource that stands for a function points to it with.
_ALIASES = {
    "AWS::Lambda::Alias": "FunctionName",
    "AWS::Lambda::Version": "FunctionName",
    "AWS::Lambda::Url": "TargetFunctionArn",
}


class Finder:
    """Finds the functions of a stack by the expressions that name them, and gives them their triggers."""

    __slots__ = ("_names", "by_id", "resolver", "stack")

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.resolver = stack.resolver
        self.by_id: dict[str, Function] = {}
        for function in stack.functions:
            self.by_id.setdefault(function.id, function)
            self.by_id.setdefault(function.resource.id, function)
        self._names: dict[tuple[Part, ...], Function] | None = None

    # -- expressions -------------------------------------------------------------------------------

    def functions(self, node: Node | None, guard: Guard) -> list[tuple[Function, Guard]]:
        """The functions that an expression names (by name, ARN, alias, version or integration URI)."""
        found: list[tuple[Function, Guard]] = []
        for element in self.resolver.elements(node, guard):
            named = self.named(element.origin)
            if not named and element.text is not element.origin:
                named = self.named(element.text)
            found += [(function, element.guard) for function in named]
        return found

    def named(self, text: Text) -> list[Function]:
        """The functions that a text names: through its references, else by the literal name."""
        found: dict[str, Function] = {}
        for part in text.parts:
            if isinstance(part, Hole) and part.resource:
                function = self._function(part.resource)
                if function is not None:
                    found[function.id] = function
        if not found:
            function = self._by_name().get(_name(text))
            if function is not None:
                return [function]
        return list(found.values())

    def called(self, name: str) -> list[Function]:
        """The function whose FunctionName is this."""
        function = self._by_name().get((name,))
        return [function] if function is not None else []

    def _function(self, id: str, depth: int = 3) -> Function | None:
        id = id.partition(".")[0]  # SAM's generated ${Function.Alias} and ${Function.Version}
        function = self.by_id.get(id)
        if function is not None or depth == 0:
            return function
        resource = self.stack.resources.get(id)
        if resource is None:
            return self._generated(id)
        points_with = _ALIASES.get(resource.type)
        if points_with is None or resource.properties is None:
            return None
        for element in self.resolver.elements(resource.properties.get(points_with)):
            for part in element.origin.parts:
                if isinstance(part, Hole) and part.resource:
                    function = self._function(part.resource, depth - 1)
                    if function is not None:
                        return function
            function = self._by_name().get(_name(element.text))
            if function is not None:
                return function
        return None

    def _generated(self, id: str) -> Function | None:
        # https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources-function.html
        for word in ("Alias", "Version"):
            owner = self.by_id.get(id.rpartition(word)[0])
            if owner is not None and owner.resource.type == "AWS::Serverless::Function":
                return owner
        return None

    def _by_name(self) -> dict[tuple[Part, ...], Function]:
        if self._names is None:
            self._names = {}
            for function in self.stack.functions:
                for element in self.resolver.elements(function.properties.get("FunctionName")):
                    self._names[element.origin.parts] = function
                    self._names[element.text.parts] = function
        return self._names

    def source(self, node: Node | None) -> Source:
        """The text of an ARN, name or identifier, and the resource of the template that it is."""
        elements = self.resolver.elements(node)
        if not elements:
            return None, None
        text = elements[0].origin
        return text, self.resource_of(text)

    def sources(self, node: Node | None, guard: Guard) -> list[tuple[Source, Guard]]:
        """As ``source``, but of several alternatives none is taken for the others (see ``told_apart``)."""
        found = self.resolver.elements(node, guard)
        return told_apart(
            [((each.origin, self.resource_of(each.origin)), each.guard) for each in found], guard
        )

    def resource_of(self, text: Text) -> str | None:
        """The first resource of the template that a text refers to."""
        for part in text.parts:
            if isinstance(part, Hole) and part.kind in ("reference", "attribute", "unknown"):
                id = part.resource.partition(".")[0]
                if id in self.stack.resources:
                    return id
        return None

    def word(self, node: Node | None) -> str | None:
        """The one literal that a node is, or None."""
        if isinstance(node, Scalar):
            return node.value
        elements = self.resolver.elements(node)
        return elements[0].text.literal if len(elements) == 1 else None

    def at(self, start: Node | None, steps: Iterable[str], guard: Guard, path: str) -> list[Place]:
        """The places that a path leads to, Fn::If followed on every level.

        Args:
            steps: keys; "Key[]" goes through the members of a list, "*" through all values of a mapping
                and their members.
        """
        level: list[Place] = [(start, guard, path)] if start is not None else []
        for step in steps:
            below: list[Place] = []
            for node, when, here in level:
                if isinstance(node, Mapping) and call(node) is None:
                    self._step(node, step, when, here, below)
            level = below
        return level

    def _step(self, node: Mapping, step: str, guard: Guard, path: str, found: list[Place]) -> None:
        if step == "*":
            for key, value in node.entries:
                found += [(n, g, f"{path}.{key.value}") for n, g in self.resolver.members(value, guard)]
        elif step.endswith("[]"):
            name = step[:-2]
            members = self.resolver.members(node.get(name), guard)
            found += [(n, g, f"{path}.{name}[{number}]") for number, (n, g) in enumerate(members)]
        else:
            found += [(n, g, f"{path}.{step}") for n, g in self.resolver.branches(node.get(step), guard)]

    def switched_off(self, node: Node | None, guard: Guard) -> Guard | None:
        """When a switch (Enabled, State) is off; None where it is not."""
        if node is None:
            return None
        off: Guard | None = None
        for element in self.resolver.elements(node, guard):
            if (element.text.literal or "").lower() in ("false", "disabled"):
                off = element.guard if off is None else off.or_(element.guard)
        return off

    # -- results -----------------------------------------------------------------------------------

    def add(
        self,
        function: Function,
        kind: str,
        place: Place,
        source: tuple[Text | None, str | None] = (None, None),
        bounded: bool | None = False,
        bound: str = "",
        switch: Node | None = None,
    ) -> None:
        """Records a trigger, unless function and place can never stand together.

        Args:
            switch: the property that can switch the trigger off (Enabled, State); then nothing gets through.
        """
        node, guard, path = place
        both = function.guard.and_(guard)
        off = self.switched_off(switch, both) if switch is not None else None
        if off is not None:
            function.triggers.append(Trigger(kind, node, path, *source, True, "switched off", off))
            both = both.and_(off.not_())
        if not both.is_never:
            function.triggers.append(Trigger(kind, node, path, *source, bounded, bound, both))


def told_apart(found: list[tuple[Source, Guard]], guard: Guard) -> list[tuple[Source, Guard]]:
    """The alternatives of one source.

    Each with its own guard where all of them are resources of the template. Else one without a name, as only
    deployment chooses it; the values of a parameter are no alternatives, the parameter is the name.
    """
    sources: dict[str, tuple[Source, Guard]] = {}
    for source, when in found:
        key = key_of(source[0])
        sources[key] = (source, sources[key][1].or_(when) if key in sources else when)
    if len(sources) == 1:
        return [(source, guard) for source, _ in sources.values()]
    if sources and all(id is not None for (_, id), _ in sources.values()):
        return list(sources.values())
    return [((None, None), guard)]


def service_of(text: Text) -> str:
    """The service in an ARN, "" where the text is none."""
    first = text.parts[0]
    if not isinstance(first, str) or not first.startswith("arn:"):
        return ""
    # Pseudo parameters stand for a whole segment, so they cannot hide a colon.
    segments = "".join(part if isinstance(part, str) else "?" for part in text.parts).split(":", 3)
    return segments[2] if len(segments) > 3 else ""


def key_of(text: Text | None) -> str:
    """One key for every way to refer to the same API, topic…: a logical id where it is a single reference."""
    if text is None:
        return ""
    hole = text.hole
    if hole is None or not hole.resource or hole.attribute.startswith("Outputs."):
        return text.display()
    return hole.resource.partition(".")[0]


def _name(text: Text) -> tuple[Part, ...]:
    """The function name in a name, an ARN or an integration URI, as parts."""
    parts = list(text.parts)
    for index in range(len(parts) - 1, -1, -1):
        part = parts[index]
        if isinstance(part, str) and "function:" in part:
            parts = [part.rpartition("function:")[2], *parts[index + 1 :]]
            break
    for index, part in enumerate(parts):
        if isinstance(part, str):
            ends = [end for end in (part.find(":"), part.find("/")) if end >= 0]
            if ends:
                parts = [*parts[:index], part[: min(ends)]]
                break
    return tuple(part for part in parts if part != "")
