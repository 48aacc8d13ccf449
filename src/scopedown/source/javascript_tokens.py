"""Cuts JavaScript and TypeScript into tokens: a text goes in, tokens with their places come out.

Only as much of the language is known as reading a literal needs: comments, strings, templates, regular
expressions, brackets. Every character is looked at once. The grammar is that of ECMAScript
(https://tc39.es/ecma262/, chapter 12).
"""

from __future__ import annotations

from .tree import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .tree import Document

# Kinds of tokens. A template without ${} is TEXT; one with is HEAD, code, MIDDLE, code, ..., TAIL.
NAME, NUMBER, STRING, TEXT, HEAD, MIDDLE, TAIL, SIGN, REGEX = range(9)

_OPERATORS = (
    "=== !== ... **= <<= >>= &&= ||= ??= => == != <= += -= *= /= %= &= |= ^= ?. && || ?? ++ --".split()
)
_CLOSING = {")": "(", "]": "[", "}": "{"}
# Words after which a '/' begins a regular expression.
_BEFORE_VALUE = frozenset(
    "return typeof case in of new delete void throw else do await yield instanceof".split()
)


class Tokens:
    """The tokens of a text: parallel lists of what each is, where it starts and where it ends.

    ``match`` has for every opening bracket and HEAD the index of the token that closes it, ``comments`` where
    each comment starts and ends.
    """

    __slots__ = ("_open", "comments", "document", "ends", "kinds", "match", "starts", "text")

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text
        self.kinds: list[int] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.match: dict[int, int] = {}
        self.comments: list[tuple[int, int]] = []
        self._open: list[int] = []
        self._run()

    def word(self, index: int) -> str:
        """The text of a token; "" beyond the last."""
        return self.text[self.starts[index] : self.ends[index]] if index < len(self.kinds) else ""

    def after(self, index: int) -> int:
        """The index of the next token that is not inside this one's bracket."""
        return self.match.get(index, index) + 1

    def error(self, at: int, cause: str, advice: str) -> InputError:
        """An error at a place of the text."""
        line, column = self.document.position(min(at, len(self.text)))
        return InputError(self.document.path, cause, advice, line, column)

    def _run(self) -> None:
        text, length = self.text, len(self.text)
        at = text.find("\n") if text.startswith("#!") else 0
        at = length if at < 0 else at
        while at < length:
            char = text[at]
            if char.isspace() or char == "\ufeff":
                at += 1
            elif char == "/" and text[at + 1 : at + 2] in ("/", "*"):
                start, at = at, self._comment(at)
                self.comments.append((start, at))
            elif char.isalpha() or char in "_$#@":
                at = self._name(at)
            elif char.isdigit() or (char == "." and text[at + 1 : at + 2].isdigit()):
                at = self._number(at)
            elif char in "\"'":
                at = self._string(at, char)
            elif char == "`" or (char == "}" and self._in_template()):
                at = self._template(at)
            elif char == "/" and self._regex_may_stand():
                at = self._add(REGEX, at, self._regex(at))
            else:
                at = self._sign(at, char)
        if self._open:
            place = self.starts[self._open[-1]]
            raise self.error(place, f"'{text[place]}' is not closed", "add what closes it")

    def _add(self, kind: int, start: int, end: int) -> int:
        self.kinds.append(kind)
        self.starts.append(start)
        self.ends.append(end)
        return end

    def _comment(self, at: int) -> int:
        if self.text[at + 1] == "/":
            end = self.text.find("\n", at)
            return len(self.text) if end < 0 else end
        end = self.text.find("*/", at + 2)
        if end < 0:
            raise self.error(at, "a comment is not closed", "close it with '*/'")
        return end + 2

    def _name(self, at: int) -> int:
        text, length, end = self.text, len(self.text), at + 1
        while end < length and (text[end].isalnum() or text[end] in "_$"):
            end += 1
        return self._add(NAME, at, end)

    def _number(self, at: int) -> int:
        text, length, end = self.text, len(self.text), at + 1
        whole = text[at : at + 2].lower() in ("0x", "0b", "0o")
        while end < length:
            char = text[end]
            signed = char in "+-" and text[end - 1] in "eE" and not whole
            if not (char.isalnum() or char in "_." or signed):
                break
            end += 1
        return self._add(NUMBER, at, end)

    def _string(self, at: int, quote: str) -> int:
        text, length, end = self.text, len(self.text), at + 1
        while end < length and text[end] not in "\r\n":
            if text[end] == quote:
                return self._add(STRING, at, end + 1)
            if text[end] == "\\":
                end += 2 if text.startswith("\r\n", end + 1) else 1
            end += 1
        raise self.error(at, "a string is not closed", "add the closing quote")

    def _in_template(self) -> bool:
        return bool(self._open) and self.kinds[self._open[-1]] == HEAD

    def _template(self, at: int) -> int:
        """The text of a template from its '`' or from the '}' of an expression in it."""
        text, length, end = self.text, len(self.text), at + 1
        begins = text[at] == "`"
        while end < length:
            if text[end] == "`":
                if not begins:
                    self.match[self._open.pop()] = len(self.kinds)
                return self._add(TEXT if begins else TAIL, at, end + 1)
            if text.startswith("${", end):
                if begins:
                    self._open.append(len(self.kinds))
                return self._add(HEAD if begins else MIDDLE, at, end + 2)
            end += 2 if text[end] == "\\" else 1
        raise self.error(at, "a template string is not closed", "add the closing '`'")

    def _regex_may_stand(self) -> bool:
        """Whether a '/' begins a regular expression and is no division."""
        if not self.kinds:
            return True
        word = self.word(len(self.kinds) - 1)
        if self.kinds[-1] == NAME:
            return word in _BEFORE_VALUE
        return self.kinds[-1] in (SIGN, HEAD, MIDDLE) and word not in (")", "]", "}", "++", "--")

    def _regex(self, at: int) -> int:
        """The end of a regular expression."""
        text, length, end, inside = self.text, len(self.text), at + 1, False
        while end < length and text[end] not in "\r\n":
            char = text[end]
            if char == "\\":
                end += 1
            elif char in "[]":
                inside = char == "["
            elif char == "/" and not inside:
                end += 1
                while end < length and text[end].isalpha():
                    end += 1
                return end
            end += 1
        raise self.error(at, "a regular expression is not closed", "close it with '/'")

    def _sign(self, at: int, char: str) -> int:
        if char in "([{":
            self._open.append(len(self.kinds))
        elif char in _CLOSING:
            opened = self._open.pop() if self._open else -1
            if opened < 0 or self.word(opened) != _CLOSING[char]:
                raise self.error(
                    at, f"'{char}' closes nothing", f"remove it, or open it with '{_CLOSING[char]}'"
                )
            self.match[opened] = len(self.kinds)
        elif char in "=!.*<>&|?+-/%^":
            for operator in _OPERATORS:
                if self.text.startswith(operator, at):
                    return self._add(SIGN, at, at + len(operator))
        return self._add(SIGN, at, at + 1)
