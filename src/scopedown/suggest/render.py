"""Rendering: statements in long form come in, text in the template's own dialect and style goes out."""

from __future__ import annotations

import json

from ..source.tree import Mapping, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..source.tree import Document, Node

# Characters that need no quotes in YAML; compiling a pattern for them would cost more than a suggestion.
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_PLAIN = _LETTERS | frozenset("0123456789_./:*()+=-")
_WORDS = frozenset(("true", "false", "yes", "no", "on", "off", "null", "y", "n"))
WIDTH = 100
# A block list of more names than this is written in brackets, several names on a line.
MANY = 10


class Style:
    """How a template writes: read off the statement that is to be replaced.

    Args:
        format: the document's, "yaml", "json", "toml" or "javascript".
        json: braces and quotes throughout, as in everything but YAML; inline tables and arrays in TOML.
        flow: the statement stands in braces on one line.
        flow_lists: a list of it stands in brackets.
        flow_keys: the keys whose lists do.
        short: short tags (``!Sub``) rather than ``Fn::Sub``.
        step: spaces per level.
        hang: spaces by which list members stand below their key.
        quote: the quote character for what needs one.
        quote_all: quotes also where none is needed.
        quoted: values that the statement quotes.
    """

    __slots__ = (
        "_json",
        "flow",
        "flow_keys",
        "flow_lists",
        "format",
        "hang",
        "quote",
        "quote_all",
        "quoted",
        "short",
        "step",
    )

    def __init__(self) -> None:
        self.format = "yaml"
        self._json = False
        self.flow = False
        self.flow_lists = False
        self.flow_keys: frozenset[str] = frozenset()
        self.short = True
        self.step = 2
        self.hang = 2
        self.quote = "'"
        self.quote_all = False
        self.quoted: frozenset[str] = frozenset()

    @property
    def json(self) -> bool:
        """Whether it is not YAML."""
        return self._json or self.format in ("toml", "javascript")

    @json.setter
    def json(self, value: bool) -> None:
        self._json = value


def style_of(statement: Mapping, written: Callable[[Node], Node] = lambda node: node) -> Style:
    """The style of a statement and of the template around it.

    Args:
        written: what the author wrote for a node, where a variable of the framework was resolved.
    """
    document = statement.document
    style = Style()
    style.format = document.format
    style.json = document.format == "json"
    style.flow = statement.flow
    lists = [(key.value, value) for key, value in statement.entries if isinstance(value, Sequence)]
    style.flow_keys = frozenset(key for key, value in lists if value.flow)
    # A key that was no list so far takes the form of the others.
    style.flow_lists = statement.flow or (bool(style.flow_keys) and len(style.flow_keys) == len(lists))
    style.short = not style.json and _manner(document)[0]
    style.step = _step(statement)
    if not style.json:
        style.hang = _hang(statement)
    strings = _strings(statement, written)
    quotes = [value.style for value in strings if value.style in ("'", '"')]
    if quotes and quotes.count('"') * 2 > len(quotes):
        style.quote = '"'
    style.quoted = frozenset(
        value.value
        for value in [written(value) for _, value in statement.entries]
        if isinstance(value, Scalar) and value.style in ("'", '"')
    )
    names = [value for value in strings if ":" in value.value]
    style.quote_all = bool(names) and all(value.style for value in names)
    return style


def _strings(statement: Mapping, written: Callable[[Node], Node]) -> list[Scalar]:
    found: list[Scalar] = []
    for key, value in statement.entries:
        if key.value.lower() in ("action", "resource"):
            items = value.items if isinstance(value, Sequence) else [value]
            found += [item for item in map(written, items) if isinstance(item, Scalar)]
    return found


def _step(statement: Mapping) -> int:
    document = statement.document
    column = document.position(statement.start)[1]
    for key, value in statement.entries:
        if isinstance(value, Mapping) and not value.flow and not value.short and value.entries:
            gap = document.position(value.entries[0][0].start)[1] - document.position(key.start)[1]
            if 0 < gap <= 8:
                return gap
    if document.format in ("json", "javascript") and statement.entries:
        gap = document.position(statement.entries[0][0].start)[1] - column
        return gap if 0 < gap <= 8 else 2
    return 2


_manners: list[tuple[Document, bool, int]] = []  # of the last document: its text is searched once
_TAGS = ("Sub", "GetAtt", "Ref", "Join")


def _manner(document: Document) -> tuple[bool, int]:
    """Whether a template writes short tags, and how far it hangs its lists."""
    if not _manners or _manners[0][0] is not document:
        _manners[:] = [(document, writes_short(document), _hang_of(document.text))]
    return _manners[0][1:]


def writes_short(*documents: Document) -> bool:
    """Whether files write short tags; the first one with any function decides, and short it is without."""
    for document in documents:
        text = document.text
        if any(f"!{tag} " in text for tag in _TAGS):
            return True
        if "Fn::" in text or " Ref: " in text:
            return False
    return True


