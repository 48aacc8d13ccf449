"""Makes text from a template safe to show: what a terminal or a reader would not see comes out escaped."""

from __future__ import annotations

import re

# Control characters (they move the cursor, recolour or retitle a terminal), bidirectional marks (they reorder
# what is read), characters without a shape, tags, lone surrogates. Unicode TR36 and TR55 list the risks.
_HIDDEN = (
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def escape(text: str) -> str:
    """The text on one line, with every character that is not plainly visible written as an escape."""
    return text if text.isprintable() else re.sub(_HIDDEN, _escaped, text)


def escape_lines(text: str) -> list[str]:
    """The lines of a text, each escaped; tabs stay."""
    lines = text.replace("\r\n", "\n").split("\n")
    return ["\t".join(escape(part) for part in line.split("\t")) for line in lines]


def _escaped(found: re.Match[str]) -> str:
    character = found.group()
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
