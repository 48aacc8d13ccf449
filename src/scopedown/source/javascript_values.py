"""Reads the literals of JavaScript: a range of tokens goes in, a located tree comes out. Nothing is run.

What is not literal becomes a hole: the mapping ``{Fn::Variable: text}`` with ``short`` set, at the place of
the expression; its text is the expression in short. An object with a part that is not known (``...base``,
``[key]: value``) has the key ``...`` with a hole for it: keys before that part may have other values, and
there may be more. In an array such a part is one item, a hole that begins with ``...``.
"""

from __future__ import annotations

from .javascript_expressions import Expressions, is_hole
from .javascript_text import decoded, number_text
from .javascript_tokens import HEAD, MIDDLE, NAME, NUMBER, STRING, TAIL, TEXT
from .tree import Mapping, Node, Scalar, Sequence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .javascript_tokens import Tokens

UNKNOWN = "..."
_PARTS = 5  # parts of an object that its hole shows
_LITERALS = {"true": "true", "false": "false", "null": "null", "undefined": "null"}


class Values(Expressions):
    """Makes nodes of tokens.

    Args:
        tokens: the tokens of the file.
        names: the tokens (from, to) that a name of the file stands for.
        changed: names that are assigned to after their declaration, with the tokens that do it.
    """

    __slots__ = ("_made", "_making", "changed", "names")

    def __init__(self, tokens: Tokens) -> None:
        super().__init__(tokens)
        self.names: dict[str, tuple[int, int]] = {}
        self.changed: dict[str, tuple[int, int]] = {}
        self._made: dict[str, tuple[Node, int, int]] = {}  # node, number of nodes, levels
        self._making: set[str] = set()

    def value(self, start: int, end: int, depth: int = 0) -> Node:
        """The node of an expression.

        Raises:
            InputError: nothing stands there, too deep, or names expand to too many nodes.
        """
        tokens = self.tokens
        begin = start
        start, end = self.bare(start, end)
        if start >= end:
            place = tokens.starts[min(begin, len(tokens.starts) - 1)]
            raise tokens.error(place, "a value is missing here", "write the value")
        self.count(start, depth)
        if end - start == 1:
            return self._single(start, depth)
        word = tokens.word(start)
        if tokens.match.get(start) == end - 1 and word != "(":
            if word == "{":
                return self._object(start, end, depth)
            return self._array(start, end, depth) if word == "[" else self._template(start, end, depth)
        if word in ("-", "+") and end - start == 2 and tokens.kinds[start + 1] == NUMBER:
            number = number_text(tokens.word(start + 1))
            if number is not None:
                return self.scalar(start, end, word.replace("+", "") + number)
        return self._member(start, end, depth) or self._sum(start, end, depth) or self.hole(start, end)

    def _single(self, index: int, depth: int) -> Node:
        """The node of an expression of one token."""
        word, kind = self.tokens.word(index), self.tokens.kinds[index]
        if kind == STRING:
            return self.scalar(index, index + 1, decoded(word[1:-1]), word[0])
        if kind == TEXT:
            return self.scalar(index, index + 1, decoded(word[1:-1]), '"')
        number = number_text(word) if kind == NUMBER else None
        if number is not None:
            return self.scalar(index, index + 1, number)
        if kind == NAME and word in _LITERALS:
            return self.scalar(index, index + 1, _LITERALS[word])
        found = self._named(index, depth) if kind == NAME else None
        return found or self.hole(index, index + 1)

    def _named(self, index: int, depth: int) -> Node | None:
        """What a name of this file stands for; None where that is not literal."""
        name = self.tokens.word(index)
        if name not in self.names or name in self._making:
            return None
        if name in self._made:
            node, size, levels = self._made[name]
            self.count(index, depth, size, levels)
        else:
            total, peak = self.total, self.peak
            self._making.add(name)
            self.peak = depth
            node = self.value(*self.names[name], depth + 1)
            self._making.discard(name)
            node = self._with_changes(name, node)
            self._made[name] = node, self.total - total, self.peak - depth
            self.peak = max(peak, self.peak)
        return None if is_hole(node) else node

    def _with_changes(self, name: str, node: Node) -> Node:
        """A value that other lines of the file change is known in part only."""
        if name not in self.changed or is_hole(node):
            return node
        hole = self.hole(*self.changed[name])
        if isinstance(node, Mapping):
            pairs = {key.value: (key, value) for key, value in node.entries}
            pairs[UNKNOWN] = (self.key(hole, UNKNOWN), hole)
            return Mapping(
                node.document, node.start, node.end, lambda: (list(pairs.values()), node.duplicates), True
            )
        if isinstance(node, Sequence):
            items = [*node.items, hole]
            return Sequence(node.document, node.start, node.end, lambda: items, True)
        return hole

    def _member(self, start: int, end: int, depth: int) -> Node | None:
        """What ``name.key['key'][0]`` stands for; None where that is not literal or not written so."""
        tokens = self.tokens
        base = tokens.word(start)
        if tokens.kinds[start] != NAME or base not in self.names or base in self.changed:
            return None
        keys = self._keys(start + 1, end)
        if keys is None:
            return None
        total, peak = self.total, self.peak
        node = self._named(start, depth)
        for key in keys:
            if isinstance(node, Mapping):
                node = node.get(key)
            elif isinstance(node, Sequence):
                index = int(key) if key.isdecimal() and len(key) < 7 else len(node.items)
                before = node.items[: index + 1]
                node = before[-1] if index < len(node.items) and not any(map(is_hole, before)) else None
        if isinstance(node, Scalar):
            self.total, self.peak = total, peak
        return None if node is None or is_hole(node) else node

    def _keys(self, at: int, end: int) -> list[str] | None:
        """The keys of a chain such as ``.key['key'][0]``; None where it is none."""
        tokens = self.tokens
        keys = []
        while at < end:
            word = tokens.word(at)
            if word in (".", "?.") and at + 1 < end and tokens.kinds[at + 1] == NAME:
                keys.append(tokens.word(at + 1))
                at += 2
            elif word == "[" and tokens.match[at] == at + 2 and tokens.kinds[at + 1] in (STRING, NUMBER):
                key = tokens.word(at + 1)
                keys.append(decoded(key[1:-1]) if tokens.kinds[at + 1] == STRING else key)
                at += 3
            else:
                return None
        return keys

    def _sum(self, start: int, end: int, depth: int) -> Scalar | None:
        """Strings joined by ``+``; None where one of them is not literal."""
        places = [start - 1]
        at = start
        while at < end:
            if self.tokens.word(at) == "+":
                places.append(at)
            at = self.tokens.after(at)
        places.append(end)
        if len(places) < 3:
            return None
        text = ""
        for index, place in enumerate(places[:-1]):
            if place + 1 == places[index + 1]:
                return None
            part = self.value(place + 1, places[index + 1], depth + 1)
            if not isinstance(part, Scalar) or (not index and not part.style):
                return None
            text += part.value
        return self.scalar(start, end, text, '"')

    def _template(self, start: int, end: int, depth: int) -> Node:
        """A template with ``${}``: text where all in it is literal."""
        tokens = self.tokens
        text = ""
        at, begin = start, start + 1
        while True:
            if tokens.kinds[at] in (HEAD, MIDDLE, TAIL):
                if at > start:
                    part = self.value(begin, at, depth + 1)
                    if not isinstance(part, Scalar):
                        return self.hole(start, end)
                    text += part.value
                begin = at + 1
                text += decoded(tokens.word(at)[1 : -1 if tokens.kinds[at] == TAIL else -2])
            if at == end - 1:
                return self.scalar(start, end, text, '"')
            at = at + 1 if at == start else tokens.after(at)

    def _array(self, start: int, end: int, depth: int) -> Sequence:
        items: list[Node] = []
        for begin, stop in self.parts(start):
            if self.tokens.word(begin) != UNKNOWN:
                items.append(self.value(begin, stop, depth + 1))
                continue
            spread = self.value(begin + 1, stop, depth)
            items += spread.items if isinstance(spread, Sequence) else [self.hole(begin, stop)]
        first, last = self.tokens.starts[start], self.tokens.ends[end - 1]
        return Sequence(self.document, first, last, lambda: items, True)

    def _object(self, start: int, end: int, depth: int) -> Mapping:
        made = _Object()
        for begin, stop in self.parts(start):
            self._entry(made, begin, stop, depth)
        if made.unknown:
            texts = list(dict.fromkeys(self.shown(*part) for part in made.unknown))
            text = ", ".join(texts[:_PARTS]) + (", …" if len(texts) > _PARTS else "")
            hole = self.hole(*made.unknown[0], text)
            made.pairs[UNKNOWN] = (self.key(hole, UNKNOWN), hole)
        pairs = list(made.pairs.values())
        first, last = self.tokens.starts[start], self.tokens.ends[end - 1]
        return Mapping(self.document, first, last, lambda: (pairs, made.duplicates), True)

    def _entry(self, made: _Object, start: int, end: int, depth: int) -> None:
        """One part of an object: an entry, a spread, a name alone or a method."""
        tokens = self.tokens
        if tokens.word(start) == UNKNOWN:
            spread = self.value(start + 1, end, depth)
            if isinstance(spread, Mapping) and not is_hole(spread):
                self._spread(made, spread, start, end)
            else:
                made.unknown.append((start, end))
            return
        stop = tokens.after(start)
        key = self._key_at(start, stop, depth)
        if key is not None and tokens.word(stop) == ":" and stop < end:
            made.add(key, self.value(stop + 1, end, depth + 1))
        elif key is not None and stop == end and tokens.kinds[start] == NAME:
            made.add(key, self.value(start, end, depth + 1))
        else:
            method = self._method(start, end)
            if method is None:
                made.unknown.append((start, end))
            else:
                made.add(method, self.hole(start, end))

    def _spread(self, made: _Object, spread: Mapping, start: int, end: int) -> None:
        for key, value in spread.entries:
            if key.value == UNKNOWN:
                made.unknown.append((start, end))
            else:
                made.explicit.discard(key.value)
                made.pairs.pop(key.value, None)
                made.pairs[key.value] = (key, value)

    def _key_at(self, start: int, stop: int, depth: int) -> Scalar | None:
        """The key of an entry; None where its text is not known."""
        tokens = self.tokens
        word, kind = tokens.word(start), tokens.kinds[start]
        if kind == NAME:
            return self.scalar(start, stop, word)
        if kind == STRING:
            return self.scalar(start, stop, decoded(word[1:-1]), word[0])
        if kind == NUMBER:
            return self.scalar(start, stop, number_text(word) or word)
        if word == "[" and stop - start > 2:
            computed = self.value(start + 1, stop - 1, depth + 1)
            if isinstance(computed, Scalar):
                return self.scalar(start, stop, computed.value)
        return None

    def _method(self, start: int, end: int) -> Scalar | None:
        """The name of a method, getter or setter."""
        tokens = self.tokens
        at = start
        while at + 1 < end and tokens.word(at) in ("async", "get", "set", "*") and tokens.word(at + 1) != "(":
            at += 1
        if tokens.kinds[at] == NAME and tokens.word(at + 1) in ("(", "<"):
            return self.scalar(at, at + 1, tokens.word(at))
        return None


class _Object:
    """An object while it is read."""

    __slots__ = ("duplicates", "explicit", "pairs", "unknown")

    def __init__(self) -> None:
        self.pairs: dict[str, tuple[Scalar, Node]] = {}
        self.explicit: set[str] = set()
        self.duplicates: list[Scalar] = []
        self.unknown: list[tuple[int, int]] = []

    def add(self, key: Scalar, value: Node) -> None:
        """An entry that is written out: the last of equal ones counts."""
        earlier = self.pairs.pop(key.value, None)
        if earlier and key.value in self.explicit:
            self.duplicates.append(earlier[0])
        self.explicit.add(key.value)
        self.pairs[key.value] = (key, value)
