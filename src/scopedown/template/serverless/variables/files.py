"""Files that ``${file(...)}`` names: a path of the service goes in, the located content comes out.

https://www.serverless.com/framework/docs/guides/variables#reference-properties-in-other-files
"""

from __future__ import annotations

import os

from ....source.tree import Document, InputError, Scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from ....source.reader import Reader
    from ....source.tree import Node

_CODE = (".js", ".cjs", ".mjs", ".ts", ".mts", ".cts")


class NotRead(Exception):
    """A file that is there but is not read, or cannot be; the message says why.

    ``program`` marks one that would have to be run, which is nothing to wonder about.
    """

    def __init__(self, reason: str, program: bool = False) -> None:
        super().__init__(reason)
        self.program = program


class Files:
    """Reads the files that a service includes, each once.

    Args:
        folder: the folder of the service; every path is relative to it.
        reader: opens files; None: none is read.
        look: looks through each file that was parsed, and may refuse it with an InputError.

    ``documents`` are the files that were read.
    """

    __slots__ = ("_contents", "_failures", "documents", "folder", "look", "reader")

    def __init__(
        self, folder: str, reader: Reader | None, look: Callable[[Document, Node | None], None] | None = None
    ) -> None:
        self.folder = folder
        self.reader = reader
        self.look = look
        self.documents: list[Document] = []
        self._contents: dict[str, Node | None] = {}
        self._failures: dict[str, NotRead] = {}

    def content(self, where: str) -> Node | None:
        """The content of a file; None where there is no such file, or nothing in it.

        Raises:
            NotRead: it is a program, lies outside the root or cannot be read.
        """
        if where.lower().endswith(_CODE):
            raise NotRead("it is a program, and programs are not run", program=True)
        if where not in self._contents:
            if where in self._failures:
                raise self._failures[where]
            try:
                self._contents[where] = self._read(where)
            except InputError as error:
                place = f" (line {error.line})" if error.line is not None else ""
                advice = "" if self.reader is None or self.reader.holds(error.path) else f"; {error.advice}"
                self._failures[where] = NotRead(error.cause + place + advice)
                raise self._failures[where] from None
        return self._contents[where]

    def lacks(self, where: str) -> bool:
        """Whether there is no such file."""
        return not os.path.exists(self._path(where))

    def text(self, where: str) -> str | None:
        """The text of a file that stands beside the service; None where there is none.

        Raises:
            InputError: it cannot be read.
        """
        path = self._path(where)
        if self.reader is None or not self.reader.holds(path) or not os.path.exists(path):
            return None
        return self.reader.read(path).text

    def _path(self, where: str) -> str:
        return os.path.normpath(os.path.join(self.folder, where))

    def _read(self, where: str) -> Node | None:
        if self.reader is None:
            raise InputError(where, "files beside this one are not read")
        path = self._path(where)
        if "\0" in path or not path:
            raise InputError(where, "this is no path")
        if self.reader.holds(path) and not os.path.exists(path):
            return None
        document = self.reader.read(path)
        node = _parsed(document)
        if self.look is not None:
            self.look(document, node)
        self.documents.append(document)
        return node


def _parsed(document: Document) -> Node | None:
    """The content of a text, by its name: YAML, JSON, or the text itself."""
    name = document.path.lower()
    if name.endswith((".yml", ".yaml")):
        from ....source.discovery import parse

        return parse(document)
    if name.endswith((".json", ".tfstate")):
        from ....source.json_reader import parse_json

        document.format = "json"
        return parse_json(document)
    return Scalar(document, 0, len(document.text), document.text, '"')
