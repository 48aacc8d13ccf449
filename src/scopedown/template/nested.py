"""Nested stacks: the local templates that a template deploys, with the parameters it hands to them.

What they put out is evaluated in them (``outputs``); this module finds and reads them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html
"""

from __future__ import annotations

import os

from ..source.discovery import Template, dialect, parse
from ..source.tree import InputError, Mapping, Node, Scalar
from ..values.parameters import Given

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..source.reader import Reader
    from ..values.guard import Guard
    from ..values.intrinsics import Resolver
    from ..values.text import Text
    from .stack import Resource, Stack

PLACES = {"AWS::CloudFormation::Stack": "TemplateURL", "AWS::Serverless::Application": "Location"}


class Nested:
    """One local template that a resource deploys.

    ``given`` holds the values that are handed down; parameters with a value that is not known here have lost
    their defaults in ``template``: the default is not what they will be.
    """

    __slots__ = ("given", "resource", "template")

    def __init__(self, resource: Resource, template: Template, given: dict[str, str]) -> None:
        self.resource = resource
        self.template = template
        self.given = given


def children(stack: Stack, reader: Reader) -> list[Nested]:
    """The nested templates of a stack that lie beside it; others and unreadable ones are left out.

    A template that the CDK synthesised names its nested ones only as assets; the cloud assembly tells which.
    """
    found = []
    for resource in stack.of_type(*PLACES):
        properties = resource.properties
        place = properties.get(PLACES[resource.type]) if properties is not None else None
        path = local_path(stack.document.path, place)
        if not path and stack.assembly is not None:
            path = stack.assembly.nested(resource)
        if properties is not None and path:
            child = load(path, reader)
            if child is not None:
                given, unknown = handed(stack.resolver, resource.guard, properties.get("Parameters"))
                child.root = _without_defaults(child.root, set(unknown))
                told = Given()
                told.add(given, stack.document.path)
                found.append(Nested(resource, child, told))
    return found


def local_path(parent: str, place: Node | None) -> str:
    """The path of a file beside the parent, "" for an address or what is not plain text."""
    if not isinstance(place, Scalar) or "://" in place.value or not place.value.strip():
        return ""
    path = os.path.normpath(os.path.join(os.path.dirname(parent), place.value))
    return path if os.path.isfile(path) else ""


def load(path: str, reader: Reader) -> Template | None:
    """The template in a file; None for what is none, or cannot be read."""
    try:
        document = reader.read(path)
        root = parse(document)
    except InputError:
        return None
    kind = dialect(root) if isinstance(root, Mapping) else ""
    if not isinstance(root, Mapping) or kind not in ("cloudformation", "sam"):
        return None
    return Template(document, root, kind, reader)


def handed(
    resolver: Resolver, guard: Guard, parameters: Node | None
) -> tuple[dict[str, str], dict[str, Text | None]]:
    """What is handed down: the values that are known here, and the other ones by name, None where several."""
    given: dict[str, str] = {}
    unknown: dict[str, Text | None] = {}
    for key, value in parameters.entries if isinstance(parameters, Mapping) else []:
        elements = resolver.elements(value, guard)
        texts = [element.text.literal for element in elements]
        if texts and None not in texts and (len(texts) == 1 or elements[0].node is not value):
            given[key.value] = ",".join(text or "" for text in texts)
        else:
            unknown[key.value] = elements[0].origin if len(elements) == 1 else None
    return given, unknown


def _without_defaults(root: Mapping, names: set[str]) -> Mapping:
    """The template with the defaults of some parameters left out."""
    declared = root.get("Parameters")
    if not names or not isinstance(declared, Mapping):
        return root
    bare = _changed(declared, {name: _without(declared.get(name), "Default") for name in names})
    return _changed(root, {"Parameters": bare})


def _without(node: Node | None, name: str) -> Node | None:
    if not isinstance(node, Mapping):
        return node
    kept = [pair for pair in node.entries if pair[0].value != name]
    return Mapping(node.document, node.start, node.end, lambda: (kept, []), node.flow)


def _changed(node: Mapping, values: dict[str, Node | None]) -> Mapping:
    entries = [(key, values.get(key.value) or value) for key, value in node.entries]
    return Mapping(node.document, node.start, node.end, lambda: (entries, []), node.flow)
