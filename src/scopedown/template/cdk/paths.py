"""Names of a synthesised template's resources: metadata of the CDK comes in, paths of constructs go out.

A stack's metadata covers the stacks nested in it. Of current versions it names the template of each; of older
ones a nested stack is known by the resource that deploys it.
"""

from __future__ import annotations

import re

from ...source.tree import Mapping, Scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...source.tree import Node

NESTED = ".nested.template.json"
# A stack nested as X: the construct of its resource is beside X, what is in it is below X.
NESTED_STACK = re.compile(r"(?P<scope>.*/(?P<name>[^/]+))\.NestedStack/(?P=name)\.NestedStackResource")
_ID, _FILE = "aws:cdk:logicalId", "aws:cdk:templateFile"


def own_paths(metadata: dict[str, list[dict[str, Any]]], name: str, root: Mapping) -> dict[str, str]:
    """The paths of a template's own resources, by logical id.

    Args:
        metadata: the metadata of its stack: entries by path of construct. It speaks of the nested stacks too,
            whose ids may be the same.
        name: the template's file name.
        root: its tree.

    Returns:
        The paths; none where they cannot be told from those of another nested stack.
    """
    files = {
        path: text(entry.get("data"))
        for path, entries in metadata.items()
        for entry in entries
        if entry.get("type") == _FILE
    }
    for match in filter(None, map(NESTED_STACK.fullmatch, metadata)):
        files.setdefault(match["scope"], "")
    by_scope: dict[str, dict[str, str]] = {}
    for path, entries in metadata.items():
        for entry in entries:
            if entry.get("type") == _ID:
                by_scope.setdefault(_scope(path, files), {})[text(entry.get("data"))] = path
    if not name.endswith(NESTED):
        own = [scope for scope in by_scope if files.get(scope, name) == name]
    else:
        own = [scope for scope in by_scope if files.get(scope) == name] or [
            scope for scope, ids in by_scope.items() if files.get(scope) == "" and _fits(ids, root)
        ]
    return by_scope[own[0]] if len(own) == 1 else {}


def _fits(ids: dict[str, str], root: Mapping) -> bool:
    """Whether some ids are those of the template."""
    sections = [node for _, node in root.entries if isinstance(node, Mapping)]
    known = {key.value for section in sections for key, _ in section.entries}
    resources = root.get("Resources")
    made = {
        key.value
        for key, node in (resources.entries if isinstance(resources, Mapping) else ())
        if not _is_cdk_own(node)
    }
    return made <= ids.keys() <= known


def _scope(path: str, files: dict[str, str]) -> str:
    """The path of the stack or nested stack that a construct is in, "" where the metadata names none."""
    around = path
    while around:
        around = around.rpartition("/")[0]
        if around in files:
            return around
    return ""


def _is_cdk_own(node: Node | None) -> bool:
    kind = node.get("Type") if isinstance(node, Mapping) else None
    return isinstance(kind, Scalar) and kind.value == "AWS::CDK::Metadata"


def text(value: object) -> str:
    """A text as it is, anything else as an empty one."""
    return value if isinstance(value, str) else ""
