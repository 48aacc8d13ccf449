"""What the strings and numbers of JavaScript mean: their source text goes in, their value comes out.

The escapes are those of ECMAScript (https://tc39.es/ecma262/, chapter 12.9).
"""

from __future__ import annotations

_SPOKEN = {"n": "\n", "t": "\t", "b": "\b", "f": "\f", "v": "\v", "r": "\r", "0": "\0", "\n": ""}


def decoded(text: str) -> str:
    """The value of the inside of a string or template: escapes resolved, line ends as LF."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    at = text.find("\\")
    if at < 0:
        return text
    parts = []
    begin = 0
    while 0 <= at < len(text) - 1:
        parts.append(text[begin:at])
        name = text[at + 1]
        begin = at + 2
        if name in ("x", "u"):
            char, begin = _numbered(text, begin, name)
            parts.append(char)
        else:
            parts.append(_SPOKEN.get(name, name))
        at = text.find("\\", begin)
    parts.append(text[begin:])
    joined = "".join(parts)
    # Two escapes may make one character; half of one cannot be written out again in UTF-8.
    return joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _numbered(text: str, at: int, name: str) -> tuple[str, int]:
    """The character of a ``\\x`` or ``\\u`` escape and where it ends; the letter itself where it is none."""
    end = at + (2 if name == "x" else 4)
    digits = text[at:end]
    if name == "u" and text.startswith("{", at):
        end = text.find("}", at, at + 8) + 1
        digits = text[at + 1 : end - 1] if end else ""
    try:
        return chr(int(digits, 16)), end
    except (ValueError, OverflowError):
        return name, at


def number_text(word: str) -> str | None:
    """A number as JavaScript writes it; None for one of another type."""
    plain = word.replace("_", "").lower()
    try:
        if plain.startswith(("0x", "0o", "0b")):
            return str(int(plain, 0))
        value = float(plain)
    except (ValueError, OverflowError):
        return None
    if plain.isdecimal():
        return plain.lstrip("0") or "0"
    return str(int(value)) if value.is_integer() and value < 1e15 else plain
