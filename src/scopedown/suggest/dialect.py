"""How a service is written: long-form expressions come in, the words of its version and plugins go out.

Before version 2.30 the Serverless Framework takes ``${...}`` for a variable of its own, so that Fn::Sub
cannot be used there. https://www.serverless.com/framework/docs/providers/aws/guide/variables
"""

from __future__ import annotations

import re

from ..source.tree import Mapping, Scalar
from . import render

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..source.tree import Node
    from ..template.serverless.service import Service
    from ..template.stack import Stack

_PLACEHOLDER = re.compile(r"\$\{([^{}]*)\}")
# What CloudFormation substitutes: a pseudo parameter, a resource or an attribute. Else it is the framework's.
_OURS = re.compile(r"AWS::[A-Za-z]+|[A-Za-z0-9]+(?:\.[A-Za-z0-9.]+)?")
# In words for people, where no placeholder could be pasted.
_WORDS = {"${AWS::Partition}": "aws", "${AWS::Region}": "REGION", "${AWS::AccountId}": "ACCOUNT_ID"}


def written(stack: Stack, node: Node) -> str | None:
    """The text that the author wrote for a value; None where it is not one text."""
    if isinstance(node, Mapping) and len(node.entries) == 1 and node.entries[0][0].value == "Fn::Sub":
        node = node.entries[0][1]
    if stack.packaged is not None:
        node = stack.packaged.service.variables.written(node)
    return node.value if isinstance(node, Scalar) else None


def expression(text: str) -> Any:
    """A text with placeholders as an expression: with Fn::Sub only where CloudFormation has to substitute."""
    return {"Fn::Sub": text} if any(map(_OURS.fullmatch, _PLACEHOLDER.findall(text))) else text


def spoken(stack: Stack, value: Any) -> Any:
    """Long-form data in the words that this service's framework understands."""
    service = stack.packaged.service if stack.packaged is not None else None
    if service is None or not service.variables.legacy:
        return value
    return _spoken(service, value)


def noted(stack: Stack, note: str) -> str:
    """A line for the reader, without placeholders that could not stand in the service."""
    service = stack.packaged.service if stack.packaged is not None else None
    if service is None or _is_free(service, note):
        return note
    if _hash(service):
        return _PLACEHOLDER.sub(r"#{\1}", note)
    for placeholder, word in _WORDS.items():
        note = note.replace(placeholder, word)
    return note


def as_plugin(stack: Stack, node: Node, value: Any) -> Any:
    """A value as the plugin for pseudo parameters has it, where the author wrote ``#{...}``."""
    if "#{" in node.document.text[node.start : node.end] and stack.packaged is not None:
        return _hashed(value) if _hash(stack.packaged.service) else value
    return value


def style_of(stack: Stack, statement: Mapping) -> render.Style:
    """The style of a statement; a file that says nothing of functions follows the one that includes it."""
    if stack.packaged is None:
        return render.style_of(statement)
    style = render.style_of(statement, stack.packaged.service.variables.written)
    if not style.json:
        style.short = render.writes_short(statement.document, stack.document)
    return style


def _spoken(service: Service, value: Any) -> Any:
    if isinstance(value, list):
        return [_spoken(service, item) for item in value]
    if not isinstance(value, dict):
        return value
    text = value.get("Fn::Sub") if len(value) == 1 else None
    if not isinstance(text, str) or _is_free(service, text):
        return {key: _spoken(service, inner) for key, inner in value.items()}
    return _hashed(value) if _hash(service) else _joined(text)


def _is_free(service: Service, text: str) -> bool:
    """Whether the framework leaves every placeholder of a text to CloudFormation."""
    if not service.variables.legacy:
        return True
    from ..template.serverless.variables.legacy import Syntax, syntax

    provider = service.variables.source.get("provider")
    said = provider.get("variableSyntax") if isinstance(provider, Mapping) else None
    signs = (syntax(said.value) if isinstance(said, Scalar) else None) or Syntax()
    found = text.split(signs.opener)[1:]
    return all(piece.startswith(signs.excluded) for piece in found) if signs.excluded else not found


def _hash(service: Service) -> bool:
    """Whether the plugin for pseudo parameters is listed and replaces references too."""
    from ..template.serverless.plugins.listed import lists
    from ..template.serverless.service import at, is_false

    allowed = at(service.custom.get("pseudoParameters"), "allowReferences")
    return lists(service, "serverless-pseudo-parameters") and not is_false(allowed)


def _hashed(value: Any) -> Any:
    if isinstance(value, list):
        return [_hashed(item) for item in value]
    if not isinstance(value, dict):
        return value
    text = value.get("Fn::Sub") if len(value) == 1 else None
    if isinstance(text, str):
        return _PLACEHOLDER.sub(
            lambda found: "#" + found.group()[1:] if _OURS.fullmatch(found.group(1)) else found.group(), text
        )
    return {key: _hashed(inner) for key, inner in value.items()}


def _joined(text: str) -> Any:
    """What Fn::Sub says, said with Fn::Join, Ref and GetAtt."""
    pieces: list[Any] = [""]
    at = 0
    for found in _PLACEHOLDER.finditer(text):
        name = found.group(1)
        if not _OURS.fullmatch(name):
            continue  # a variable of the framework stays in the text around it
        id, dot, attribute = name.partition(".")
        pieces[-1] += text[at : found.start()]
        pieces += [{"Fn::GetAtt": [id, attribute]} if dot else {"Ref": name}, ""]
        at = found.end()
    pieces[-1] += text[at:]
    kept = [piece for piece in pieces if piece != ""]
    return kept[0] if len(kept) == 1 else {"Fn::Join": ["", kept]}
