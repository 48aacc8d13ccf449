"""What keeps a statement's text from being replaced: a statement in, the reason in words out."""

from __future__ import annotations

import re

from ..source.tree import Mapping, Sequence
from ..values.intrinsics import call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..iam.policy import Statement

_ANCHOR = re.compile(r"&[^\s\[\]{},]+\s+$")
# An anchor, an alias or a merge key.
_SHARED = re.compile(r"(?:^|[\s\[{,])(?:&[A-Za-z0-9_]+\s|\*[A-Za-z0-9_]+[\s,\]}]|<<:)")


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
    whole = node.document.text
    anchored = _ANCHOR.search(whole[max(0, node.start - 100) : node.start])
    if node.document.format != "json" and (anchored or _SHARED.search(whole[node.start : node.end])):
        return "it is shared through a YAML anchor"
    return ""
