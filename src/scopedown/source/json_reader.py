"""Reads JSON: a Document's text goes in, a located tree comes out.

The standard library says whether the text is JSON; one pass of a tokenizer finds where every value
stands; nodes are made when they are first looked at. A JSON text inside a scalar of another file
(``parse_embedded``) is read the same way, its nodes pointing into the outer file.
"""

from __future__ import annotations

import json
import re

from .tree import InputError, Mapping, Node, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn, TypeAlias

    from .tree import Document

    # a string or atom is (start, end); an object or array is [start, end, children...]
    _Raw: TypeAlias = "tuple[int, int] | list[Any]"

# Deeper files are refused: every later stage may walk the tree by recursion.
MAX_DEPTH = 100

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|([{\[])|([}\]])|[^ \t\r\n,:{}\[\]"]+', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_ADVICE = "fix the JSON syntax there"


class _TooDeep(Exception):
    """Nested beyond the limit, at ``args[0]``."""


class _NotANumber(Exception):
    """``NaN`` or ``Infinity``; ``args[0]`` is the word."""


def parse_json(document: Document) -> Node:
    """Parse a JSON text.

    Args:
        document: the text; spans of the nodes point into it.

    Returns:
        The root node. Numbers, ``true``, ``false`` and ``null`` are scalars of style '' with their raw text.

    Raises:
        InputError: the text is not one JSON value, or is nested too deeply.
    """
    text = document.text
    try:
        raw = _locate(text)
    except _TooDeep as error:
        raise _error(
            document, error.args[0], f"more than {MAX_DEPTH} levels are nested", "flatten the file"
        ) from None
    except json.JSONDecodeError as error:
        cause, advice = _plain_words(error)
        raise _error(document, error.pos, cause, advice) from None
    except _NotANumber as error:
        places = (match.start() for match in _TOKEN.finditer(text) if match.group() == error.args[0])
        cause = f"JSON has no {error.args[0]}"
        raise _error(document, next(places, 0), cause, "write a number, or a string in quotes") from None
    return _Wrapper(document, text, None).wrap(raw)


def parse_embedded(scalar: Scalar) -> Node | None:
    """The JSON document that a scalar's value holds.

    Args:
        scalar: a scalar of a YAML or JSON tree.

    Returns:
        The root node (an object or array), or None where the value is not JSON. Spans point at the inner
        text in the outer file where the scalar shows it as it is (a literal block, or a plain or quoted
        scalar on one line without escapes); otherwise every node has the scalar's span.
    """
    text = scalar.value
    if not text.lstrip(" \t\r\n").startswith(("{", "[")):
        return None
    try:
        raw = _locate(text)
    except (_TooDeep, _NotANumber, json.JSONDecodeError):
        return None
    from .embedded import placer

    return _Wrapper(scalar.document, text, placer(scalar)).wrap(raw)


def _locate(text: str) -> _Raw:
    """Places of all values; raises JSONDecodeError, _NotANumber or _TooDeep.

    The standard library goes first: the tokenizer takes linear time only where strings are closed.
    """
    deep = False
    try:
        json.loads(text, parse_int=str, parse_float=str, parse_constant=_refuse)
    except RecursionError:
        deep = True
    top: list[Any] = []
    items = top
    stack: list[list[Any]] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastindex
        if kind is None:
            items.append(match.span())
        elif kind == 1:
            if len(stack) >= MAX_DEPTH:
                raise _TooDeep(match.start())
            stack.append(items)
            made = [match.start(), 0]
            items.append(made)
            items = made
        else:
            items[1] = match.end()
            items = stack.pop()
    if deep:
        raise _TooDeep(0)
    root: _Raw = top[0]
    return root


def _refuse(name: str) -> NoReturn:
    """JSON has no NaN and no Infinity, though the standard library reads them."""
    raise _NotANumber(name)


class _Wrapper:
    """Makes nodes of places, one level at a time."""

    __slots__ = ("document", "place", "text")

    def __init__(
        self, document: Document, text: str, place: Callable[[int, int], tuple[int, int]] | None
    ) -> None:
        self.document = document
        self.text = text
        self.place = place

    def wrap(self, raw: _Raw) -> Node:
        """The node of a place."""
        start, end = outer_start, outer_end = raw[0], raw[1]
        if self.place is not None:
            outer_start, outer_end = self.place(start, end)
        if isinstance(raw, tuple):
            return self._scalar(start, end, outer_start, outer_end)
        if self.text[start] == "{":
            return Mapping(self.document, outer_start, outer_end, lambda: self._entries(raw), True)
        return Sequence(
            self.document, outer_start, outer_end, lambda: [self.wrap(child) for child in raw[2:]], True
        )

    def _scalar(self, start: int, end: int, outer_start: int, outer_end: int) -> Scalar:
        text = self.text
        if text[start] != '"':
            return Scalar(self.document, outer_start, outer_end, text[start:end])
        value = text[start + 1 : end - 1]
        if "\\" in value:
            # A lone surrogate cannot be written out again in UTF-8.
            value = _SURROGATE.sub("\ufffd", json.loads(text[start:end]))
        return Scalar(self.document, outer_start, outer_end, value, '"')

    def _key(self, raw: tuple[int, int]) -> Scalar:
        """The node of a key."""
        outer_start, outer_end = raw if self.place is None else self.place(raw[0], raw[1])
        return self._scalar(raw[0], raw[1], outer_start, outer_end)

    def _entries(self, raw: list[Any]) -> tuple[list[tuple[Scalar, Node]], list[Scalar]]:
        """All pairs of an object as they count, and the keys that do not count."""
        pairs: dict[str, tuple[Scalar, Node]] = {}
        duplicates: list[Scalar] = []
        for index in range(2, len(raw), 2):
            key = self._key(raw[index])
            value = self.wrap(raw[index + 1])
            if key.value in pairs:
                duplicates.append(pairs.pop(key.value)[0])
            pairs[key.value] = (key, value)
        return list(pairs.values()), duplicates


def _error(document: Document, offset: int, cause: str, advice: str) -> InputError:
    line, column = document.position(min(offset, len(document.text)))
    return InputError(document.path, cause, advice, line, column)


def _plain_words(error: json.JSONDecodeError) -> tuple[str, str]:
    """(cause, advice) for an error of the standard library's parser."""
    rest = error.doc[error.pos :].lstrip()
    message = error.msg
    if not rest:
        return "the file ends in the middle of a value", "the file may be cut off; complete it"
    if rest.startswith(("//", "/*", "#")):
        return "JSON has no comments", "remove the comment"
    if message.startswith("Expecting property name"):
        return "a key in double quotes is missing here", "remove the ',' before it, or quote the key"
    if message.startswith("Expecting ','"):
        return "a ',' or a closing bracket is missing before this", _ADVICE
    if message.startswith("Expecting ':'"):
        return "a ':' is missing after the key", _ADVICE
    if message.startswith("Expecting value"):
        return "a value is missing here", "remove the ',' before it, or write the value"
    if message.startswith("Unterminated string"):
        return "a string is not closed", "add the closing quote"
    if message.startswith("Extra data"):
        return "there is text after the end of the JSON value", "remove it"
    if message.startswith("Invalid control character"):
        return (
            "a string holds a raw line break, tab or control character",
            "write it as an escape such as \\n",
        )
    return "an unknown escape after '\\' in a string", "use one that JSON knows, or '\\\\'"