def _hang(statement: Mapping) -> int:
    for key, value in statement.entries:
        if isinstance(value, Sequence) and not value.flow and value.items:
            gap = value.document.position(value.start)[1] - key.document.position(key.start)[1]
            if 0 <= gap <= 8:
                return gap
    return _manner(statement.document)[1]


def _hang_of(text: str) -> int:
    """The same read off the template's first block list."""
    end = "\r\n" if "\r\n" in text else "\n"
    at = text.find(":" + end)
    while at >= 0:
        line = text[text.rfind("\n", 0, at) + 1 : at]
        following = text[at + 1 + len(end) : at + 101 + len(end)]
        spaces = len(following) - len(following.lstrip(" "))
        if following.startswith("- ", spaces):
            return 0 if len(line) - len(line.lstrip(" ")) == spaces else 2
        at = text.find(":" + end, at + 1)
    return 2


class Place:
    """The stretch of text that a statement's replacement stands for.

    Args:
        start, end: offsets in the document; from the start of the first line where nothing else stands on it.
        lead: how the first line begins, spaces and ``- ``; "" where something else stands on that line.
        inline: whether something else stands on the first line.
        member: whether the statement is a member of a list.
        dash: column of a ``-`` that stands on a line of its own above the statement.
    """

    __slots__ = ("dash", "end", "inline", "lead", "member", "start")

    def __init__(self, statement: Mapping, member: bool) -> None:
        document = statement.document
        line, column = document.position(statement.start)
        begin = document.starts[line - 1]
        lead = document.text[begin : begin + column - 1]
        self.inline = bool(lead.strip(" \t")) and not (lead.strip(" ") == "-" and lead[-1] == " ")
        self.lead = "" if self.inline else lead
        self.start = statement.start if self.inline else begin
        self.end = last_end(statement)
        self.member = member
        before = document.text[:begin].rstrip()
        above = document.position(len(before) - 1) if before.endswith("-") else (0, 1)
        self.dash = above[1] - 1


def last_end(node: Node) -> int:
    """Where the last leaf of a node ends; a block's own end may lie behind comments that follow it."""
    if isinstance(node, Mapping) and not node.flow and not node.short and node.document.format != "json":
        return max([last_end(value) for _, value in node.entries] or [node.end])
    if isinstance(node, Sequence) and not node.flow and node.document.format != "json" and node.items:
        return max(last_end(item) for item in node.items)
    if isinstance(node, Scalar) and node.style in ("|", ">"):
        return node.start + len(node.document.text[node.start : node.end].rstrip())
    return node.end


def statements_text(statements: list[dict[str, Any]], style: Style, place: Place, document: Document) -> str:
    """Statements as they would stand in the template.

    Args:
        statements: long-form CloudFormation JSON.
        style: see ``style_of``.
        place: where the replaced statement stands.
        document: the template; its line ending is used.
    """
    several = len(statements) > 1 and not place.member
    if style.json:
        from . import render_braces

        text = render_braces.statements_text(statements, style, place, document)
    elif place.inline:
        text = ", ".join(_value(statement, style, True) for statement in statements)
        text = f"[{text}]" if several else text
    elif "-" in place.lead or several:
        dash = place.lead if "-" in place.lead else place.lead + "- "
        write = _flow_statement if style.flow else _block
        text = "\n".join(write(statement, style, dash, " " * len(dash)) for statement in statements)
    else:
        write = _flow_statement if style.flow else _block
        between = ",\n" if style.flow else f"\n{' ' * place.dash}-\n"
        text = between.join(write(statement, style, place.lead, place.lead) for statement in statements)
    return text.replace("\n", document.newline)


def _block(statement: dict[str, Any], style: Style, dash: str, indent: str) -> str:
    lines: list[str] = []
    for key, value in statement.items():
        lines += _entry(key, value, style, indent, key in ("Action", "Resource"))
    lines[0] = dash + lines[0][len(indent) :]
    return "\n".join(lines)


def _entry(key: str, value: Any, style: Style, indent: str, listed: bool) -> list[str]:
    head = f"{indent}{_word(key, style)}:"
    if isinstance(value, list):
        flow = style.flow_lists or key in style.flow_keys
        return _list(head, value, style, indent, flow)
    if isinstance(value, dict) and not _function(value):
        lines = [head]
        for name, inner in value.items():
            lines += _entry(name, inner, style, indent + " " * style.step, listed)
        return lines
    if isinstance(value, dict) and not style.short:
        ((name, inner),) = value.items()
        if not isinstance(inner, str):
            return [head, *_entry(name, inner, style, indent + " " * style.step, listed)]
        return [head, f"{indent}{' ' * style.step}{name}: {_word(inner, style)}"]
    return [f"{head} {_value(value, style)}"]


