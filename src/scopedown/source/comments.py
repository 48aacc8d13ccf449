"""Finds the comments of a text: a Document goes in, (line, column, text) of each comment comes out."""

from __future__ import annotations

import re

import yaml

from . import yaml_reader
from .tree import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .tree import Document

# A comment begins at the start of a line or after a blank (YAML 1.1, production c-nb-comment-text).
_COMMENT = re.compile(r"(?:(?<=[\s])|^|\A)#[^\r\n]*", re.MULTILINE)


def comments(document: Document) -> list[tuple[int, int, str]]:
    """The comments of a text.

    Args:
        document: the text. JSON has no comments, so the list is empty for it.

    Returns:
        (line, column, text) of every comment, one-based, in order; the text begins with ``#``, in JavaScript
        with ``//`` or ``/*``, and a comment of several lines comes line by line. What looks like a comment
        inside a string, or a plain or block scalar of YAML, is none.
    """
    text = document.text
    if document.format in ("toml", "javascript"):
        return _of_code(document)
    if document.format == "json" or "#" not in text:
        return []
    found: list[tuple[int, int, str]] = []
    at = 0
    for start, end in [*_scalars(document), (len(text), len(text))]:
        for match in _COMMENT.finditer(text, at, start):
            line, column = document.position(match.start())
            found.append((line, column, match.group()))
        at = max(at, end)
    return found


def _of_code(document: Document) -> list[tuple[int, int, str]]:
    """The comments of TOML and JavaScript, as their readers come upon them."""
    if document.format == "toml":
        from .toml_reader import comment_places

        places = comment_places(document)
    else:
        from .javascript_tokens import Tokens

        try:
            places = Tokens(document).comments
        except InputError:
            places = []
    found: list[tuple[int, int, str]] = []
    for start, end in places:
        line, column = document.position(start)
        for number, text in enumerate(document.text[start:end].splitlines()):
            found.append((line + number, column, text.rstrip()))
            column = 1
    return found


def _scalars(document: Document) -> list[tuple[int, int]]:
    """Stretches of the scalars; a block scalar's begins after its header line, which may end in a comment."""
    text = document.text
    stretches: list[tuple[int, int]] = []
    try:
        for token in yaml.scan(text, Loader=yaml_reader.LOADER):
            if isinstance(token, yaml.ScalarToken):
                start, end = token.start_mark.index, token.end_mark.index
                if token.style in ("|", ">"):
                    header = re.compile(r"[^\r\n]*").match(text, start)
                    start = header.end() if header else start
                stretches.append((start, max(start, end)))
    except (yaml.YAMLError, InputError):
        pass
    return stretches
