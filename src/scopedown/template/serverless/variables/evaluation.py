"""Evaluates the variables of one scalar: the scalar comes in, what it stands for goes out.

A whole value becomes its target, text is put together, what the framework would refuse becomes a hole with a
note. The work for one service is bounded, whatever its author wrote.
"""

from __future__ import annotations

from ....source.tree import Node, Scalar
from .placeholders import OPENER, Placeholder, SyntaxProblem, parse
from .sources import Fatal, Sources
from .unknowns import Unknown, again, as_text, either, fallback, hole, joined

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeAlias

    from .legacy import Syntax
    from .placeholders import Part
    from .sections import Place
    from .tree import Variables

    # Variables, the innermost first: one, and the others.
    Chain: TypeAlias = "tuple[Scalar, Chain] | None"

# What a service may cost: variables resolved, characters of text made, variables that ask for each other.
MAX_RESOLVED = 50_000
MAX_TEXT = 1_000_000
MAX_CHAIN = 40
# A value may hold variables whose value holds variables, and so on; the framework stops here too.
MAX_ROUNDS = 10
# What a hole counts among them.
_HOLE = 30
_FATAL = "; the framework stops there"


class Use:
    """Where a variable is used.

    Args:
        node: the scalar it stands in.
        place: where that is read.
        chain: the scalars that are being resolved, each because the one before it asks for it.
        trail: the scalars that brought the collections around it.
        raw: a collection is wanted as it was written, to look further into it.
        rounds: how often a value has led to a value with variables.
    """

    __slots__ = ("chain", "node", "place", "raw", "rounds", "trail")

    def __init__(
        self,
        node: Scalar,
        place: Place = None,
        chain: Chain = None,
        trail: Chain = None,
        raw: bool = False,
        rounds: int = 0,
    ) -> None:
        self.node = node
        self.place = place
        self.chain = chain
        self.trail = trail
        self.raw = raw
        self.rounds = rounds

    def within(self, node: Scalar, place: Place = None, again: bool = False) -> Use:
        """The use of a variable within another text for the same value."""
        return Use(node, place, self.chain, self.trail, self.raw, self.rounds + again)


class _Limit(Exception):
    """The work that is done for one service is used up; the message says by what."""


