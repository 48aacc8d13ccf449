"""Placeholders of the Serverless Framework before 2.30: a string goes in, its parts come out.

The framework looked for a regular expression, innermost first, and ``provider.variableSyntax`` could set
another one. Such an expression is never run here: the opening and closing signs are read off it.

https://www.serverless.com/framework/docs/providers/aws/guide/variables
"""

from __future__ import annotations

import re

from .placeholders import MAX_DEPTH, Placeholder, Source, SyntaxProblem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .placeholders import Part

_SOURCE = re.compile(r"([A-Za-z][A-Za-z0-9.-]*)(\(|:)")
_NUMBER = re.compile(r"\d+\Z")
_QUOTES = "'\""
# A negative lookahead as people write it to keep ${AWS::Region} for CloudFormation: "\${(?!AWS)(...)}".
_LOOKAHEAD = re.compile(r"\(\?!([A-Za-z0-9:|.]+)\)")


class Syntax:
    """The signs around a placeholder, and the beginnings of a content that is none."""

    __slots__ = ("closer", "excluded", "opener")

    def __init__(self, opener: str = "${", closer: str = "}", excluded: tuple[str, ...] = ()) -> None:
        self.opener = opener
        self.closer = closer
        self.excluded = excluded


def syntax(expression: str) -> Syntax | None:
    """The signs that a regular expression for placeholders asks for; None where it is not the usual kind.

    Args:
        expression: the value of ``provider.variableSyntax``: signs, one group for the content, signs.
    """
    excluded: tuple[str, ...] = ()
    found = _LOOKAHEAD.search(expression)
    if found:
        excluded = tuple(found.group(1).split("|"))
        expression = expression[: found.start()] + expression[found.end() :]
    begin = _group(expression)
    end = expression.rfind(")")
    if begin < 0 or end < begin:
        return None
    opener, closer = _signs(expression[:begin]), _signs(expression[end + 1 :])
    if not opener or not closer or opener == closer:
        return None
    return Syntax(opener, closer, excluded)


def _group(expression: str) -> int:
    """Where the first parenthesis that is not escaped stands."""
    at = expression.find("(")
    while at > 0 and expression[at - 1] == "\\":
        at = expression.find("(", at + 1)
    return at


def _signs(expression: str) -> str:
    """The literal text of an expression without operators; "" where it has any."""
    text = re.sub(r"\[(.)\]", r"\\\1", expression)
    literal = re.sub(r"\\([^A-Za-z0-9])", r"\1", text)
    bare = re.sub(r"\\.", "", text)
    return "" if any(sign in bare for sign in "\\[]()*+?.|^") else literal


def parse(value: str, syntax: Syntax) -> list[Part]:
    """The parts of a string: literal text and placeholders; what is no source stays text.

    Args:
        value: the string.
        syntax: the signs around placeholders.

    Raises:
        SyntaxProblem: placeholders are nested beyond reason.
    """
    return _Parser(value, syntax).parts("", 0)


class _Parser:
    __slots__ = ("at", "syntax", "value")

    def __init__(self, value: str, syntax: Syntax) -> None:
        self.value = value
        self.syntax = syntax
        self.at = 0

    def parts(self, closer: str, depth: int) -> list[Part]:
        """The parts up to the closing sign, or to the end; ``at`` then stands at the sign."""
        if depth > MAX_DEPTH:
            raise SyntaxProblem(f"more than {MAX_DEPTH} placeholders are nested")
        found: list[Part] = []
        begin = self.at
        while self.at < len(self.value):
            if closer and self.value.startswith(closer, self.at):
                break
            if self.value.startswith(self.syntax.opener, self.at):
                found.append(self.value[begin : self.at])
                found += self._placeholder(depth)
                begin = self.at
                continue
            self.at += 1
        found.append(self.value[begin : self.at])
        return [part for part in found if part != ""]

    def _placeholder(self, depth: int) -> list[Part]:
        """The placeholder that opens here, or what it would be as text."""
        opener, closer = self.syntax.opener, self.syntax.closer
        self.at += len(opener)
        begin = self.at
        content = self.parts(closer, depth + 1)
        closed = self.at < len(self.value)
        text = self.value[begin : self.at]
        self.at += len(closer) if closed else 0
        excluded = any(text.startswith(each) for each in self.syntax.excluded)
        if closed and not excluded:
            sources = [_source(parts) for parts in _split(content)]
            if all(source is not None for source in sources):
                return [Placeholder([each for each in sources if each is not None], text.strip())]
        return [opener, *content, closer if closed else ""]


def _split(content: list[Part]) -> list[list[Part]]:
    """The fallbacks of a content: parts between the commas that stand outside quotes."""
    found: list[list[Part]] = [[]]
    quote = ""
    for part in content:
        if not isinstance(part, str):
            found[-1].append(part)
            continue
        begin = 0
        for at, char in enumerate(part):
            if quote:
                quote = "" if char == quote else quote
            elif char in _QUOTES:
                quote = char
            elif char == ",":
                found[-1].append(part[begin:at])
                found.append([])
                begin = at + 1
        found[-1].append(part[begin:])
    return found


def _source(parts: list[Part]) -> Source | None:
    """The source that parts between commas are; None for what is none."""
    if parts and isinstance(parts[0], str):
        parts[0] = parts[0].lstrip()
    if parts and isinstance(parts[-1], str):
        parts[-1] = parts[-1].rstrip()
    parts = [part for part in parts if part != ""]
    if not parts:
        return None
    text = "".join(part if isinstance(part, str) else "${" + part.text + "}" for part in parts)
    head = parts[0]
    if not isinstance(head, str):
        return Source("nested", address=parts, text=text)
    if head[0] in _QUOTES and text[-1] == head[0] and len(text) > 1:
        if len(parts) == 1:
            return Source("", text=text, literal=head[1:-1], style=head[0])
        return Source("nested", address=_unquoted(parts), text=text)
    if len(parts) == 1 and (head in ("true", "false") or _NUMBER.match(head)):
        return Source("", text=text, literal=head)
    found = _SOURCE.match(head)
    if not found or head.startswith("::", found.end() - 1):
        return None
    if found.group(2) == ":":
        return Source(found.group(1), None, [head[found.end() :], *parts[1:]], text)
    return _call(found.group(1), [head[found.end() :], *parts[1:]], text)


def _unquoted(parts: list[Part]) -> list[Part]:
    first, last = parts[0], parts[-1]
    middle = parts[1:-1]
    return [
        part
        for part in (
            first[1:] if isinstance(first, str) else first,
            *middle,
            last[:-1] if isinstance(last, str) else last,
        )
        if part != ""
    ]


def _call(type: str, rest: list[Part], text: str) -> Source | None:
    """A source with one parameter in parentheses, and perhaps an address after them."""
    param: list[Part] = []
    for index, part in enumerate(rest):
        close = part.find(")") if isinstance(part, str) else -1
        if not isinstance(part, str) or close < 0:
            param.append(part)
            continue
        param.append(part[:close].strip())
        after = part[close + 1 :].lstrip()
        address: list[Part] | None = None
        if after.startswith(":"):
            address = [after[1:].lstrip(), *rest[index + 1 :]]
        return Source(type, [[each for each in param if each != ""]], address, text)
    return None
