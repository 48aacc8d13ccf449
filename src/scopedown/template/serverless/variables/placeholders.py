"""Placeholders of the Serverless Framework from 2.30 on, and of osls: a string goes in, its parts come out.

``${type(params):address, fallback}``: types are lower case; params and addresses may hold further
placeholders; a fallback is another source or a literal. What does not look like a source (``${Foo}``,
``${AWS::Region}``) is left to CloudFormation, and ``\\${`` is a plain ``${``.

https://www.serverless.com/framework/docs/guides/variables
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    Part: TypeAlias = "str | Placeholder"

OPENER = "${"
# The framework stops at ten; deeper nesting is nobody's configuration.
MAX_DEPTH = 20
_LOWER = frozenset("abcdefghijklmnopqrstuvwxyz")
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")
_PARAM, _ADDRESS = ",)}$", ",}$"  # what ends an unquoted text, or may
_DIGITS = frozenset("0123456789.-eE")
# Names that version 4 leaves alone although they look like sources.
_LEFT_ALONE = ("iot",)


class SyntaxProblem(Exception):
    """A placeholder that the framework refuses; the message says why."""


class Placeholder:
    """One ``${...}``: its sources in order and the text it was written as."""

    __slots__ = ("sources", "text")

    def __init__(self, sources: list[Source], text: str) -> None:
        self.sources = sources
        self.text = text


class Source:
    """A source of a placeholder, or a literal.

    Args:
        type: "self", "file", ...; "" for a literal.
        params: what stands in parentheses, or None where there are none; each in parts.
        address: what stands after the colon, in parts; None where nothing does.
        text: the source as it was written.
        literal, style: the value of a literal, its style as of a scalar ('' for numbers, booleans, null).
    """

    __slots__ = ("address", "literal", "params", "style", "text", "type")

    def __init__(
        self,
        type: str,
        params: list[list[Part]] | None = None,
        address: list[Part] | None = None,
        text: str = "",
        literal: str = "",
        style: str = "",
    ) -> None:
        self.type = type
        self.params = params
        self.address = address
        self.text = text
        self.literal = literal
        self.style = style


def parse(value: str, lenient: bool = False) -> list[Part]:
    """The parts of a string: literal text (escapes undone) and placeholders.

    Args:
        value: the string.
        lenient: version 4, which leaves more alone and lets a fallback stand in a placeholder of its own.

    Raises:
        SyntaxProblem: the framework would refuse the string.
    """
    return _Parser(value, lenient).parts()


class _Parser:
    __slots__ = ("at", "lenient", "value")

    def __init__(self, value: str, lenient: bool) -> None:
        self.value = value
        self.at = 0
        self.lenient = lenient

    def parts(self) -> list[Part]:
        """The parts of the whole string."""
        found: list[Part] = []
        begin = 0
        while (dollar := self.value.find(OPENER, self.at)) >= 0:
            first = self._run(dollar, "$")
            slashes = first - self._run(first, "\\")
            if slashes and self.value[first - slashes - 1 : first - slashes] == "$":
                slashes -= 1  # a dollar takes the sign after it along
            if first < dollar:  # of several dollars only the first can be escaped, and then stays
                slashes, first = 0, first + slashes % 2
            found.append(self.value[begin : first - slashes] + "\\" * (slashes // 2))
            self.at = begin = dollar + 2
            if slashes % 2:
                found.append("$")  # a part of its own: joined to the brace it would be read again
                begin = dollar + 1
                continue
            made = self._variable(0)
            found += self._foreign(first, 0) if made is None else [made]
            begin = self.at
        found.append(self.value[begin:])
        return [part for part in found if part != ""]

    def _run(self, end: int, sign: str) -> int:
        """Where a run of one character that ends at ``end`` begins."""
        while end > 0 and self.value[end - 1] == sign:
            end -= 1
        return end

    def _foreign(self, begin: int, depth: int) -> list[Part]:
        """What the framework leaves alone, up to its closing brace; placeholders inside are read."""
        found: list[Part] = []
        inner = self.at
        self._deep(depth)
        while self.at < len(self.value):
            char = self.value[self.at]
            if char == "}":
                self.at += 1
                break
            if char == "$" and self.value.startswith(OPENER, self.at):
                opened = self.at
                self.at += 2
                made = self._variable(0)
                if made is not None:
                    found += [self.value[begin : max(inner, self._run(opened, "$"))], made]
                    begin = self.at
                else:
                    found.append(self.value[begin:opened])
                    found += self._foreign(opened, depth + 1)
                    begin = self.at
                inner = self.at
                continue
            self.at += 1
        found.append(self.value[begin : self.at])
        return found

    def _variable(self, depth: int) -> Placeholder | None:
        """The placeholder whose opener ends here; None, at the same place, for what is left alone."""
        self._deep(depth)
        begin = self.at
        source = self._first(depth)
        if source is None:
            self.at = begin
            return None
        sources = [source]
        while self._char() == ",":
            self.at += 1
            sources.append(self._next(depth))
        if self._char() != "}":
            raise SyntaxProblem(f"a closing brace is missing in '{_short(self.value)}'")
        text = self.value[begin : self.at].strip()
        self.at += 1
        return Placeholder(sources, text)

    def _first(self, depth: int) -> Source | None:
        """The first source of a placeholder; None where nothing says that it is one."""
        begin = self.at
        if self.value[begin : begin + 1] in _LOWER:
            name = self._word()
            char = self.value[self.at : self.at + 1]
            address = self.at + 1
            foreign = char == ":" and self._after_spaces(address) == ":" and not depth
            if self.lenient and name in _LEFT_ALONE:
                foreign = True
            if char in (":", "(") and not foreign:
                return self._source(name, begin, depth)
            if foreign:
                return None
        if depth:
            raise SyntaxProblem(f"no variable source at '{_short(self.value[begin:])}'")
        return None

    def _next(self, depth: int) -> Source:
        """A fallback: a source or a literal."""
        self._spaces()
        begin = self.at
        char = self._char()
        if char in ("'", '"'):
            literal, style = self._string()
            self._spaces()
            if self._char() != "}":
                raise SyntaxProblem(f"nothing may follow the string in '{_short(self.value)}'")
            return Source("", text=self.value[begin : self.at], literal=literal, style=style)
        if self.lenient and self.value.startswith(OPENER, begin):
            self.at += 2
            nested = self._variable(depth + 1)
            self._spaces()
            return Source("nested", address=[nested] if nested else [], text=self.value[begin : self.at])
        while self._char() == " " or self._char() in _WORD:
            self.at += 1
        name = self.value[begin : self.at].strip()
        if name and self._char() == "}":
            return Source("", text=name, literal=_literal(name))
        plain = name.isascii() and name.isalnum() and name[:1] in _LOWER
        if not plain or self._char() not in (":", "("):
            raise SyntaxProblem(f"no variable source at '{_short(self.value[begin:])}'")
        return self._source(name, begin, depth)

    def _source(self, type: str, begin: int, depth: int) -> Source:
        """A source from the sign after its type on, up to the comma or brace that ends it."""
        params: list[list[Part]] | None = None
        if self._char() == "(":
            params = self._params(depth)
            self._spaces()
        address: list[Part] | None = None
        if self._char() == ":":
            self.at += 1
            self._spaces()
            address = self._address(depth)
        if self._char() not in (",", "}"):
            raise SyntaxProblem(f"no address at '{_short(self.value[self.at :])}'")
        return Source(type, params, address, self.value[begin : self.at].strip())

    def _params(self, depth: int) -> list[list[Part]]:
        self.at += 1
        found: list[list[Part]] = []
        while True:
            self._spaces()
            char = self._char()
            if char == ")":
                self.at += 1
                return found
            if char in ("'", '"'):
                found.append([self._string()[0]])
                self._spaces()
                if self._char() not in (",", ")"):
                    raise SyntaxProblem(f"nothing may follow the string in '{_short(self.value)}'")
            else:
                found.append(self._raw(_PARAM, depth))
            if self._char() == ",":
                self.at += 1

    def _address(self, depth: int) -> list[Part] | None:
        char = self._char()
        if char == ":":
            raise SyntaxProblem(f"no address at '{_short(self.value[self.at :])}'")
        if char in ("'", '"'):
            text: list[Part] = [self._string()[0]]
            self._spaces()
            return text
        return self._raw(_ADDRESS, depth) or None

    def _raw(self, ends: str, depth: int) -> list[Part]:
        """Unquoted text with placeholders in it, up to one of the ends; blanks around it do not count."""
        value = self.value
        found: list[Part] = []
        begin = self.at
        while True:
            while self._char() not in ends:
                self.at += 1
            if value[self.at] != "$":
                break
            if value.startswith(OPENER, self.at):
                found.append(value[begin : self._run(self.at, "$")])
                self.at += 2
                made = self._variable(depth + 1)
                assert made is not None
                found.append(made)
                begin = self.at
            else:  # a lone dollar takes the sign after it along
                self.at += 1 if value[self.at + 1 : self.at + 2] == "$" else 2
        if ends == _PARAM and value[self.at] == "}":
            raise SyntaxProblem(f"a closing parenthesis is missing in '{_short(value)}'")
        found.append(value[begin : self.at])
        return _stripped(found)

    def _string(self) -> tuple[str, str]:
        """A quoted string and its quote; double quotes take the escapes of JSON."""
        quote = self.value[self.at]
        end = self.at + 1
        while end < len(self.value) and self.value[end] != quote:
            end += 2 if quote == '"' and self.value[end] == "\\" else 1
        if end >= len(self.value):
            raise SyntaxProblem(f"a closing quote is missing in '{_short(self.value)}'")
        raw = self.value[self.at : end + 1]
        self.at = end + 1
        if quote == "'" or "\\" not in raw:
            return raw[1:-1], quote
        import json

        try:
            return str(json.loads(raw)), quote
        except ValueError:
            raise SyntaxProblem(f"no valid string: {_short(raw)}") from None

    def _char(self) -> str:
        """The character here; at the end of the text a closing brace is missing."""
        if self.at >= len(self.value):
            raise SyntaxProblem(f"a closing brace is missing in '{_short(self.value)}'")
        return self.value[self.at]

    def _word(self) -> str:
        begin = self.at
        while self.at < len(self.value) and self.value[self.at] in _WORD:
            self.at += 1
        return self.value[begin : self.at]

    def _spaces(self) -> None:
        while self.at < len(self.value) and self.value[self.at] == " ":
            self.at += 1

    def _after_spaces(self, at: int) -> str:
        while at < len(self.value) and self.value[at] == " ":
            at += 1
        return self.value[at : at + 1]

    def _deep(self, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise SyntaxProblem(f"more than {MAX_DEPTH} placeholders are nested")


def _literal(word: str) -> str:
    """The text of a number, a boolean or null."""
    if word in ("true", "false", "null"):
        return word
    try:
        float(word if set(word) <= _DIGITS else "")
    except ValueError:
        raise SyntaxProblem(f"no variable source and no literal: '{_short(word)}'") from None
    return word


def _stripped(parts: list[Part]) -> list[Part]:
    if isinstance(parts[0], str):
        parts[0] = parts[0].lstrip()
    if isinstance(parts[-1], str):
        parts[-1] = parts[-1].rstrip()
    return [part for part in parts if part != ""]


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
