"""Shapes of the values in a rule file: a YAML node comes in, a checked plain value comes out.

Every complaint is an InputError with the file, the line, what is wrong and the nearest thing that is right.
"""

from __future__ import annotations

import difflib

import yaml

from ..source.tree import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, NoReturn

    Node = yaml.nodes.Node


class Shape:
    """A shape; ``what`` says in words which values fit."""

    what = "any value"

    def read(self, node: Node, path: str) -> Any:
        """The checked value.

        Args:
            node: where the value stands.
            path: the file, for complaints.

        Raises:
            InputError: the value does not fit.
        """
        return _plain(node)


class Words(Shape):
    """A text that is not empty."""

    what = "a text"

    def read(self, node: Node, path: str) -> str:
        if not isinstance(node, yaml.ScalarNode) or node.tag != "tag:yaml.org,2002:str" or not node.value:
            fail(
                node,
                path,
                f"{_shown(node)} is not {self.what}",
                "write a text, in quotes where YAML reads more",
            )
        return str(node.value)


class Choice(Words):
    """One of some words."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.what = f"one of {', '.join(names)}"

    def read(self, node: Node, path: str) -> str:
        value = super().read(node, path)
        if value not in self.names:
            fail(node, path, f"{value!r} is not {self.what}", nearest(value, self.names))
        return value


class Flag(Shape):
    """true or false."""

    what = "true or false"

    def read(self, node: Node, path: str) -> bool:
        value = _plain(node)
        if not isinstance(value, bool):
            fail(node, path, f"{_shown(node)} is not {self.what}")
        return value


class Number(Shape):
    """A whole number."""

    what = "a whole number"

    def read(self, node: Node, path: str) -> int:
        value = _plain(node)
        if not isinstance(value, int) or isinstance(value, bool):
            fail(node, path, f"{_shown(node)} is not {self.what}")
        return value


class Many(Shape):
    """A list, or with ``single`` one value that stands for a list of one."""

    def __init__(self, member: Shape, single: bool = True) -> None:
        self.member = member
        self.single = single
        self.what = f"a list of: {member.what}"

    def read(self, node: Node, path: str) -> list[Any]:
        if isinstance(node, yaml.SequenceNode):
            return [self.member.read(item, path) for item in node.value]
        if not self.single:
            fail(node, path, f"{_shown(node)} is not a list", "write it as a list, each entry behind a '- '")
        return [self.member.read(node, path)]


class Fields(Shape):
    """A mapping with known keys."""

    what = "a mapping"

    def __init__(self, fields: dict[str, Shape], required: tuple[str, ...] = ()) -> None:
        self.fields = fields
        self.required = required

    def read(self, node: Node, path: str) -> dict[str, Any]:
        if not isinstance(node, yaml.MappingNode):
            fail(node, path, f"{_shown(node)} is not {self.what}", f"its keys are {', '.join(self.fields)}")
        found: dict[str, Any] = {}
        for key, value in node.value:
            if key.value not in self.fields:
                fail(key, path, f"unknown key {key.value!r}", nearest(key.value, self.fields))
            if key.value in found:
                fail(key, path, f"key {key.value!r} is given twice", "keep one of them")
            found[key.value] = self.fields[key.value].read(value, path)
        for name in self.required:
            if name not in found:
                fail(node, path, f"key {name!r} is missing", f"add '{name}:' with {self.fields[name].what}")
        return found


class Table(Shape):
    """A mapping from any name to values of one shape."""

    what = "a mapping"

    def __init__(self, member: Shape) -> None:
        self.member = member

    def read(self, node: Node, path: str) -> dict[str, Any]:
        if not isinstance(node, yaml.MappingNode):
            fail(node, path, f"{_shown(node)} is not {self.what}")
        return {key.value: self.member.read(value, path) for key, value in node.value}


def fail(node: Node, path: str, cause: str, advice: str = "") -> NoReturn:
    """Raises the complaint about a node."""
    mark = node.start_mark
    raise InputError(path, cause, advice, mark.line + 1, mark.column + 1)


def nearest(word: str, known: Iterable[str]) -> str:
    """What someone who wrote ``word`` may have meant."""
    names = list(known)
    close = difflib.get_close_matches(word, names, 1, 0.5)
    return f"did you mean {close[0]!r}?" if close else f"known are {', '.join(names)}"


def _plain(node: Node) -> Any:
    return yaml.SafeLoader("").construct_document(node)


def _shown(node: Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return repr(node.value)
    return "a list" if isinstance(node, yaml.SequenceNode) else "a mapping"
