"""The plugin serverless-pseudo-parameters: ``#{AWS::AccountId}`` in the packaged template becomes Fn::Sub.

Without the plugin such text stays what it is. https://www.npmjs.com/package/serverless-pseudo-parameters
"""

from __future__ import annotations

import re

from ....source.tree import Mapping, Node, Scalar, Sequence
from ...grown import grow
from ..merging import mapping
from ..packaged import Said, Written
from ..service import at, is_false

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..packaged import Packaged
    from ..service import Service

PLUGIN = "serverless-pseudo-parameters"
ANY = re.compile(r"#\{([^}]+)\}")
_OWN = re.compile(r"#\{(AWS::[a-zA-Z]+)\}")
_ESCAPED = re.compile(r"#@\{([^}]+)\}")


def occur(service: Service) -> bool:
    """Whether ``#{`` stands in the text of the service or of a file that it includes."""
    documents = [service.document, *service.variables.documents]
    return any("#{" in document.text or "#@{" in document.text for document in documents)


def replace_in_roles(packaged: Packaged) -> None:
    """Does what the plugin does to the author's resources and to the roles that are made.

    To be called before the template is put together, so that the parts of roles stay the very nodes of it.
    """
    service, expression = packaged.service, _expression(packaged.service)
    if service.resources is not None:
        found = replaced(service.resources, expression)
        assert isinstance(found, Mapping)
        service.resources = found
    done: dict[int, Written] = {}
    for role in packaged.roles.values():
        for listed in (role.policies, role.managed):
            for number, part in enumerate(listed):
                if isinstance(part, Written):
                    listed[number] = done.setdefault(id(part), _written(part, expression))
                else:
                    listed[number] = _said(part, expression)
        role.properties = {
            name: replaced(grow(value, role.cause), expression) for name, value in role.properties.items()
        }


def replace_in_template(packaged: Packaged) -> None:
    """Does the same to everything else, once the template is put together."""
    expression, template = _expression(packaged.service), packaged.template
    resources = template.get("Resources")
    entries: list[tuple[Scalar, Node]] = []
    for key, node in template.entries:
        if node is resources and isinstance(node, Mapping):
            kept = [
                (id, each if id.value in packaged.roles else replaced(each, expression))
                for id, each in node.entries
            ]
            entries.append((key, mapping(node, kept)))
        else:
            entries.append((key, replaced(node, expression)))
    packaged.template = mapping(template, entries)


def literal(node: Node | None) -> Iterator[Scalar]:
    """The strings under a node in which ``#{AWS::...}`` stands, as it stays without the plugin."""
    waiting = [node] if node is not None else []
    while waiting:
        each = waiting.pop()
        if isinstance(each, Scalar):
            if "#{AWS::" in each.value:
                yield each
        elif isinstance(each, Sequence):
            waiting += each.items[::-1]
        elif isinstance(each, Mapping):
            waiting += [value for _, value in each.entries[::-1]]


def replaced(node: Node, expression: re.Pattern[str] = ANY, inside: bool = False) -> Node:
    """A tree in which strings with ``#{...}`` are Fn::Sub; read lazily, strings without it stay as they are.

    Args:
        node: the tree.
        expression: what counts as a reference.
        inside: whether the node is the argument of Fn::Sub already.
    """
    if isinstance(node, Scalar):
        return _string(node, expression, inside) if "#" in node.value else node
    start, end = node.start, node.end
    if isinstance(node, Sequence):
        sequence = node
        return Sequence(
            node.document,
            start,
            end,
            lambda: [replaced(each, expression) for each in sequence.items],
            node.flow,
        )
    if isinstance(node, Mapping):
        return Mapping(
            node.document, start, end, lambda: (_entries(node, expression), []), node.flow, node.short
        )
    return node


def _entries(node: Mapping, expression: re.Pattern[str]) -> list[tuple[Scalar, Node]]:
    return [(key, replaced(value, expression, key.value == "Fn::Sub")) for key, value in node.entries]


def _string(node: Scalar, expression: re.Pattern[str], inside: bool) -> Node:
    # As in the plugin, an escaped reference wins over the others: the string is taken as it was.
    if _ESCAPED.search(node.value):
        return _like(node, _ESCAPED.sub(r"#{\1}", node.value))
    if not expression.search(node.value):
        return node
    text = _like(node, expression.sub(r"${\1}", node.value))
    key = Scalar(node.document, node.start, node.start, "Fn::Sub")
    return text if inside else mapping(node, [(key, text)])


def _like(node: Scalar, value: str) -> Scalar:
    return Scalar(node.document, node.start, node.end, value, node.style or '"')


def _expression(service: Service) -> re.Pattern[str]:
    allowed = at(service.custom.get("pseudoParameters"), "allowReferences")
    return _OWN if is_false(allowed) else ANY


def _written(part: Written, expression: re.Pattern[str]) -> Written:
    node = replaced(part.node, expression)
    assert isinstance(node, Sequence)
    return Written(part.owner, node, part.path)


def _said(part: Said, expression: re.Pattern[str]) -> Said:
    return Said(replaced(part.node, expression), part.cause, part.path, part.name)
