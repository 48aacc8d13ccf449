"""Outputs of nested stacks: ``GetAtt Child.Outputs.Name`` comes in, its value in the nested stack goes out.

It is evaluated in the nested template with the parameters that it is handed, when it is first asked for. What
stands there for a resource becomes a hole that knows the nested stack and the resource in it.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html
"""

from __future__ import annotations

import os

from ..source.tree import Mapping
from ..values.guard import ALWAYS
from ..values.imports import SHARED, as_attribute
from ..values.intrinsics import Resolver, scalar
from ..values.text import Element, Hole, Text
from .nested import PLACES, handed, load, local_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ..source.discovery import Template
    from ..source.reader import Reader
    from ..values.imports import Exports
    from ..values.text import Part
    from .cloudformation import Principals
    from .stack import Role, Stack

_OUTPUTS = "Outputs."


class NestedHole(Hole):
    """A resource of a nested stack: ``inner`` is the same in the nested template."""

    __slots__ = ("child", "inner")

    def __init__(self, child: Child, inner: Hole, display: str | None) -> None:
        attribute = inner.attribute if inner.kind == "attribute" else as_attribute(inner)
        super().__init__(
            f"{child.id}/{inner.identity}",
            "attribute",
            f"{child.id}/{inner.resource}",
            attribute,
            display=display,
            type=inner.type,
        )
        self.child = child
        self.inner = inner


class Parent(Resolver):
    """Evaluates a template that has nested stacks.

    Args:
        above: the templates that it is nested in.

    ``asset`` gives the file of a nested stack, by its logical id, that the template names only as an asset.
    """

    def __init__(
        self,
        root: Mapping,
        given: dict[str, str] | None = None,
        reader: Reader | None = None,
        exports: Exports | None = None,
        above: tuple[str, ...] = (),
    ) -> None:
        self._above = (*above, os.path.realpath(root.document.path))
        self._children: dict[str, Child | None] = {}
        self.asset: Callable[[str], str] | None = None
        super().__init__(root, given, reader, exports)

    @property
    def opened(self) -> list[str]:
        """The nested stacks whose outputs have been asked for."""
        return list(self._children)

    def attribute(self, name: str) -> Text:
        """As in a template without nested stacks, but an output of a local one is what it puts out."""
        id, _, attribute = name.partition(".")
        if attribute.startswith(_OUTPUTS):
            child = self._child(id)
            found = child.output(attribute.removeprefix(_OUTPUTS), name) if child is not None else None
            if found is not None:
                return found
        return super().attribute(name)

    def _child(self, id: str) -> Child | None:
        if id not in self._children:
            self._children[id] = None  # one that needs its own outputs has none
            self._children[id] = self._read(id)
        return self._children[id]

    def _read(self, id: str) -> Child | None:
        node = self.resources.get(id) if self.resources is not None else None
        properties = node.get("Properties") if isinstance(node, Mapping) else None
        place = PLACES.get(scalar(node.get("Type"))) if isinstance(node, Mapping) else None
        if self.reader is None or place is None or not isinstance(properties, Mapping):
            return None
        path = local_path(self.root.document.path, properties.get(place))
        if not path and self.asset is not None:
            path = self.asset(id)
        if not path or os.path.realpath(path) in self._above:
            return None
        template = load(path, self.reader)
        if template is None:
            return None
        given, unknown = handed(self, ALWAYS, properties.get("Parameters"))
        return Child(id, template, given, unknown, self._above, self.exports)


def parent(root: Mapping, given: dict[str, str] | None, reader: Reader, exports: Exports | None) -> Resolver:
    """The resolver of a template that may have nested stacks."""
    return Parent(root, given, reader, exports)


def with_assets(stack: Stack) -> None:
    """Lets a stack's resolver find the nested templates that only a cloud assembly knows."""
    resolver, assembly = stack.resolver, stack.assembly
    if isinstance(resolver, Parent) and assembly is not None:
        resolver.asset = lambda id: assembly.nested(stack.resources[id]) if id in stack.resources else ""


