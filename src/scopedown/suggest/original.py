"""The statement that is to be replaced: as long-form JSON, what of it stays, and what keeps it from being
replaced."""

from __future__ import annotations

from ..source.tree import Mapping, Node, Scalar, Sequence
from ..values.intrinsics import call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..catalog import Action
    from ..iam.policy import Statement


def long_form(node: Node, written: Callable[[Node], Node] = lambda node: node) -> Any:
    """A node as JSON data; short tags become ``Fn::`` functions, plain scalars their type.

    Args:
        written: what the author wrote for a node, where a variable of the framework was resolved.
    """
    node = written(node)
    if isinstance(node, Scalar):
        if node.style == "" and node.value.lower() in ("true", "false"):
            return node.value.lower() == "true"
        digits = node.value.removeprefix("-")
        if node.style == "" and digits.isdecimal() and digits.isascii() and len(digits) < 10:
            # A number that begins with 0 is an account id, not a number.
            return int(node.value) if digits == node.value == "0" or digits[0] != "0" else node.value
        return node.value
    if isinstance(node, Sequence):
        return [long_form(item, written) for item in node.items]
    if isinstance(node, Mapping):
        built: dict[str, Any] = {}
        for key, value in node.entries:
            if key.value == "Fn::GetAtt" and isinstance(value, Scalar):
                id, _, attribute = value.value.partition(".")
                built[key.value] = [id, attribute]
            else:
                built[key.value] = long_form(value, written)
        return built
    return None


def embedded(statement: Statement) -> bool:
    """Whether the document is JSON inside a string, where no tag and no list of ours could stand."""
    node = statement.carrier.node
    if isinstance(node, Mapping):
        function = call(node)
        return function is not None and function[0] != "Fn::If"
    return True


def obstacle(statement: Statement) -> str:
    """Why the statement's text cannot simply be replaced; "" where it can."""
    node = statement.node
    listed = statement.carrier.node.get("Statement") if isinstance(statement.carrier.node, Mapping) else None
    members = listed.items if isinstance(listed, Sequence) else [listed]
    if not any(member is node for member in members):
        return "the statement stands inside a function; edit it by hand"
    for element in [*statement.actions, *statement.resources]:
        if element.via:
            return f"the wildcard is {element.via}"
        if not node.start <= element.node.start <= node.end:
            return "a part of the statement stands elsewhere in the template"
        if element.guard is not statement.guard and element.guard.display() != statement.guard.display():
            return f"a part of it holds only when {element.guard.display()}"
    if "&" in node.document.text and node.document.format != "json" and _anchored(node):
        return "it is shared through a YAML anchor"
    return ""


def _anchored(node: Node) -> bool:
    """Whether an anchor stands before a node, or an anchor, an alias or a merge key inside it."""
    import re

    whole = node.document.text
    before = re.search(r"&[^\s\[\]{},]+\s+$", whole[max(0, node.start - 100) : node.start])
    shared = r"(?:^|[\s\[{,])(?:&[A-Za-z0-9_]+\s|\*[A-Za-z0-9_]+[\s,\]}]|<<:)"
    return before is not None or re.search(shared, whole[node.start : node.end]) is not None


def shortened(actions: list[Action], taken: set[str], pattern: str) -> list[str]:
    """Actions as few patterns, none of which matches a taken one; one that stands alone stays a name.

    A pattern that has more than a ``*`` at its end is not shortened: s3:*Object does not cover s3:Replicate*.
    """
    rest = sorted(action.full for action in actions)
    if "*" in pattern.rstrip("*") or "?" in pattern:
        return rest
    found: list[str] = []
    while rest:
        name = rest[0]
        group, prefix = [name], name
        for stem in _stems(name):
            if not any(other.startswith(stem) for other in taken):
                group = [other for other in rest if other.startswith(stem)]
                prefix = stem
                break
        found.append(f"{prefix}*" if len(group) > 1 else name)
        rest = [other for other in rest if other not in group]
    return found


def _stems(name: str) -> list[str]:
    """The beginnings of an action's name, word by word: s3:Get, s3:GetJob."""
    service, _, words = name.partition(":")
    return [f"{service}:{words[:at]}" for at in range(2, len(words)) if words[at].isupper()]
