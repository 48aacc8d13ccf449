"""Says in plain words what is wrong with a YAML text: a parser error goes in, an InputError comes out."""

from __future__ import annotations

import re

import yaml

from .tree import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .tree import Document

_FIX = "fix the YAML syntax there"
_TWO_TAGS = re.compile(r"(![A-Za-z]\w*)[ \t]+(![A-Za-z]\w*)")


def explain(document: Document, error: Exception) -> InputError:
    """The InputError for an error of the YAML parser.

    Args:
        document: the text that was parsed.
        error: what the parser raised.

    Returns:
        An error with line, column, cause and advice.
    """
    if isinstance(error, yaml.reader.ReaderError):
        return _forbidden_character(document, error)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if mark is None:
        return InputError(document.path, "this is not valid YAML", "fix the YAML syntax")
    problem = str(getattr(error, "problem", "") or "")
    context = str(getattr(error, "context", "") or "")
    begin = getattr(error, "context_mark", None)
    offset = min(mark.index, len(document.text))
    start = min(begin.index, len(document.text)) if begin is not None else offset
    offset, cause, advice = _plain_words(document, problem, context, offset, start)
    line, column = document.position(offset)
    return InputError(document.path, cause, advice, line, column)


def _forbidden_character(document: Document, error: yaml.reader.ReaderError) -> InputError:
    """The parser refuses a character; libyaml counts bytes, so the character itself is looked up."""
    code = error.character if isinstance(error.character, int) else ord(str(error.character)[:1] or "\0")
    offset = document.text.find(chr(code)) if 0 <= code < 0x110000 else -1
    cause = f"the character U+{code:04X} is not allowed in YAML"
    advice = "remove it, or write it as an escape in double quotes"
    if offset < 0:
        return InputError(document.path, cause, advice)
    line, column = document.position(offset)
    return InputError(document.path, cause, advice, line, column)


def _plain_words(
    document: Document, problem: str, context: str, offset: int, start: int
) -> tuple[int, str, str]:
    """(place, cause, advice) for a problem as the parser words it; its context begins at ``start``."""
    text = document.text
    if "alias" in context:
        return start, "an unquoted '*' begins an alias in YAML", "write '*' in quotes"
    if "cannot start any token" in problem:
        character = text[offset : offset + 1]
        if character == "\t":
            return offset, "a tab is used for indentation", "indent with spaces"
        return offset, f"a plain value cannot begin with '{character}'", "put the value in quotes"
    if "expected ':'" in problem:
        advice = "add the ':', or indent the line as part of the value above"
        return start, "a key without ':' after it", advice
    for words, cause, advice in _UNCLOSED:
        if words in problem or (words in context and offset >= len(text.rstrip())):
            return start, cause, advice
    if "expected key" in problem or "expected <block end>" in problem or "expected '-' indicator" in problem:
        return _misplaced(document, "'-'" in problem or "block collection" in context, offset)
    if "node content" in problem and offset >= len(text.rstrip()):
        return offset, "the file ends where a value should stand", "the file may be cut off; complete it"
    for words, cause, advice in _CAUSES:
        if words in problem:
            return offset, cause, advice
    return offset, "the YAML parser reports: " + (f"{context}: {problem}" if context else problem), _FIX


def _misplaced(document: Document, in_list: bool, offset: int) -> tuple[int, str, str]:
    """Something stands where a block has no place for it."""
    line, column = document.position(offset)
    before = document.line(line)[: column - 1]
    tags = _TWO_TAGS.search(document.line(line))
    if tags:
        advice = f"write the outer one as 'Fn::{tags[1][1:]}:' with {tags[2]} on the next line"
        return offset, f"{tags[1]} and {tags[2]} stand on one value", advice
    if before.strip(" \t-"):
        return (
            offset,
            "there is text after the end of a value",
            "quote the value as a whole, or remove the text",
        )
    if in_list:
        cause = "this line stands in a list but does not begin with '- '"
        return offset, cause, "align it with the list's items, or indent it as part of one"
    cause = "this line fits no block above it: its indentation is neither that of a sibling nor deeper"
    return offset, cause, "align it with its siblings"


# What began and never ended; told at its beginning.
_UNCLOSED = (
    ("quoted scalar", "a quoted value is not closed", "add the closing quote; the file may be cut off"),
    (
        "unexpected end of stream",
        "a quoted value is not closed",
        "add the closing quote; the file may be cut off",
    ),
    ("flow sequence", "a list in [ ] is not closed", "add the ']'; the file may be cut off"),
    ("flow mapping", "a mapping in { } is not closed", "add the '}'; the file may be cut off"),
)
_CAUSES = (
    (
        "mapping values are not allowed",
        "a ': ' stands where no key can be: the line is indented wrongly, or a value holds ': '",
        "align the line with its siblings, or quote the value",
    ),
    (
        "sequence entries are not allowed",
        "a list item stands where none can be",
        "begin the list on a line of its own",
    ),
    ("expected ',' or ']'", "a ',' is missing in a list in [ ]", "add the ',', or quote the value"),
    ("expected ',' or '}'", "a ',' is missing in a mapping in { }", "add the ',', or quote the value"),
    ("unknown escape character", "an unknown escape after '\\' in double quotes", "use single quotes"),
    ("tab character", "a tab is used for indentation", "indent with spaces"),
    ("<document start>", "there is text after the end of the document", _FIX),
    ("node content", "a value is missing here", _FIX),
    ("undefined tag handle", "this tag's handle is not defined", "use a short tag such as !Sub"),
)
