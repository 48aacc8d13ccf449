"""Says in plain words what is wrong with a YAML text: a parser error goes in, an InputError comes out."""

from __future__ import annotations

import re

import yaml

from .tree import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .tree import Document

_FIX = "fix the YAML syntax there"
_CLOSING = {"[": "]", "{": "}"}
# Brackets, what is in quotes, comments, and the beginnings of lines that hold something.
_MARKS = re.compile(
    r"""[\[\]{}]|(?<=[\s[{,:])(?:"(?:\\.|[^"\\])*"|'[^']*')|(?<=\s)\#[^\n]*|\n[ ]*(?=[^\s#])"""
)
_KEY_LINE = re.compile(r"\n[ ]*(- )?[\w:.-]+:[ \n]")
# Characters that the parser in Python, where libyaml is missing, may take a second look at.
_PATIENCE = 200_000
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
    at_end = offset >= len(text.rstrip())
    swallowing = None if "quoted scalar" in context else _swallowing_quote(document, offset)
    if swallowing is not None:
        return swallowing, "a quoted value is not closed", "add the closing quote"
    for words, cause, advice in _UNCLOSED:
        flow = "flow" in words and _is_unclosed(document, start)
        if words in problem or (words in context and (at_end or flow)):
            return start, cause, f"{advice}; the file may be cut off" if at_end else advice
    if "expected key" in problem or "expected <block end>" in problem or "expected '-' indicator" in problem:
        return _misplaced(document, "'-'" in problem or "block collection" in context, offset)
    if "node content" in problem and at_end:
        return offset, "the file ends where a value should stand", "the file may be cut off; complete it"
    for words, cause, advice in _CAUSES:
        if words in problem:
            return offset, cause, advice
    return offset, "the YAML parser reports: " + (f"{context}: {problem}" if context else problem), _FIX


def _is_unclosed(document: Document, start: int) -> bool:
    """Whether what is opened at ``start`` by a bracket or a quote is not closed before its block ends."""
    opening = document.line(document.position(start)[0])
    indent = len(opening) - len(opening.lstrip())
    waiting: list[str] = []
    for found in _MARKS.finditer(document.text, start):
        sign = found.group()
        if sign in _CLOSING:
            waiting.append(_CLOSING[sign])
        elif sign in ("]", "}"):
            if not waiting or waiting.pop() != sign:
                return True
            if not waiting:
                return False
        elif sign[0] == "\n" and len(sign) - 1 <= indent:
            return True
    return True


def _swallowing_quote(document: Document, offset: int) -> int | None:
    """Where a quote begins that was not closed, and so took lines with keys in until the next quote."""
    line = document.position(offset)[0]
    loader = getattr(yaml, "CSafeLoader", None)
    if loader is None and len(document.text) > _PATIENCE:
        return None
    try:
        for token in yaml.scan(document.text, Loader=loader or yaml.SafeLoader):
            if token.start_mark.line >= line:
                break
            quoted = isinstance(token, yaml.ScalarToken) and token.style in ("'", '"')
            if quoted and token.start_mark.line + 1 < line == token.end_mark.line + 1:
                taken = document.text[token.start_mark.index : token.end_mark.index]
                if _KEY_LINE.search(taken):
                    return int(token.start_mark.index)
    except yaml.YAMLError:
        pass
    return None


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
    ("quoted scalar", "a quoted value is not closed", "add the closing quote"),
    ("unexpected end of stream", "a quoted value is not closed", "add the closing quote"),
    ("flow sequence", "a list in [ ] is not closed", "add the ']'"),
    ("flow mapping", "a mapping in { } is not closed", "add the '}'"),
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
