"""Reads serverless.ts and serverless.js: a Document's text goes in, the located tree of its export comes out.

The file is never run. Read is the object literal that it exports, with the names that the file itself gives
to literals; ``javascript_values`` says what becomes of the rest.
"""

from __future__ import annotations

from .javascript_expressions import is_hole
from .javascript_tokens import NAME, NUMBER, REGEX, STRING, TAIL, TEXT, Tokens
from .javascript_values import Values
from .tree import InputError, Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .tree import Document

# The configuration of a service has some kilobytes; the limit keeps time and memory within bounds.
MAX_CHARACTERS = 1_000_000

_ASSIGN = frozenset("= += -= *= /= %= **= ||= &&= ??= ++ --".split())
_CHANGING = frozenset("push unshift pop shift splice sort reverse fill".split())
_MERGING = frozenset("assign merge mergeWith extend defaults defaultsDeep set unset".split())
_UNFINISHED = frozenset("as satisfies in of instanceof typeof new await delete void extends keyof".split())
_STATEMENTS = frozenset("const let var export import function class type interface module exports".split())
_ADVICE = "give the packaged template .serverless/cloudformation-template-update-stack.json instead"


class NotLiteral(InputError):
    """The file is well formed, but what it exports is made by code, which is not run."""


def parse_javascript(document: Document) -> Mapping:
    """Parse the configuration that a JavaScript or TypeScript file exports.

    Args:
        document: the text; spans of the nodes point into it.

    Returns:
        The object that is exported (``module.exports =``, ``export default``, ``export =``), also by way of
        a name, a type annotation, or a function that returns it. Names resolve to what the file says they
        are, so a node may stand at another place than its use.

    Raises:
        NotLiteral: what is exported is no object literal.
        InputError: the text cannot be read, is too deep or too large.
    """
    if len(document.text) > MAX_CHARACTERS:
        cause = f"the file has more than {MAX_CHARACTERS:,} characters"
        raise InputError(document.path, cause, "name the configuration of a service")
    return _Module(Tokens(document)).exported()


