"""Reads the values of TOML: a place in a text goes in, a record of what stands there comes out.

Strings, numbers, booleans and dates are those of TOML 1.0 (https://toml.io/en/v1.0.0).
"""

from __future__ import annotations

import re

from .tree import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from .tree import Document

    # (start, end, value, style)
    Leaf: TypeAlias = "tuple[int, int, str, str]"

# Deeper files are refused: every later stage may walk the tree by recursion.
MAX_DEPTH = 100

_COMMENT = re.compile(r"#[^\x00-\x08\x0a-\x1f\x7f]*")
_BLANK = re.compile(r"[ \t]*")
_BASIC = re.compile(r'[^"\\\x00-\x08\x0a-\x1f\x7f]+')
_LITERAL = re.compile(r"[^'\x00-\x08\x0a-\x1f\x7f]*")
_LINES = re.compile(r"[^\"\\\x00-\x08\x0b-\x1f\x7f]+")
_LITERAL_LINES = re.compile(r"[^'\x00-\x08\x0b-\x1f\x7f]+")
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
_DATE = re.compile(
    rf"([0-9]{{4}})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    rf"(?:[Tt ]{_TIME}(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])?)?"
)
_CLOCK = re.compile(_TIME)
_WORD = re.compile(r"[0-9A-Za-z_.:+-]+")
_DIGITS = "[0-9](?:_?[0-9])*"
_ATOM = re.compile(
    rf"true|false|[+-]?(?:inf|nan|(?:0|[1-9](?:_?[0-9])*)(?:\.{_DIGITS})?(?:[eE][+-]?{_DIGITS})?)"
    r"|0x[0-9A-Fa-f](?:_?[0-9A-Fa-f])*|0o[0-7](?:_?[0-7])*|0b[01](?:_?[01])*"
)
_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", '"': '"', "\\": "\\"}
_HEX = frozenset("0123456789abcdefABCDEF")
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Scanner:
    """A text and the place that is read next."""

    __slots__ = ("at", "document", "text")

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self.at = 0

    def error(self, cause: str, advice: str, at: int | None = None) -> InputError:
        """An error at a place, by default the one that is read next."""
        place = self.at if at is None else at
        line, column = self.document.position(min(place, len(self.text)))
        return InputError(self.document.path, cause, advice, line, column)

    def blank(self) -> str:
        """Skip spaces and tabs; the character after them, "" at the end."""
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.text[self.at : self.at + 1]

    def newline(self) -> bool:
        """Skip one line ending, if one stands here."""
        if self.text.startswith("\n", self.at):
            self.at += 1
        elif self.text.startswith("\r\n", self.at):
            self.at += 2
        else:
            return False
        return True

    def lines(self) -> str:
        """Skip blanks, comments and line endings; the character after them, "" at the end."""
        while True:
            char = self.blank()
            if char == "#":
                self.comment()
            elif not self.newline():
                return char

    def comment(self) -> None:
        """Skip a comment."""
        match = _COMMENT.match(self.text, self.at)
        self.at = match.end() if match else self.at
        if self.at < len(self.text) and not self.text.startswith(("\n", "\r\n"), self.at):
            raise self.error("a control character in a comment", "remove it")

    def string(self) -> Leaf:
        """The string whose opening quote stands here."""
        start = self.at
        quote = self.text[start]
        if not self.text.startswith(quote * 3, start):
            return self._line_string(start, quote)
        self.at += 3
        self.newline()
        value = self._lines_of_string(start, quote)
        for _ in range(2):  # up to two quotes may stand before the closing ones
            if self.text.startswith(quote, self.at):
                self.at += 1
                value += quote
        return start, self.at, value, quote

    def one_line(self) -> Leaf:
        """The string on one line whose opening quote stands here, as keys must be."""
        if self.text.startswith(self.text[self.at] * 3, self.at):
            raise self.error("a key cannot be a string of several lines", "write it with one quote")
        return self._line_string(self.at, self.text[self.at])

    def _line_string(self, start: int, quote: str) -> Leaf:
        self.at = start + 1
        run = _LITERAL if quote == "'" else _BASIC
        parts = []
        while True:
            match = run.match(self.text, self.at)
            if match:
                parts.append(match.group())
                self.at = match.end()
            char = self.text[self.at : self.at + 1]
            if char == quote:
                self.at += 1
                return start, self.at, "".join(parts), quote
            if char != "\\":
                raise self._unclosed(start, char)
            parts.append(self._escape())

    def _lines_of_string(self, start: int, quote: str) -> str:
        """The content of a string of several lines, up to and with its closing quotes."""
        run = _LITERAL_LINES if quote == "'" else _LINES
        parts = []
        while True:
            match = run.match(self.text, self.at)
            if match:
                parts.append(match.group())
                self.at = match.end()
            char = self.text[self.at : self.at + 1]
            if char == quote:
                if self.text.startswith(quote * 3, self.at):
                    self.at += 3
                    return "".join(parts)
                parts.append(quote)
                self.at += 1
            elif char == "\\":
                if not self._fold():
                    parts.append(self._escape())
            elif self.newline():
                parts.append("\n")
            else:
                raise self._unclosed(start, char)

    def _fold(self) -> bool:
        r"""Skip a ``\`` that ends a line, with the line endings and blanks after it, if one stands here."""
        start = self.at
        self.at += 1
        if self.blank() and not self.newline():
            self.at = start
            return False
        while self.blank() and self.newline():
            pass
        return True

    def _escape(self) -> str:
        """The character of the escape that stands here."""
        at = self.at
        name = self.text[at + 1 : at + 2]
        if name in _ESCAPES:
            self.at = at + 2
            return _ESCAPES[name]
        length = {"u": 4, "U": 8}.get(name, 0)
        digits = self.text[at + 2 : at + 2 + length]
        if not length or len(digits) != length or not _HEX.issuperset(digits):
            raise self.error(
                f"an unknown escape '\\{name}' in a string", "use one that TOML knows, or single quotes"
            )
        number = int(digits, 16)
        if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
            raise self.error(f"'\\{name}{digits}' is no character", "write the character itself")
        self.at = at + 2 + length
        return chr(number)

    def _unclosed(self, start: int, char: str) -> InputError:
        if char and char not in "\r\n":
            return self.error("a control character in a string", "write it as an escape such as \\u0007")
        return self.error("a string is not closed", "add the closing quote", start)

    def atom(self) -> Leaf:
        """The number, boolean, date or time that stands here, with its text as it is."""
        start = self.at
        date = _DATE.match(self.text, start)
        clock = None if date else _CLOCK.match(self.text, start)
        if date:
            self._check_day(date)
        found = date or clock or _WORD.match(self.text, start)
        word = found.group() if found else ""
        if not date and not clock and not _ATOM.fullmatch(word):
            shown = word or self.text[start : start + 1]
            if not shown.strip():
                raise self.error("a value is missing here", "write the value on this line")
            raise self.error(f"'{shown[:40]}' is no value of TOML", "put a string in quotes")
        self.at = start + len(word)
        return start, self.at, word, ""

    def _check_day(self, date: re.Match[str]) -> None:
        year, month, day = (int(date.group(index)) for index in (1, 2, 3))
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        if year == 0 or day > _DAYS[month - 1] or (month == 2 and day == 29 and not leap):
            raise self.error(f"'{date.group()}' is no date", "correct the date")
