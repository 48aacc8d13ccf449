"""YAML as the framework reads it: a tree comes in, what its parser refuses is raised, what it alters told.

The framework reads YAML with js-yaml (https://github.com/nodeca/js-yaml), which refuses keys that stand twice
in one mapping and tags that it was not taught, and takes an account id that begins with 0 for a number.
"""

from __future__ import annotations

import re

from ...source.tree import InputError, Mapping, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...source.tree import Document, Node
    from .framework import Framework

# The functions whose short tags every version knows.
_NAMES = "And Base64 Cidr Equals FindInMap GetAtt GetAZs If ImportValue Join Not Or Select Split Sub"
_TAGS = frozenset(("Ref", "Condition", *(f"Fn::{name}" for name in _NAMES.split())))
_OSLS_FOUR = ("Fn::Transform", "Fn::GetStackOutput")
_ACCOUNT = re.compile(r"0\d{11}")


def reads_yaml(document: Document) -> bool:
    """Whether the framework reads a file as YAML: by its name, whatever stands in it."""
    return document.path.endswith((".yml", ".yaml"))


def account_ids(document: Document, root: Node | None, framework: Framework) -> list[Scalar]:
    """Look through a tree as written.

    Args:
        document: the configuration or a file that it includes.
        root: its tree.
        framework: what reads it.

    Returns:
        The account ids that lose the 0 in front, since no quotes say that they are text.

    Raises:
        InputError: the framework cannot parse the file.
    """
    if not reads_yaml(document):
        return []
    text = document.text
    loses = _ACCOUNT.search(text) is not None
    tagged = "!" in text
    more = _OSLS_FOUR if framework.name == "osls" and framework.major >= 4 else ()
    found: list[Scalar] = []
    waiting: list[Node | None] = [root]
    while waiting:
        node = waiting.pop()
        if node is None or text.startswith("*", node.start):  # what an alias stands for is seen at its anchor
            continue
        if isinstance(node, Scalar):
            if loses and node.style == "" and _ACCOUNT.fullmatch(node.value):
                found.append(node)
            continue
        if isinstance(node, Mapping):
            waiting += [value for _, value in node.entries]
            if node.duplicates:
                _refuse_key(document, node, framework)
            if tagged and node.short:
                _check_tag(document, node, framework, more)
        elif isinstance(node, Sequence):
            waiting += node.items
    return sorted(found, key=lambda each: each.start)


def _refuse_key(document: Document, node: Mapping, framework: Framework) -> None:
    """Names the second of two equal keys, at which the framework stops."""
    first = min(node.duplicates, key=lambda key: key.start)
    later = [key for key, _ in node.entries if key.value == first.value] + node.duplicates
    second = sorted((key for key in later if key.value == first.value), key=lambda key: key.start)[1]
    cause = f"the key '{first.value}' stands twice in one mapping (first in line {first.span.line})"
    raise InputError(
        document.path,
        f"{cause}, which {framework} refuses",
        "keep one of them",
        second.span.line,
        second.span.column,
    )


def _check_tag(document: Document, node: Mapping, framework: Framework, more: tuple[str, ...]) -> None:
    """Refuses a short tag that the framework does not know."""
    key = node.entries[0][0]
    if key.value in _TAGS or key.value in more:
        return
    raise InputError(
        document.path,
        f"{framework} refuses the tag '!{key.value.removeprefix('Fn::')}', which it does not know",
        "write the function out, as in 'Fn::Sub: …', or correct its name",
        key.span.line,
        key.span.column,
    )