class Evaluator:
    """Evaluates the scalars of one service.

    Args:
        variables: the service.
        syntax: the signs of the old grammar; None: the grammar of 2.30 and later.
    """

    def __init__(self, variables: Variables, syntax: Syntax | None) -> None:
        self._variables = variables
        self._syntax = syntax
        self.opener = syntax.opener if syntax is not None else OPENER
        semantics = variables.framework.semantics
        self._lenient = semantics in (2, 4)
        # Version 2 falls back to the old resolver, which only warns.
        self._fatal = _FATAL if syntax is None and semantics > 2 else ""
        self._sources = Sources(variables)
        self._parsed: dict[str, list[Part]] = {}
        self._memo: dict[int, tuple[Scalar, Node]] = {}
        self._limited = False
        self._resolved = self._made = self._depth = 0

    def known(self, node: Scalar, use: Use) -> Node:
        """What a scalar with variables in it is; ``use`` says where it is read and on whose behalf."""
        known = self._memo.get(id(node))
        if known is not None:
            return known[1]
        made = self._evaluated(node, use, raw=False)
        if isinstance(made, Scalar | Unknown):
            if made is not node:
                self._variables.author(made, node)
            if not _collects(made):
                self._memo[id(node)] = (node, made)
        return made

    def target(self, node: Scalar, use: Use) -> Node:
        """What a scalar stands for on the way to something in it: a collection as it was written."""
        if self.opener not in node.value:
            return node
        known = self._memo.get(id(node))
        return known[1] if known is not None else self._evaluated(node, use, raw=True)

    def _evaluated(self, node: Scalar, use: Use, raw: bool) -> Node:
        # What is on the way to a target does not bring what is found there.
        trail = None if raw else use.trail
        try:
            if _holds(use.chain, node) or _holds(trail, node):
                raise Fatal("it refers to itself")
            return self._value(node.value, Use(node, use.place, (node, use.chain), trail, raw))
        except (SyntaxProblem, Fatal) as problem:
            self._variables.note(shown(node.value), f"{problem}{self._fatal}", node)
        except _Limit as limit:
            if not self._limited:
                self._limited = True
                self._variables.note(shown(node.value), str(limit), node)
        return hole(_inside(node.value, self.opener), node)

    def _value(self, value: str, use: Use) -> Node:
        """What a text is; literal where it has no variables."""
        if use.rounds > MAX_ROUNDS:
            raise Fatal(f"variables lead to variables more than {MAX_ROUNDS} times")
        parts = self._parts(value)
        if len(parts) == 1 and isinstance(parts[0], Placeholder):
            return self.placeholder(parts[0], use)
        if all(isinstance(part, str) for part in parts) and "".join(map(str, parts)) == value:
            return use.node
        pieces: list[str | Node] = []
        for part in parts:
            more = [part] if isinstance(part, str) else self._pieces(part, use)
            self._made += sum(len(piece) if isinstance(piece, str) else _HOLE for piece in more)
            if self._made > MAX_TEXT:
                raise _Limit(f"the variables make more than {MAX_TEXT:,} characters")
            pieces += more
        return joined(pieces, use.node)

    def _parts(self, value: str) -> list[Part]:
        found = self._parsed.get(value)
        if found is None:
            if self._syntax is None:
                found = parse(value, self._lenient)
            else:
                from . import legacy as legacy_placeholders

                found = legacy_placeholders.parse(value, self._syntax)
            self._parsed[value] = found
        return found

    def _pieces(self, part: Placeholder, use: Use) -> list[str | Node]:
        """A placeholder within text; only what is a string, a number or a boolean can stand there."""
        node = self.placeholder(part, use.within(use.node))
        if isinstance(fallback(node), Scalar | Unknown):
            if isinstance(node, Scalar):
                return [as_text(node)]
            return node.parts if isinstance(node, Unknown) and node.kind == "join" else [node]
        if isinstance(node, Unknown):
            node = node.parts[1]  # type: ignore[assignment]
            return [node]
        raise Fatal(f"'${{{part.text}}}' is a mapping or a list, and stands within text")

    def placeholder(self, placeholder: Placeholder, use: Use) -> Node:
        """What a placeholder is.

        Raises:
            Fatal, SyntaxProblem: the framework would stop.
            _Limit: the service asks for too much.
        """
        self._resolved += 1
        if self._resolved > MAX_RESOLVED:
            raise _Limit(f"the service has more than {MAX_RESOLVED:,} variables")
        if self._depth >= MAX_CHAIN:
            raise Fatal(f"more than {MAX_CHAIN} variables lead to each other")
        self._depth += 1
        try:
            return self._placeholder(placeholder, use)
        finally:
            self._depth -= 1

    def _placeholder(self, placeholder: Placeholder, use: Use) -> Node:
        before: list[tuple[str, Node]] = []
        found: Node | None = None
        sources = placeholder.sources
        for number, source in enumerate(sources):
            if not source.type:
                node = use.node
                found = Scalar(node.document, node.start, node.end, source.literal, source.style)
            else:
                found, unknown = self._sources.value(source, use, number == len(sources) - 1)
                before += unknown
            if found is not None:
                break
        if found is not None:
            found = self._again(found, use)
        elif before:
            found = before.pop()[1]
        else:
            self._missing(placeholder, use)
            found = hole(placeholder.text, use.node)
        for condition, then in reversed(before):
            found = either(condition, then, found, use.node)
        return found

    def _again(self, found: Node, use: Use) -> Node:
        """A value of its own; a string is looked through for variables again."""
        if not isinstance(found, Scalar) or self.opener not in found.value:
            return again(found)
        return again(self._value(found.value, use.within(found, use.place, again=True)))

    def _missing(self, placeholder: Placeholder, use: Use) -> None:
        written = shown("${" + placeholder.text + "}")
        absent = self._sources.absent
        reason = f"there is no file '{shown(absent)}'" if absent else "nothing has this value"
        self._variables.note(written, f"{reason}{self._fatal}", use.node)


def _collects(made: Node) -> bool:
    """Whether a choice falls back to a mapping or a list, which is resolved for each use by itself."""
    return not isinstance(fallback(made), Scalar | Unknown)


def _holds(chain: Chain, node: Scalar) -> bool:
    while chain is not None:
        if chain[0] is node:
            return True
        chain = chain[1]
    return False


def shown(value: str) -> str:
    """A text as a note quotes it."""
    return value if len(value) <= 80 else value[:77] + "..."


def _inside(value: str, opener: str) -> str:
    """The content of a text that is one placeholder, else the text."""
    stripped = value.strip()
    if stripped.startswith(opener) and stripped.endswith("}") and stripped.count(opener) == 1:
        return stripped[len(opener) :].rstrip("}").strip()
    return shown(value)