class _Module:
    """Finds the declarations and the export of a file."""

    __slots__ = ("_declared", "export", "tokens", "values")

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.values = Values(tokens)
        self.export: tuple[int, int] | None = None
        self._declared: set[int] = set()

    def exported(self) -> Mapping:
        """The object that the file exports."""
        tokens = self.tokens
        self._statements()
        if self.export is None:
            raise NotLiteral(tokens.document.path, "no object literal is exported", _ADVICE)
        self._changes()
        start, end = self.export
        for _ in range(10):
            name = tokens.word(start)
            if end - start == 1 and name in self.values.names and name not in self.values.changed:
                start, end = self.values.bare(*self.values.names[name])
                continue
            node = self.values.value(start, end)
            if isinstance(node, Mapping) and not is_hole(node):
                return node
            returned = self._returned(start, end)
            if returned is None:
                break
            start, end = self.values.bare(*returned)
        line, column = tokens.document.position(tokens.starts[self.export[0]])
        raise NotLiteral(tokens.document.path, "no object literal is exported", _ADVICE, line, column)

    def _statements(self) -> None:
        """Note what the file declares and exports."""
        tokens, at = self.tokens, 0
        while at < len(tokens.kinds):
            word = tokens.word(at) if tokens.kinds[at] == NAME else ""
            if word in ("const", "let", "var"):
                at = self._declare(at, len(tokens.kinds))
                continue
            start = self._export(at, word)
            if start:
                self._note_export(start)
            at = tokens.after(at)

    def _export(self, at: int, word: str) -> int:
        """The index of what is exported, if a token begins an export; else 0."""
        word_at = self.tokens.word
        if word == "export":
            if word_at(at + 1) in ("default", "="):
                return at + 2
            return self._renamed(at + 1) if word_at(at + 1) == "{" else 0
        if word_at(at - 1) == "." and at:
            return 0
        if word == "module" and word_at(at + 1) == "." and word_at(at + 2) == "exports":
            at += 2
        elif word != "exports" or word_at(at + 1) != ".":
            return 0
        if word_at(at + 1) == "." and word_at(at + 2) == "default":
            at += 2
        elif word == "exports":
            return 0
        return at + 2 if word_at(at + 1) == "=" else 0

    def _renamed(self, brace: int) -> int:
        """``export { name as default }``: the index of the name."""
        for at in range(brace + 1, self.tokens.match[brace] - 2):
            if self.tokens.word(at + 1) == "as" and self.tokens.word(at + 2) == "default":
                return at
        return 0

    def _note_export(self, start: int) -> None:
        tokens = self.tokens
        while tokens.word(start) == "exports" and tokens.word(start + 1) == "=":
            start += 2
        end = self._end(start, len(tokens.kinds))
        if tokens.word(start + 1) == "as" and tokens.word(start + 2) == "default":
            end = start + 1
        start, end = self.values.bare(start, end)
        if start < end:
            self.export = start, end

    def _declare(self, at: int, limit: int) -> int:
        """Note the names of a declaration; the index after it."""
        tokens = self.tokens
        while True:
            name = at + 1
            equals = tokens.after(name) if name < limit else limit
            while equals < limit and tokens.word(equals) not in ("=", ";"):
                if tokens.word(equals) in _STATEMENTS and self._new_line(equals):
                    return equals
                equals = tokens.after(equals)
            if equals >= limit or tokens.word(equals) == ";":
                return equals
            end = self._end(equals + 1, limit, comma=True)
            if tokens.kinds[name] == NAME:
                self._declared.add(name)
                if equals + 1 < end:
                    self.values.names[tokens.word(name)] = equals + 1, end
            if tokens.word(end) != ",":
                return end
            at = end

    def _end(self, start: int, limit: int, comma: bool = False) -> int:
        """The index after an expression that begins a token: at ';', ',' or where a new statement begins."""
        tokens, at = self.tokens, start
        while at < limit:
            word = tokens.word(at)
            if word == ";" or (comma and word == ","):
                return at
            if at > start and self._begins(at) and self._new_line(at) and self._finished(at - 1):
                return at
            at = tokens.after(at)
        return min(at, limit)

    def _new_line(self, at: int) -> bool:
        tokens = self.tokens
        return tokens.document.text.find("\n", tokens.ends[at - 1], tokens.starts[at]) >= 0

    def _begins(self, at: int) -> bool:
        """Whether a token at the beginning of a line cannot go on with an expression."""
        word, kind = self.tokens.word(at), self.tokens.kinds[at]
        if kind == NAME:
            return word not in ("as", "satisfies", "in", "of", "instanceof")
        return kind in (NUMBER, STRING) or word == "{"

    def _finished(self, at: int) -> bool:
        """Whether an expression may end with a token."""
        word, kind = self.tokens.word(at), self.tokens.kinds[at]
        if kind == NAME:
            return word not in _UNFINISHED
        return kind in (NUMBER, STRING, TEXT, TAIL, REGEX) or word in (")", "]", "}", "!")

    def _changes(self) -> None:
        """Note the names that the file assigns to, or into, after their declaration."""
        tokens, names, changed = self.tokens, self.values.names, self.values.changed
        for at, kind in enumerate(tokens.kinds):
            if kind != NAME or at in self._declared:
                continue
            name = tokens.word(at)
            before = tokens.word(at - 1) if at else ""
            if name not in names or before in (".", "?."):
                continue
            end = at + 1
            while tokens.word(end) in (".", "?.", "["):
                end = end + 2 if tokens.word(end) != "[" else tokens.after(end)
            after = tokens.word(end)
            merged = before == "(" and at > 1 and tokens.word(at - 2) in _MERGING and end == at + 1
            called = after == "(" and end > at + 1 and tokens.word(end - 1) in _CHANGING
            if merged or called or before in ("delete", "++", "--") or after in _ASSIGN:
                changed.setdefault(name, (at, min(end, len(tokens.kinds))))

    def _returned(self, start: int, end: int) -> tuple[int, int] | None:
        """What a function returns, or one that is called on the spot; None for any other expression."""
        tokens = self.tokens
        if tokens.word(start) == "await":
            start += 1
        if tokens.word(start) == "(" and tokens.after(start) < end:
            call = tokens.after(start)
            if tokens.word(call) == "(" and tokens.match[call] == end - 1:
                start, end = self.values.bare(start, call)
        at = start
        is_function = tokens.word(start + (tokens.word(start) == "async")) == "function"
        while at < end and tokens.word(at) != ("{" if is_function else "=>"):
            at = tokens.after(at)
        body = at if is_function else at + 1
        if body >= end:
            return None
        return self._last(body) if tokens.word(body) == "{" else (body, end)

    def _last(self, brace: int) -> tuple[int, int] | None:
        """What the one ``return`` of a function's body gives; its own names count as those of the file."""
        tokens = self.tokens
        close = tokens.match[brace]
        found = []
        at = brace + 1
        while at < close:
            word = tokens.word(at) if tokens.kinds[at] == NAME else ""
            if word in ("const", "let", "var"):
                at = self._declare(at, close)
                continue
            if word == "return":
                found.append((at + 1, self._end(at + 1, close)))
            at = tokens.after(at)
        self._changes()
        return found[0] if len(found) == 1 and found[0][0] < found[0][1] else None