def _list(head: str, values: list[Any], style: Style, indent: str, flow: bool) -> list[str]:
    if flow:
        line = f"{head} [{', '.join(_value(value, style, True) for value in values)}]"
        if len(line) <= WIDTH + 20:
            return [line]
    lines = [head]
    inner = indent + " " * style.hang
    if len(values) > MANY and all(isinstance(value, str) for value in values):
        return _wrapped(head, [_value(value, style, True) for value in values], inner)
    for value in values:
        if isinstance(value, dict) and not _function(value):
            lines.append(_block(value, style, inner + "- ", inner + "  "))
        elif isinstance(value, dict) and not style.short and _function(value):
            ((name, argument),) = value.items()
            entry = _entry(name, argument, style, inner + "  ", True)
            lines += [f"{inner}- {entry[0].lstrip()}", *entry[1:]]
        else:
            lines.append(f"{inner}- {_value(value, style)}")
    return lines


def _wrapped(head: str, words: list[str], indent: str) -> list[str]:
    """A long list of names in brackets, as many on a line as fit."""
    lines = [f"{head} ["]
    line = indent
    for number, word in enumerate(words):
        piece = word + ("," if number + 1 < len(words) else "")
        if len(line) + len(piece) > WIDTH and line.strip():
            lines.append(line.rstrip())
            line = indent
        line += piece + " "
    return [*lines, line.rstrip() + "]"]


def _flow_statement(statement: dict[str, Any], style: Style, dash: str, indent: str) -> str:
    inner = ", ".join(
        f"{_word(key, style)}: {_value(value, style, True)}" for key, value in statement.items()
    )
    line = f"{dash}{{{inner}}}"
    if len(line) <= WIDTH + 20:
        return line
    return _block(statement, style, dash, indent)


def _value(value: Any, style: Style, flow: bool = False) -> str:
    """A value on one line."""
    if isinstance(value, list):
        return f"[{', '.join(_value(item, style, True) for item in value)}]"
    if isinstance(value, dict):
        if _function(value) and style.short:
            ((name, argument),) = value.items()
            return _short(name, argument, style, flow)
        pairs = ", ".join(f"{_word(key, style)}: {_value(item, style, True)}" for key, item in value.items())
        return f"{{{pairs}}}"
    return _word(value if isinstance(value, str) else json.dumps(value), style, flow, isinstance(value, str))


def _function(value: dict[str, Any]) -> bool:
    return len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref"))


def _short(name: str, argument: Any, style: Style, flow: bool) -> str:
    tag = "!" + name.removeprefix("Fn::")
    if (
        name == "Fn::GetAtt"
        and isinstance(argument, list)
        and all(isinstance(part, str) for part in argument)
    ):
        return f"{tag} {'.'.join(argument)}"
    if isinstance(argument, dict) and _function(argument):
        # A short tag may not hold another short tag as its only value.
        ((inner, value),) = argument.items()
        return f"{tag} {{{_word(inner, style)}: {_value(value, style, True)}}}"
    if name == "Fn::Sub" and isinstance(argument, str):
        return f"{tag} {_quoted(argument, style)}"
    return f"{tag} {_value(argument, style, flow)}"


def _word(text: str, style: Style, flow: bool = False, string: bool = True) -> str:
    if not string:
        return text
    plain = text[:1] in _LETTERS or text[:1] == "/"
    plain = plain and _PLAIN.issuperset(text) and text.lower() not in _WORDS and text[-1] != ":"
    if plain and text in style.quoted:
        plain = False
    if plain and style.quote_all and ":" in text and not text.startswith("Fn::"):
        plain = False
    return text if plain else _quoted(text, style)


def _quoted(text: str, style: Style) -> str:
    if style.quote == '"' or "\n" in text:
        return json.dumps(text, ensure_ascii=False)
    return "'" + text.replace("'", "''") + "'"


def below_text(keys: list[str], statements: list[dict[str, Any]], style: Style) -> str:
    """Statements as a list below nested keys, at the margin."""
    if style.json:
        from . import render_braces

        return render_braces.below_text(keys, statements, style)
    lines = [" " * (style.step * level) + f"{_word(key, style)}:" for level, key in enumerate(keys)]
    if not statements:
        return "\n".join(lines) + " []"
    indent = " " * (style.step * (len(keys) - 1) + style.hang)
    write = _flow_statement if style.flow else _block
    return "\n".join([*lines, *(write(each, style, indent + "- ", indent + "  ") for each in statements)])


def member_text(value: dict[str, Any], style: Style) -> str:
    """A mapping as a member of a block list, at the margin."""
    return json_text(value, style) if style.json else _block(value, style, "- ", "  ")


def json_text(value: dict[str, Any], style: Style) -> str:
    """A mapping as JSON, or as what stands for it in the file's format, at the margin."""
    from . import render_braces

    return render_braces.text(value, style, "")
