"""Expressions of JavaScript: ranges of tokens go in; their parts, or holes for unknown ones, come out."""

from __future__ import annotations

from .javascript_tokens import NAME
from .tree import Mapping, Node, Scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .javascript_tokens import Tokens

HOLE = "Fn::Variable"
# Deeper files are refused: every later stage may walk the tree by recursion.
MAX_DEPTH = 100
# Names may stand for at most this many nodes in all, as aliases in YAML.
MAX_EXPANDED = 250_000
_SHOWN = 80  # characters of an expression that a hole shows


class Expressions:
    """The tokens of a file, with a count of the nodes and levels that they make.

    Args:
        tokens: the tokens of the file.
    """

    __slots__ = ("document", "peak", "tokens", "total")

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.document = tokens.document
        self.total = 0
        self.peak = 0

    def bare(self, start: int, end: int) -> tuple[int, int]:
        """An expression without parentheses around it and what TypeScript says of its type."""
        tokens = self.tokens
        while start < end:
            word = tokens.word(start)
            if word == "(" and tokens.match[start] == end - 1:
                start, end = start + 1, end - 1
            elif word == "<":
                start = self._type_end(start, end)
            elif tokens.word(end - 1) == "!" and end - start > 1:
                end -= 1
            else:
                at = tokens.after(start)
                while at < end and not self.types(at):
                    at = tokens.after(at)
                if at >= end:
                    break
                end = at
        return start, end

    def types(self, index: int) -> bool:
        """Whether what follows says the type of what stands before."""
        return self.tokens.kinds[index] == NAME and self.tokens.word(index) in ("as", "satisfies")

    def _type_end(self, start: int, end: int) -> int:
        """The index after a type in angle brackets."""
        depth = 0
        while start < end:
            word = self.tokens.word(start)
            depth += (word == "<") - (word == ">")
            start = self.tokens.after(start)
            if depth == 0:
                break
        return start

    def parts(self, start: int) -> Iterator[tuple[int, int]]:
        """The ranges between the commas of a bracket, empty ones left out."""
        tokens = self.tokens
        close = tokens.match[start]
        at = begin = start + 1
        angles, typed = 0, False
        while at < close:
            word = tokens.word(at)
            if word == "," and angles <= 0:
                if begin < at:
                    yield begin, at
                begin, typed, angles = at + 1, False, 0
            elif typed:
                angles += (word == "<") - (word == ">")
            else:
                typed = at > begin and self.types(at)
            at = tokens.after(at)
        if begin < close:
            yield begin, close

    def hole(self, start: int, end: int, text: str = "") -> Mapping:
        """The node of an expression whose value is not known."""
        first, last = self.tokens.starts[start], self.tokens.ends[end - 1]
        text = text or self.shown(start, end)
        pair = (Scalar(self.document, first, last, HOLE), Scalar(self.document, first, last, text))
        return Mapping(self.document, first, last, lambda: ([pair], []), True, True)

    def shown(self, start: int, end: int) -> str:
        """An expression in short, without comments; one that is cut tells its line."""
        tokens = self.tokens
        text = ""
        for index in range(start, end):
            word = tokens.word(index)
            if index > start and tokens.starts[index] > tokens.ends[index - 1]:
                tight = text[-1] in "([." or word[0] in ")],.;"
                text += "" if tight else " "
            text += word
            if len(text) > _SHOWN:
                line = self.document.position(tokens.starts[start])[0]
                return f"{' '.join(text[:_SHOWN].split())}… (line {line})"
        return text

    def count(self, start: int, depth: int, nodes: int = 1, levels: int = 0) -> None:
        """Keep the tree within its limits."""
        self.total += nodes
        self.peak = max(self.peak, depth + levels)
        place = self.tokens.starts[start]
        if depth + levels >= MAX_DEPTH:
            raise self.tokens.error(place, f"more than {MAX_DEPTH} levels are nested", "flatten the file")
        if self.total > MAX_EXPANDED:
            cause = f"the file has more than {MAX_EXPANDED:,} nodes, with its names written out"
            raise self.tokens.error(place, cause, "shorten it, or do not nest names in names")

    def scalar(self, start: int, end: int, value: str, style: str = "") -> Scalar:
        """The node of a scalar."""
        return Scalar(self.document, self.tokens.starts[start], self.tokens.ends[end - 1], value, style)

    def key(self, node: Node, value: str) -> Scalar:
        """A key that stands where its value does."""
        return Scalar(self.document, node.start, node.end, value)


def is_hole(node: Node | None) -> bool:
    """Whether a node stands for an expression whose value is not known."""
    return isinstance(node, Mapping) and node.short
