"""Patterns: does one action or resource pattern cover another, for every value of every hole?

Answers have three values: True for yes, False for no, None for cannot tell. ``*`` crosses the colons of an
ARN in some of IAM's readings and not in others. A finding takes the wider reading (flat); a proof must hold
under both (flat and by segments).
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

from ..values.text import QUESTION, STAR, Hole, Text, Variable, Wildcard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    # A pattern as a list of characters, wildcards, variables and holes.
    Token = str | Wildcard | Variable | Hole

_STATES = 2000  # of two automata read at once; more are no pattern that anyone writes


def covers(outer: Text, inner: Text, ignore_case: bool = False) -> bool | None:
    """Whether everything that ``inner`` matches is matched by ``outer`` too (flat reading).

    Args:
        outer: the pattern that may cover.
        inner: the pattern that may be covered.
        ignore_case: true for actions, false for resources.

    Returns:
        True for yes whatever the holes are, False for no whatever they are, None for cannot tell.
    """
    if outer.parts == inner.parts:
        return True
    ends = uncommon(outer, inner, ignore_case)
    return False if ends is None else compare(*ends)


def covers_by_segment(outer: Text, inner: Text) -> bool | None:
    """The same for two ARNs whose six fields are matched one by one, so that no ``*`` crosses a colon.

    A pattern that is no ARN (a lone ``*``, a hole for a whole ARN) is compared flat.
    """
    outers, inners = segments_of(outer), segments_of(inner)
    if outers is None or inners is None:
        return covers(outer, inner)
    verdict: bool | None = True
    for one, two in zip(outers, inners, strict=True):
        answer = compare(one, two)
        if answer is False:
            return False
        if answer is None:
            verdict = None
    return verdict


def proves(outer: Text, inner: Text) -> bool:
    """Whether ``outer`` covers ``inner`` under both readings of ``*``: what a proof may rely on."""
    return covers(outer, inner) is True and covers_by_segment(outer, inner) is True


def tokens_of(text: Text, ignore_case: bool) -> list[Token]:
    """A pattern as characters, wildcards, variables and holes."""
    tokens: list[Token] = []
    for part in text.parts:
        if isinstance(part, str):
            tokens += part.lower() if ignore_case else part
        else:
            tokens.append(part)
    return tokens


def segments_of(text: Text) -> list[list[Token]] | None:
    """The six fields of an ARN as tokens (the last keeps its colons), or None where the text is no ARN."""
    fields: list[list[Token]] = [[]]
    for token in tokens_of(text, False):
        if token == ":" and len(fields) < 6:
            fields.append([])
        else:
            fields[-1].append(token)
    return fields if len(fields) == 6 and fields[0] == ["a", "r", "n"] else None


def certainly_covers(outer: Text, inner: Text, ignore_case: bool = False) -> bool:
    """Whether ``covers`` says yes; cheaper, for whoever does not need to tell no from cannot tell."""
    ends = uncommon(outer, inner, ignore_case)
    return ends is not None and _must(*ends)


def uncommon(outer: Text, inner: Text, ignore_case: bool) -> tuple[list[Token], list[Token]] | None:
    """The tokens of both after their common literal beginning; None where the beginnings differ.

    Two patterns with different beginnings have no string in common.
    """
    left, right = tokens_of(outer, ignore_case), tokens_of(inner, ignore_case)
    same = 0
    for one, two in zip(left, right, strict=False):
        if not isinstance(one, str) or not isinstance(two, str):
            break
        if one != two:
            return None
        same += 1
    return left[same:], right[same:]


def compare(outer: list[Token], inner: list[Token]) -> bool | None:
    """``covers`` of two lists of tokens."""
    if _must(outer, inner):
        return True
    if QUESTION in outer and STAR in inner:
        # "?*" covers "*?", which a comparison token by token does not see.
        return _includes(outer, inner)
    return None if _may(outer, inner) else False


def _includes(outer: list[Token], inner: list[Token]) -> bool | None:
    """The same as a question of automata: does some string of ``inner`` escape all positions of ``outer``?"""
    if not all(isinstance(token, (str, Wildcard)) for token in (*outer, *inner)):
        return None
    if not all(_must(outer, _sample(inner, length)) for length in (0, len(outer) + 1)):
        return False
    letters: list[Token] = [*{token for token in outer if isinstance(token, str)}, "\0"]
    first = (0, frozenset(_beyond_empty(outer, {0})))
    seen, queue = {first}, [first]
    while queue and len(seen) < _STATES:
        at, positions = queue.pop()
        if at == len(inner) and len(outer) not in positions:
            return False
        token = inner[at] if at < len(inner) else None
        after: list[tuple[int, set[int]]] = [(at + 1, set(positions))] if token is STAR else []
        for letter in letters if isinstance(token, Wildcard) else [token] if token is not None else []:
            there = _beyond_empty(outer, _steps(outer, set(positions), letter))
            after.append((at if token is STAR else at + 1, there))
        for state in ((number, frozenset(there)) for number, there in after):
            if state not in seen:
                seen.add(state)
                queue.append(state)
    return None if queue else True


def _sample(tokens: list[Token], length: int) -> list[Token]:
    """A string that a pattern without holes matches; a star stands for so many letters that no other has."""
    found: list[Token] = []
    for token in tokens:
        found += ["\0"] * (length if token is STAR else 1) if isinstance(token, Wildcard) else [token]
    return found


def _must(outer: list[Token], inner: list[Token]) -> bool:
    """Whether ``outer`` matches ``inner``, token by token, whatever the holes stand for."""
    at = behind = retry = 0
    star = -1
    while at < len(inner):
        expected = outer[behind] if behind < len(outer) else None
        token = inner[at]
        if expected is STAR:
            star, retry = behind, at
            behind += 1
        elif (expected == token and token is not STAR) or (expected is QUESTION and isinstance(token, str)):
            behind += 1
            at += 1
        elif star >= 0:
            retry += 1
            behind, at = star + 1, retry
        else:
            return False
    return all(token is STAR for token in outer[behind:])


def _may(outer: list[Token], inner: list[Token]) -> bool:
    """Whether ``outer`` matches ``inner`` for some values of the holes; positions are kept as a set."""
    positions = _beyond_empty(outer, {0})
    for token in inner:
        if isinstance(token, (Hole, Variable)):
            positions = set(range(min(positions), len(outer) + 1))
        else:
            positions = _beyond_empty(outer, _steps(outer, positions, token))
        if not positions:
            return False
    return len(outer) in positions


def _steps(outer: list[Token], positions: set[int], token: Token) -> set[int]:
    after: set[int] = set()
    for at in positions:
        expected = outer[at] if at < len(outer) else None
        if expected is STAR:
            after.add(at)
        elif isinstance(expected, (Hole, Variable)):
            after.update((at, at + 1))
        elif (expected is QUESTION and token is not STAR) or (expected is not None and expected == token):
            after.add(at + 1)
    return after


def _beyond_empty(outer: list[Token], positions: set[int]) -> set[int]:
    """The positions and those reached by letting stars and holes stand for nothing."""
    reached = set(positions)
    queue = list(positions)
    while queue:
        at = queue.pop()
        if at < len(outer) and at + 1 not in reached:
            token = outer[at]
            if token is STAR or isinstance(token, (Hole, Variable)):
                reached.add(at + 1)
                queue.append(at + 1)
    return reached


def negated(answer: bool | None) -> bool | None:
    """Not, of an answer with three values."""
    return None if answer is None else not answer


def both(one: bool | None, two: bool | None) -> bool | None:
    """And, of two answers with three values."""
    if one is False or two is False:
        return False
    return None if one is None or two is None else True


def either(answers: Iterable[bool | None]) -> bool | None:
    """Or, over any number of answers with three values."""
    result: bool | None = False
    for answer in answers:
        if answer:
            return True
        if answer is None:
            result = None
    return result
