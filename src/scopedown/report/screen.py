"""What a terminal can show: colours, characters, widths; a source line with carets under a stretch of it."""

from __future__ import annotations

from .escape import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..source.tree import Span

_CODES = {
    "error": "1;31",
    "high": "31",
    "medium": "33",
    "low": "36",
    "info": "34",
    "strong": "1",
    "faint": "2",
    "new": "32",
}
_ASCII = str.maketrans({"│": "|", "…": "...", "→": "->", "·": "-", "–": "-", "×": "x"})
_TAB = "    "


class Screen:
    """What the text goes to.

    Args:
        width: columns to stay within where the text allows it.
        color: whether ANSI colours are understood.
        ascii: whether only ASCII can be shown.
    """

    __slots__ = ("ascii", "color", "more", "width")

    def __init__(self, width: int = 80, color: bool = False, ascii: bool = False) -> None:
        self.width = max(40, width)
        self.color = color
        self.ascii = ascii
        self.more = "..." if ascii else "…"

    def paint(self, text: str, role: str) -> str:
        """The text in the colour of its role (a severity, strong, faint or new)."""
        return f"\x1b[{_CODES[role]}m{text}\x1b[0m" if self.color and text else text

    def encode(self, text: str) -> str:
        """The text with drawing characters replaced where only ASCII can be shown."""
        return text.translate(_ASCII) if self.ascii else text

    def hang(self, head: str, text: str, role: str = "") -> list[str]:
        """``text`` after ``head``, wrapped at words, with further lines indented as wide as the head."""
        room = self.width - len(head)
        indent = " " * len(head)
        if room < 30 and len(text) > room:
            indent = " " * 11
            lines = _wrap(text, self.width - len(indent))
            rest = [indent + self._maybe(line, role) for line in lines]
            return [head.rstrip(), *rest]
        first, *more = _wrap(text, room) or [""]
        return [
            (head + self._maybe(first, role)).rstrip(),
            *(indent + self._maybe(line, role) for line in more),
        ]

    def _maybe(self, text: str, role: str) -> str:
        return self.paint(text, role) if role else text


def _wrap(text: str, width: int) -> list[str]:
    """Break at blanks; a word longer than the line stays whole, so that it can be copied."""
    lines: list[str] = []
    for word in text.split(" "):
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


def excerpt(screen: Screen, span: Span, note: str, severity: str) -> list[str]:
    """The first source line of a span, and below it a caret run with a note.

    Args:
        screen: where it is shown.
        span: what to underline; of a span over several lines, its part on the first.
        note: words at the caret run, already escaped.
        severity: the colour.
    """
    line, column = span.line, span.column
    source = span.document.line(line)
    end = span.end_column - 1 if span.end_line == line else len(source.rstrip())
    if span.end_line != line:
        note = f"{note} (lines {line}-{span.end_line})".lstrip()
    gutter = f"{line:>5} │ "
    blank = " " * (len(gutter) - 2) + "│ "
    text, before, run = crop(screen, source, column - 1, end, screen.width - len(gutter))
    head = blank + " " * before + "^" * run + " "
    lines = screen.hang(head, note, "")
    if len(lines) > 1:
        # The gutter goes on beside the wrapped words.
        lines[1:] = [blank + line[len(blank) :] for line in lines[1:]]
    shown = [gutter + text, *lines]
    return [_tint(screen, one, len(gutter), severity) for one in shown] if screen.color else shown


def _tint(screen: Screen, line: str, gutter: int, severity: str) -> str:
    """Colour the gutter, and the caret run with its note."""
    head, rest = line[:gutter], line[gutter:]
    if head.strip() == "│":
        rest = screen.paint(rest, severity)
    return screen.paint(head, "faint") + rest


def crop(screen: Screen, source: str, start: int, end: int, room: int) -> tuple[str, int, int]:
    """The part of a line around a stretch of it, as it can be shown.

    Args:
        screen: says how a cut is marked.
        source: the line.
        start, end: the stretch, in characters.
        room: columns that there are.

    Returns:
        The text; the columns before the stretch in it; the columns of the stretch (at least one).
    """
    if len(source) <= room and source.isascii() and source.isprintable():
        # Most lines: every character is one column, and all of them fit.
        return source.rstrip(), min(start, len(source)), max(1, min(max(end, start + 1), len(source)) - start)
    low, high = max(0, start - room), start + room
    cells = [_cell(character) for character in source[low:high]]
    widths = [width for _, width in cells]
    start, end = start - low, min(max(end, start + 1), high) - low
    cut = low > 0 or high < len(source)
    first, last = 0, len(cells)
    if cut or sum(widths) > room:
        room -= 2 * len(screen.more)
        if sum(widths[:end]) > room or low > 0:
            first = _first(widths, start, end, room)
        last = _last(widths, first, room)
    left = screen.more if first or low else ""
    right = screen.more if last < len(cells) or high < len(source) else ""
    before = len(left) + sum(widths[first:start])
    run = max(1, sum(widths[start : min(end, last)]))
    text = left + "".join(shown for shown, _ in cells[first:last]) + right
    return text.rstrip(), before, run


def _first(widths: list[int], start: int, end: int, room: int) -> int:
    """Where to begin, so that the stretch stands in the middle, or at the left where it is long."""
    lead = max(room // 4, (room - sum(widths[start:end])) // 2)
    first = start
    while first and lead >= widths[first - 1]:
        first -= 1
        lead -= widths[first]
    return first


def _last(widths: list[int], first: int, room: int) -> int:
    """Where to stop, so that the cells from ``first`` on fit."""
    last = first
    while last < len(widths) and room >= widths[last]:
        room -= widths[last]
        last += 1
    return last


def _cell(character: str) -> tuple[str, int]:
    """A source character as shown, and the columns it takes."""
    if character.isascii() and character.isprintable():
        return character, 1
    if character == "\t":
        return _TAB, len(_TAB)
    shown = escape(character)
    if shown != character:
        return shown, len(shown)
    import unicodedata

    if unicodedata.category(character) in ("Mn", "Me"):
        return shown, 0
    return shown, 2 if unicodedata.east_asian_width(character) in "WF" else 1