class Child:
    """A nested stack as its parent sees it.

    Args:
        id: its logical id in the parent.
        template: what it deploys.
        given: the values that it is handed and that are known.
        unknown: the other values that it is handed, as the parent writes them; None where that is not one.
        above: the templates that it is nested in.
        exports: what the other templates of the run export.
    """

    __slots__ = ("_given", "_stack", "_unknown", "id", "resolver", "template")

    def __init__(
        self,
        id: str,
        template: Template,
        given: dict[str, str],
        unknown: dict[str, Text | None],
        above: tuple[str, ...],
        exports: Exports | None,
    ) -> None:
        self.id = id
        self.template = template
        self._unknown = unknown
        self._given = {**_defaults(template.root, unknown), **given}
        self.resolver = Parent(template.root, self._given, template.reader, exports, above)
        self._stack: Stack | None = None

    @property
    def stack(self) -> Stack:
        """The stack that the template makes with these values, read when it is first asked for."""
        if self._stack is None:
            from . import cloudformation

            template = self.template
            self._stack = cloudformation.read(
                template.document, template.root, template.dialect, self._given, template.reader
            )
        return self._stack

    def output(self, name: str, written: str) -> Text | None:
        """What an output is; None where there is none of that name, or it depends on what is not known.

        Args:
            name: the output.
            written: how the parent names it: ``Child.Outputs.Name``.
        """
        outputs = self.resolver.root.get("Outputs")
        output = outputs.get(name) if isinstance(outputs, Mapping) else None
        value = output.get("Value") if isinstance(output, Mapping) else None
        texts = self.resolver.expression(value) if value is not None else []
        if len(texts) != 1:
            return None
        alone = len(texts[0][0].parts) == 1
        parts: list[Part] = []
        for part in texts[0][0].parts:
            parts += self._seen(part, "${" + written + "}" if alone else None)
        return Text.join(parts)

    def _seen(self, part: Part, display: str | None) -> tuple[Part, ...]:
        """A part of a value as the parent sees it."""
        if not isinstance(part, Hole) or part.identity in SHARED:
            return (part,)
        if part.kind in ("reference", "attribute"):
            return (NestedHole(self, part, display),)
        given = self._unknown.get(part.resource) if part.kind == "parameter" else None
        if given is not None:
            return given.parts
        return (Hole(f"{self.id}/{part.identity}", "unknown", display=display),)


def _defaults(root: Mapping, handed_down: dict[str, Text | None]) -> dict[str, str]:
    """The defaults of the parameters that are not handed down: they are their values."""
    declared = root.get("Parameters")
    found = {}
    for key, node in declared.entries if isinstance(declared, Mapping) else []:
        default = node.get("Default") if isinstance(node, Mapping) else None
        if default is not None and key.value not in handed_down and not isinstance(default, Mapping):
            found[key.value] = scalar(default)
    return found


def linked_role(stack: Stack, hole: Hole) -> Role | None:
    """The role of a nested stack that an output names, known to the parent under both their ids."""
    if not isinstance(hole, NestedHole):
        return None
    inside = hole.child.stack
    principals = inside.principals
    element = Element(Text((hole.inner,)), ALWAYS, inside.root)
    role = principals.role(element) if principals is not None else None
    if role is None or role.external:
        return None
    return stack.roles.setdefault(hole.resource, role)


def linked_policy(principals: Principals, hole: Hole) -> None:
    """Offers the managed policy of a nested stack that an output names."""
    if not isinstance(hole, NestedHole) or principals.managed(hole.resource) is not None:
        return
    inside = hole.child.stack.principals
    own = inside.own_policy(Text((hole.inner,))) if inside is not None else ""
    found = inside.managed(own) if inside is not None else None
    if found is not None:
        principals.offer_managed(hole.resource, *found)
