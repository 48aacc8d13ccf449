"""Located trees: a parsed template as scalars, sequences and mappings that know where they stand.

Readers (``yaml_reader``, ``json_reader``) produce these nodes; every later stage reads them and points
back into the file through their spans. Offsets are character indices into ``Document.text``, which never
holds a byte order mark.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class InputError(Exception):
    """Input that cannot be used: one message with the place, the cause and what to do.

    Args:
        path: the file as the user named it.
        cause: what is wrong, lower case, without a final dot.
        advice: the next step for the user.
        line, column: one-based position, or None where the file as a whole is meant.
    """

    def __init__(
        self, path: str, cause: str, advice: str = "", line: int | None = None, column: int | None = None
    ) -> None:
        super().__init__(cause)
        self.path = path
        self.cause = cause
        self.advice = advice
        self.line = line
        self.column = column

    def __str__(self) -> str:
        place = self.path
        if self.line is not None:
            place += f":{self.line}"
            if self.column is not None:
                place += f":{self.column}"
        return f"{place}: {self.cause}" + (f"; {self.advice}" if self.advice else "")


class Document:
    """The text of one file, with positions.

    Args:
        path: the file as the user would name it.
        text: the decoded content without a byte order mark.
        format: "yaml" or "json".
        bom: whether the file began with a byte order mark.
    """

    __slots__ = ("_starts", "bom", "format", "path", "text")

    def __init__(self, path: str, text: str, format: str = "yaml", bom: bool = False) -> None:
        self.path = path
        self.text = text
        self.format = format
        self.bom = bom
        self._starts: list[int] | None = None

    @property
    def starts(self) -> list[int]:
        """Offset of the first character of every line (lines end in LF, CRLF or CR)."""
        if self._starts is None:
            starts = [0]
            length = 0
            for line in self.text.replace("\r\n", " \n").replace("\r", "\n").split("\n"):
                length += len(line) + 1
                starts.append(length)
            starts.pop()
            self._starts = starts
        return self._starts

    def position(self, offset: int) -> tuple[int, int]:
        """One-based (line, column) of a character offset; columns count characters."""
        starts = self.starts
        low, high = 0, len(starts)
        while low + 1 < high:
            middle = (low + high) // 2
            if starts[middle] <= offset:
                low = middle
            else:
                high = middle
        return low + 1, offset - starts[low] + 1

    def line(self, number: int) -> str:
        """Text of the one-based line, without its line ending."""
        starts = self.starts
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    @property
    def newline(self) -> str:
        """The line ending that the file uses first."""
        at = self.text.find("\n")
        return "\r\n" if at > 0 and self.text[at - 1] == "\r" else "\n"


class Span:
    """A stretch of one document; ``end`` is exclusive."""

    __slots__ = ("document", "end", "start")

    def __init__(self, document: Document, start: int, end: int) -> None:
        self.document = document
        self.start = start
        self.end = end

    @property
    def path(self) -> str:
        """The file's path."""
        return self.document.path

    @property
    def line(self) -> int:
        """One-based first line."""
        return self.document.position(self.start)[0]

    @property
    def column(self) -> int:
        """One-based first column."""
        return self.document.position(self.start)[1]

    @property
    def end_line(self) -> int:
        """One-based line of the last character."""
        return self.document.position(max(self.start, self.end - 1))[0]

    @property
    def end_column(self) -> int:
        """One-based column just after the last character."""
        return self.document.position(max(self.start, self.end - 1))[1] + 1

    @property
    def text(self) -> str:
        """The source text of the stretch."""
        return self.document.text[self.start : self.end]


class Node:
    """A value in a template; ``start`` and ``end`` are offsets into ``document.text``."""

    __slots__ = ("document", "end", "start")

    def __init__(self, document: Document, start: int, end: int) -> None:
        self.document = document
        self.start = start
        self.end = end

    @property
    def span(self) -> Span:
        """Where the value stands."""
        return Span(self.document, self.start, self.end)


class Scalar(Node):
    """A string, number, boolean or null; ``value`` is the raw text of plain scalars, decoded otherwise.

    ``style`` is '' for plain scalars, else the quote character or the block indicator.
    """

    __slots__ = ("style", "value")

    def __init__(self, document: Document, start: int, end: int, value: str, style: str = "") -> None:
        self.document = document  # not through super(): tens of thousands are made
        self.start = start
        self.end = end
        self.value = value
        self.style = style


class Sequence(Node):
    """A list. ``load`` is called once, at the first access to ``items``."""

    __slots__ = ("_items", "_load", "flow")

    def __init__(
        self, document: Document, start: int, end: int, load: Callable[[], list[Node]], flow: bool = False
    ) -> None:
        self.document = document
        self.start = start
        self.end = end
        self._load = load
        self._items: list[Node] | None = None
        self.flow = flow

    @property
    def items(self) -> list[Node]:
        """The members in order."""
        if self._items is None:
            self._items = self._load()
        return self._items


class Mapping(Node):
    """A mapping in source order, duplicates and merge keys resolved: the last of equal keys counts.

    ``short`` marks a YAML short tag: ``!Sub x`` reads as the mapping ``{Fn::Sub: x}``. ``load`` is called
    once, at the first access, and returns all (key, value) pairs as they count, plus the key scalars
    that were overridden by a later equal key.
    """

    __slots__ = ("_duplicates", "_entries", "_index", "_load", "flow", "short")

    def __init__(
        self,
        document: Document,
        start: int,
        end: int,
        load: Callable[[], tuple[list[tuple[Scalar, Node]], list[Scalar]]],
        flow: bool = False,
        short: bool = False,
    ) -> None:
        self.document = document
        self.start = start
        self.end = end
        self._load = load
        self._entries: list[tuple[Scalar, Node]] | None = None
        self._index: dict[str, tuple[Scalar, Node]] | None = None
        self._duplicates: list[Scalar]  # as soon as there are entries
        self.flow = flow
        self.short = short

    @property
    def entries(self) -> list[tuple[Scalar, Node]]:
        """(key, value) pairs in source order."""
        if self._entries is None:
            self._entries, self._duplicates = self._load()
        return self._entries

    def _pair(self, key: str) -> tuple[Scalar, Node] | None:
        """A key and its value. Many mappings are only walked through, so the index waits for a question."""
        if self._index is None:
            self._index = {pair[0].value: pair for pair in self.entries}
        return self._index.get(key)

    @property
    def duplicates(self) -> list[Scalar]:
        """Keys written more than once whose value does not count."""
        if self._entries is None:
            _ = self.entries
        return self._duplicates

    def get(self, key: str) -> Node | None:
        """The value of a key, or None."""
        index = self._index
        pair = index.get(key) if index is not None else self._pair(key)
        return pair[1] if pair else None

    def key_node(self, key: str) -> Scalar | None:
        """The key as written, or None."""
        pair = self._pair(key)
        return pair[0] if pair else None
