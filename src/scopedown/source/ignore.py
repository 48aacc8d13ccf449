"""Patterns in gitignore syntax: files and lines of patterns go in, "is this path ignored?" comes out."""

from __future__ import annotations

import os

import pathspec

from .tree import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .reader import Reader


class Ignore:
    """Pattern files by folder, the outermost first; never changed, ``below`` gives a longer one."""

    __slots__ = ("_rules",)

    def __init__(self, rules: tuple[tuple[str, pathspec.GitIgnoreSpec], ...] = ()) -> None:
        self._rules = rules

    def below(self, folder: str, lines: list[str]) -> Ignore:
        """This set plus the patterns of a folder (absolute), which count for paths beneath it."""
        return Ignore((*self._rules, (folder, _lenient(lines))))

    def holds(self, path: str, is_folder: bool) -> bool:
        """Whether an absolute path is ignored: as in git the innermost pattern file that knows it decides."""
        for folder, spec in reversed(self._rules):
            prefix = folder.rstrip(os.sep) + os.sep
            if path.startswith(prefix):
                inner = path[len(prefix) :].replace(os.sep, "/")
                decided = spec.check_file(inner + "/" if is_folder else inner).include
                if decided is not None:
                    return decided
        return False


def _lenient(lines: list[str]) -> pathspec.GitIgnoreSpec:
    """The patterns that are valid; git passes over the others, too."""
    try:
        return pathspec.GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return pathspec.GitIgnoreSpec.from_lines([line for line in lines if valid(line)])


def valid(line: str) -> bool:
    """Whether a line is a pattern in gitignore syntax."""
    try:
        pathspec.GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True


def read_patterns(reader: Reader, path: str) -> list[str]:
    """Lines of a pattern file; none where it cannot be read."""
    try:
        return reader.read(path).text.splitlines()
    except InputError:
        return []
