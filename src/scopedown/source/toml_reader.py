"""Reads TOML, the format of serverless.toml: a Document's text goes in, a located tree comes out.

The standard library's reader gives no positions, so the statements of TOML 1.0
(https://toml.io/en/v1.0.0) are read here, with its rules on what may be declared twice.
"""

from __future__ import annotations

import re

from .toml_values import MAX_DEPTH, Scanner
from .tree import InputError, Mapping, Node, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from .toml_values import Leaf
    from .tree import Document

    _Raw: TypeAlias = "Leaf | _Table | _List"

# The configuration of a service has some kilobytes; the limit keeps time and memory within bounds.
MAX_CHARACTERS = 1_000_000

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_TWICE = "merge the two, or rename one"


class _Table:
    """A table. ``explicit`` ones may not be declared again, ``closed`` ones (inline) not extended."""

    __slots__ = ("closed", "depth", "end", "explicit", "pairs", "start")

    def __init__(self, start: int, end: int, depth: int) -> None:
        self.start = start
        self.end = end
        self.depth = depth
        self.explicit = False
        self.closed = False
        self.pairs: dict[str, tuple[Leaf, _Raw]] = {}


class _List:
    """An array; one of tables (``[[name]]``) may grow."""

    __slots__ = ("end", "items", "start", "tables")

    def __init__(self, start: int, tables: bool) -> None:
        self.start = start
        self.end = start
        self.tables = tables
        self.items: list[_Raw] = []


def parse_toml(document: Document) -> Mapping:
    """Parse a TOML text.

    Args:
        document: the text; spans of the nodes point into it.

    Returns:
        The root table. Numbers, booleans, dates and times are scalars of style '' with their raw text,
        strings have the style of their quote. A table stands at its header with the lines below it, or,
        where dotted keys make it, at what follows its dot.

    Raises:
        InputError: a syntax error, a table or key declared twice, too deep or too large.
    """
    if len(document.text) > MAX_CHARACTERS:
        cause = f"the file has more than {MAX_CHARACTERS:,} characters"
        raise InputError(document.path, cause, "name the configuration of a service")
    return _mapping(document, _Parser(document).run())


