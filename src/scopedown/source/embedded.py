"""Where a scalar's text stands in the file.

A scalar goes in; a function from places in its value to places in its document comes out.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .tree import Scalar


def placer(scalar: Scalar) -> Callable[[int, int], tuple[int, int]]:
    """How places in a scalar's value map to places in its document.

    Args:
        scalar: a scalar of any style.

    Returns:
        A function from (start, end) in ``scalar.value`` to (start, end) in the document's text; it gives
        the whole scalar's place where the source does not show the value character by character.
    """
    whole = (scalar.start, scalar.end)
    source = scalar.document.text[scalar.start : scalar.end]
    if scalar.style in ("", "'", '"'):
        quote = len(scalar.style)
        if source[quote : len(source) - quote] == scalar.value and source.startswith(scalar.style):
            shift = scalar.start + quote
            return lambda start, end: (start + shift, end + shift)
        runs = _quoted_runs(scalar) if quote and source.endswith(scalar.style) else None
        if runs is not None:
            ends = dict(reversed(runs))  # where two runs begin at one offset, the first one's place
            return lambda start, end: (_shifted(runs, start), ends.get(end) or _shifted(runs, end))
    elif scalar.style == "|" and source.startswith("|"):
        lines = _literal_lines(scalar)
        if lines is not None:
            return lambda start, end: (_shifted(lines, start), _shifted(lines, end))
    return lambda start, end: whole


# What one letter after a backslash stands for, in double quotes of YAML and JSON alike.
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "/": "/", " ": " "}


def _quoted_runs(scalar: Scalar) -> list[tuple[int, int]] | None:
    """(offset in the value, offset in the document) where each run of equal characters begins.

    Quoted text is folded over lines and has escapes; None where an escape is not known here.
    https://yaml.org/spec/1.2.2/#731-double-quoted-style
    """
    text, value, end = scalar.document.text, scalar.value, scalar.end - 1
    at, offset = scalar.start + 1, 0
    runs = [(0, at)]
    while at < end:
        width, said = _piece(text, at, end, scalar.style)
        if not value.startswith(said, offset):
            return None
        if not said:
            runs.append((offset, at))  # what ends here ends before the line break
        at += width
        offset += len(said)
        if width != len(said) or len(said) != 1:
            runs.append((offset, at))
    return runs if offset == len(value) else None


def _piece(text: str, at: int, end: int, style: str) -> tuple[int, str]:
    """The length of the next piece of quoted text, and what it says."""
    letter = text[at]
    if letter == style:  # two single quotes are one
        return 2, style
    if letter == "\\" and style == '"':
        if text[at + 1] in "\r\n":
            blank = at + 1
            while blank < end and text[blank] in " \t\r\n":
                blank += 1
            return blank - at, ""
        return 2, _ESCAPED.get(text[at + 1], "\0")
    if letter in " \t\r\n":
        blank = at
        while blank < end and text[blank] in " \t\r\n":
            blank += 1
        breaks = text[at:blank].replace("\r\n", "\n").replace("\r", "\n").count("\n")
        if breaks:
            return blank - at, "\n" * (breaks - 1) or " "
    return 1, letter


def _literal_lines(scalar: Scalar) -> list[tuple[int, int]] | None:
    """(offset in the value, offset in the document) of every line of a literal block."""
    text = scalar.document.text
    at = _next_line(text, scalar.start)
    lines: list[tuple[int, int]] = []
    indent = -1
    offset = 0
    for line in scalar.value.rstrip("\n").split("\n"):
        if indent < 0 and line:
            shown = text[at : _next_line(text, at)].rstrip("\r\n")
            indent = len(shown) - len(line)
            if indent < 0 or shown[indent:] != line:
                return None
        begin = at + indent if line else at
        if not text.startswith(line, begin):
            return None
        lines.append((offset, begin))
        offset += len(line) + 1
        at = _next_line(text, at)
    return lines


def _next_line(text: str, at: int) -> int:
    """Offset just after the next line ending (LF, CRLF or CR)."""
    newline = text.find("\n", at)
    newline = len(text) if newline < 0 else newline
    lone = text.find("\r", at, newline)
    if lone >= 0 and lone + 1 != newline:
        return lone + 1
    return min(newline + 1, len(text))


def _shifted(lines: list[tuple[int, int]], offset: int) -> int:
    """The document's offset of an offset in the value."""
    low, high = 0, len(lines)
    while low + 1 < high:
        middle = (low + high) // 2
        if lines[middle][0] <= offset:
            low = middle
        else:
            high = middle
    return lines[low][1] + offset - lines[low][0]
