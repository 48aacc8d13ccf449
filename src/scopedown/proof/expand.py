"""Long-form expressions as Text: what Ref and GetAtt return is spelled out as far as it is known.

An ARN becomes its six fields, a name the value of its property.
"""

from __future__ import annotations

import re

from .. import catalog
from ..source.tree import Mapping, Node, Scalar
from ..values.text import Hole, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..template.stack import Stack
    from ..values.text import Part

_PLACEHOLDER = re.compile(r"\$\{([^}]+)\}")
_PSEUDO = {"Partition": "AWS::Partition", "Region": "AWS::Region", "Account": "AWS::AccountId"}


def text_of(value: Any, stack: Stack) -> Text:
    """The Text of an expression in long form; an unknown function is a hole with its canonical identity."""
    if isinstance(value, str):
        return Text.of(value)
    if not isinstance(value, dict) or len(value) != 1:
        return _unknown(value)
    ((function, argument),) = value.items()
    if function == "Ref" and isinstance(argument, str):
        return stack.resolver.reference(argument)
    if function == "Fn::GetAtt":
        name = argument if isinstance(argument, str) else ".".join(map(str, argument))
        return stack.resolver.attribute(name)
    if function == "Fn::Sub":
        body, given = (argument, {}) if isinstance(argument, str) else (argument[0], dict(*argument[1:2]))
        return _substituted(body, given, stack)
    if function == "Fn::Join" and isinstance(argument, list) and isinstance(argument[1], list):
        pieces: list[Part] = []
        for number, item in enumerate(argument[1]):
            if number:
                pieces.append(argument[0])
            pieces += text_of(item, stack).parts
        return _again(pieces)
    return _unknown(value)


def _substituted(body: str, given: dict[str, Any], stack: Stack) -> Text:
    parts: list[Part] = []
    at = 0
    for found in _PLACEHOLDER.finditer(body):
        parts += Text.of(body[at : found.start()]).parts
        name = found.group(1).strip()
        if name.startswith("!"):
            parts += Text.of("${" + name[1:] + "}").parts
        elif name in given:
            parts += text_of(given[name], stack).parts
        elif "." in name:
            parts += stack.resolver.attribute(name).parts
        else:
            parts += stack.resolver.reference(name).parts
        at = found.end()
    parts += Text.of(body[at:]).parts
    return _again(parts)


def _again(pieces: list[Part]) -> Text:
    parts: list[Part] = []
    for part in Text.join(pieces).parts:
        parts += Text.of(part).parts if isinstance(part, str) and part else (part,)
    return Text.join(parts)


def _unknown(value: Any) -> Text:
    return Text((Hole(canonical(value), "unknown"),))


def canonical(value: Any) -> str:
    """One text for equal data, in the form that ``values.intrinsics.canonical`` gives nodes."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{canonical(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def expanded(text: Text, stack: Stack) -> Text:
    """The text with every hole that stands for a resource replaced by what is known of its value."""
    parts: list[Part] = []
    for part in text.parts:
        if isinstance(part, Hole) and part.kind in ("reference", "attribute"):
            parts += _value(part, stack)
        else:
            parts.append(part)
    return Text.join(parts)


def _value(hole: Hole, stack: Stack) -> tuple[Part, ...]:
    resource = stack.resources.get(hole.resource)
    known = catalog.cfn_type(resource.type) if resource is not None else None
    if resource is None or known is None or known.arn is None:
        return (hole,)
    fields = known.arn.split(":", 5)
    names = _PLACEHOLDER.findall(fields[5])
    if len(names) != 1:
        return (hole,)
    returned = (
        known.ref if hole.kind == "reference" else _returned(hole.attribute, known.arn_attribute, names[0])
    )
    name = _name(resource.properties, names[0], hole.resource, stack)
    if returned == "name":
        if known.name in ("AWS::SSM::Parameter", "AWS::KMS::Alias"):
            return (hole,)  # the ARN holds the name without its slash or prefix
        if known.name == "AWS::IAM::Role" and _has(resource.properties, "Path"):
            return (hole,)
        return name
    if returned == "id":
        return (Hole(f"id of {hole.resource}", "unknown"),)
    if known.name in ("AWS::SSM::Parameter", "AWS::KMS::Alias") or known.ref == "id":
        name = (Hole(f"id of {hole.resource}", "unknown"),)
    if returned == "arn":
        tail = ":*" if known.name == "AWS::Logs::LogGroup" and hole.kind == "attribute" else ""
        return _arn(known.arn + tail, name)
    if returned == "stream":
        stream = Hole(f"stream of {hole.resource}", "unknown")
        return (*_arn(known.arn + "/stream/", name), stream)
    return (hole,)


def _returned(attribute: str, arn: str | None, placeholder: str) -> str:
    """What GetAtt returns: arn, stream, name or "" for anything else."""
    if attribute == arn or (attribute == "Arn" and arn is not None):
        return "arn"
    if attribute == "StreamArn":
        return "stream"
    return "name" if attribute in (placeholder, "Name") else ""


def _arn(template: str, name: tuple[Part, ...]) -> tuple[Part, ...]:
    parts: list[Part] = []
    at = 0
    for found in _PLACEHOLDER.finditer(template):
        parts.append(template[at : found.start()])
        pseudo = _PSEUDO.get(found.group(1))
        parts += (Hole(pseudo, "pseudo", display="${" + pseudo + "}"),) if pseudo else name
        at = found.end()
    parts += Text.of(template[at:]).parts if at < len(template) else ()
    return Text.join(parts).parts


def _has(properties: Mapping | None, name: str) -> bool:
    return properties is not None and properties.get(name) is not None


def _name(properties: Mapping | None, placeholder: str, id: str, stack: Stack) -> tuple[Part, ...]:
    """A resource's name: what its property says, else one hole."""
    for key in (placeholder, "Name"):
        node: Node | None = properties.get(key) if properties is not None else None
        if node is None:
            continue
        texts = stack.resolver.expression(node)
        if len(texts) == 1 and texts[0][1].is_always and (isinstance(node, Scalar) or texts[0][0].holes):
            return texts[0][0].parts
    return (Hole(f"name of {id}", "unknown"),)


def names_in(value: Any) -> set[str]:
    """What Ref, GetAtt and Sub name in long-form data."""
    if isinstance(value, list):
        return {name for item in value for name in names_in(item)}
    if not isinstance(value, dict):
        return set()
    found: set[str] = set()
    for key, inner in value.items():
        found |= names_in(inner)
        if key == "Ref" and isinstance(inner, str):
            found.add(inner)
        elif key == "Fn::GetAtt":
            found.add((inner if isinstance(inner, str) else inner[0]).partition(".")[0])
        elif key == "Fn::Sub":
            body = inner if isinstance(inner, str) else inner[0]
            found |= named(body)
    return found


def named(body: str) -> set[str]:
    """The names in the placeholders of a Fn::Sub."""
    return {piece.partition("}")[0].partition(".")[0].strip() for piece in body.split("${")[1:]}