class _Parser(Scanner):
    """Folds the statements of a text into tables."""

    __slots__ = ("implied", "opened", "root", "table")

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self.root = _Table(0, 0, 0)
        self.table = self.root
        self.opened: list[_Table | _List] = [self.root]  # what the lines of this section stand in
        self.implied: list[_Table] = []  # tables made by the dotted keys of this section

    def run(self) -> _Table:
        """The root table."""
        while self.lines():
            if self.text[self.at] == "[":
                self._header()
            else:
                self._pair(self.table, True)
            for opened in self.opened:
                opened.end = self.at
            if self.blank() == "#":
                self.comment()
            if self.at < len(self.text) and not self.newline():
                raise self.error("there is text after the end of this", "begin a new line before it")
        return self.root

    def _header(self) -> None:
        """``[name]`` or ``[[name]]``: where the lines below it go."""
        start = self.at
        for table in self.implied:
            table.explicit = True
        self.implied = []
        close = "]]" if self.text.startswith("[[", start) else "]"
        self.at += len(close)
        keys = self._keys()
        if not self.text.startswith(close, self.at):
            raise self.error(f"a '{close}' is missing here", "close the name of the table with it")
        self.at += len(close)
        self.opened = [self.root]
        table = self.root
        for key in keys[:-1]:
            table = self._above(table, key, start)
        last = self._listed if close == "]]" else self._declared
        self.table = last(table, keys[-1], start)

    def _above(self, table: _Table, key: Leaf, start: int) -> _Table:
        """The table of one of the names before the last in a header; it need not be declared."""
        pair = table.pairs.get(key[2])
        if pair is None:
            made = self._made(table, key, start)
            self.opened.append(made)
            return made
        found = pair[1]
        if isinstance(found, _List) and found.tables:
            self.opened.append(found)
            found = found.items[-1]
        if not isinstance(found, _Table) or found.closed:
            raise self._taken(key)
        return found

    def _declared(self, table: _Table, key: Leaf, start: int) -> _Table:
        """The table that a header ``[name]`` declares."""
        pair = table.pairs.get(key[2])
        found = self._made(table, key, start) if pair is None else pair[1]
        if not isinstance(found, _Table) or found.closed:
            raise self._taken(key)
        if found.explicit:
            raise self.error(f"the table '{key[2]}' is declared twice", _TWICE, start)
        table.pairs[key[2]] = (key, found)
        found.explicit = True
        found.start = start
        self.opened.append(found)
        return found

    def _listed(self, table: _Table, key: Leaf, start: int) -> _Table:
        """The table that a header ``[[name]]`` adds to an array."""
        pair = table.pairs.get(key[2])
        found = _List(start, True) if pair is None else pair[1]
        if not isinstance(found, _List) or not found.tables:
            raise self._taken(key)
        if pair is None:
            table.pairs[key[2]] = (key, found)
        made = _Table(start, self.at, self._deeper(table.depth + 1))
        made.explicit = True
        found.items.append(made)
        self.opened += [found, made]
        return made

    def _made(self, table: _Table, key: Leaf, start: int) -> _Table:
        """A new table within one."""
        made = _Table(start, self.at, self._deeper(table.depth))
        table.pairs[key[2]] = (key, made)
        return made

    def _pair(self, table: _Table, section: bool) -> None:
        """``key = value`` within a section's table, or within an inline one."""
        keys = self._keys()
        if self.text[self.at : self.at + 1] != "=":
            raise self.error("a '=' is missing after the key", "write key = value")
        self.at += 1
        dotted = []
        for index, key in enumerate(keys[:-1]):
            table = self._within(table, key, keys[index + 1][0])
            dotted.append(table)
        if section:
            self.implied += dotted
        key = keys[-1]
        if key[2] in table.pairs:
            raise self.error(f"the key '{key[2]}' is written twice", "remove one of them", key[0])
        self.blank()
        value = self._value(table.depth)
        table.pairs[key[2]] = (key, value)
        for inner in dotted:
            inner.end = self.at

    def _within(self, table: _Table, key: Leaf, start: int) -> _Table:
        """The table of one of the names before the last of a dotted key."""
        pair = table.pairs.get(key[2])
        if pair is None:
            return self._made(table, key, start)
        found = pair[1]
        if not isinstance(found, _Table) or found.closed or found.explicit:
            raise self._taken(key)
        return found

    def _keys(self) -> list[Leaf]:
        """The names of a dotted key; the next character that is not blank comes next."""
        keys = []
        while True:
            char = self.blank()
            start = self.at
            if char and char in "\"'":
                keys.append(self.one_line())
            else:
                match = _BARE.match(self.text, start)
                if match is None:
                    raise self.error("a key is missing here", "put a key in quotes unless it is a plain word")
                self.at = match.end()
                keys.append((start, self.at, match.group(), ""))
            if self.blank() != ".":
                return keys
            self.at += 1

    def _value(self, depth: int) -> _Raw:
        char = self.text[self.at : self.at + 1]
        if char == "[":
            return self._array(self._deeper(depth))
        if char == "{":
            return self._inline(self._deeper(depth))
        return self.string() if char and char in "\"'" else self.atom()

    def _array(self, depth: int) -> _List:
        made = _List(self.at, False)
        self.at += 1
        while self.lines() != "]":
            made.items.append(self._value(depth))
            char = self.lines()
            if char == ",":
                self.at += 1
            elif char != "]":
                raise self.error("a ',' or ']' is missing before this", "close the array")
        self.at += 1
        made.end = self.at
        return made

    def _inline(self, depth: int) -> _Table:
        made = _Table(self.at, self.at, depth)
        self.at += 1
        more = self.blank() != "}"
        while more:
            self._pair(made, False)
            more = self.blank() == ","
            if more:
                self.at += 1
        if self.blank() != "}":
            raise self.error("a ',' or '}' is missing before this", "an inline table stands on one line")
        self.at += 1
        made.end = self.at
        made.closed = True
        return made

    def _deeper(self, depth: int) -> int:
        if depth >= MAX_DEPTH:
            raise self.error(f"more than {MAX_DEPTH} levels are nested", "flatten the file")
        return depth + 1

    def _taken(self, key: Leaf) -> InputError:
        return self.error(f"'{key[2]}' is already defined and cannot be extended here", _TWICE, key[0])


def comment_places(document: Document) -> list[tuple[int, int]]:
    """Where the comments of a TOML text start and end; of one that does not parse those before the fault."""
    import contextlib

    parser = _Comments(document)
    with contextlib.suppress(InputError):
        parser.run()
    return parser.found


class _Comments(_Parser):
    """Reads a text for its comments."""

    __slots__ = ("found",)

    def __init__(self, document: Document) -> None:
        super().__init__(document)
        self.found: list[tuple[int, int]] = []

    def comment(self) -> None:
        start = self.at
        super().comment()
        self.found.append((start, self.at))


def _mapping(document: Document, raw: _Table) -> Mapping:
    return Mapping(document, raw.start, raw.end, lambda: (_entries(document, raw), []), raw.closed)


def _entries(document: Document, raw: _Table) -> list[tuple[Scalar, Node]]:
    return [(Scalar(document, *key), _node(document, value)) for key, value in raw.pairs.values()]


def _node(document: Document, raw: _Raw) -> Node:
    """The node of a record, its children made when they are first looked at."""
    if isinstance(raw, tuple):
        return Scalar(document, *raw)
    if isinstance(raw, _Table):
        return _mapping(document, raw)
    items = raw.items
    return Sequence(
        document, raw.start, raw.end, lambda: [_node(document, item) for item in items], not raw.tables
    )
