"""Patterns: does one action or resource pattern cover another, for every value of every hole?

``*`` crosses the colons of an ARN in some of IAM's readings and not in others. A finding takes the wider
reading (flat); a proof must hold under both (flat and by segments).
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
"""

from __future__ import annotations

from ..values.text import QUESTION, STAR, Hole, Text, Variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..values.text import Wildcard

    # A pattern as a list of characters, wildcards, variables and holes.
    Token = str | Wildcard | Variable | Hole


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
    ends = _uncommon(outer, inner, ignore_case)
    return False if ends is None else _compare(*ends)


def covers_by_segment(outer: Text, inner: Text) -> bool | None:
    """The same for two ARNs whose six fields are matched one by one, so that no ``*`` crosses a colon.

    A pattern that is no ARN (a lone ``*``, a hole for a whole ARN) is compared flat.
    """
    outers, inners = _segments(outer), _segments(inner)
    if outers is None or inners is None:
        return covers(outer, inner)
    verdict: bool | None = True
    for one, two in zip(outers, inners, strict=True):
        answer = _compare(one, two)
        if answer is False:
            return False
        if answer is None:
            verdict = None
    return verdict


def proves(outer: Text, inner: Text) -> bool:
    """Whether ``outer`` covers ``inner`` under both readings of ``*``: what a proof may rely on."""
    return covers(outer, inner) is True and covers_by_segment(outer, inner) is True


def _tokens(text: Text, ignore_case: bool) -> list[Token]:
    tokens: list[Token] = []
    for part in text.parts:
        if isinstance(part, str):
            tokens += part.lower() if ignore_case else part
        else:
            tokens.append(part)
    return tokens


def _segments(text: Text) -> list[list[Token]] | None:
    """The six fields of an ARN (the last keeps its colons), or None where the text is no ARN."""
    fields: list[list[Token]] = [[]]
    for token in _tokens(text, False):
        if token == ":" and len(fields) < 6:
            fields.append([])
        else:
            fields[-1].append(token)
    return fields if len(fields) == 6 and fields[0] == ["a", "r", "n"] else None


def certainly_covers(outer: Text, inner: Text, ignore_case: bool = False) -> bool:
    """Whether ``covers`` says yes; cheaper, for whoever does not need to tell no from cannot tell."""
    ends = _uncommon(outer, inner, ignore_case)
    return ends is not None and _must(*ends)


def _uncommon(outer: Text, inner: Text, ignore_case: bool) -> tuple[list[Token], list[Token]] | None:
    """The tokens of both after their common literal beginning; None where the beginnings differ."""
    left, right = _tokens(outer, ignore_case), _tokens(inner, ignore_case)
    same = 0
    for one, two in zip(left, right, strict=False):
        if not isinstance(one, str) or not isinstance(two, str):
            break
        if one != two:
            return None
        same += 1
    return left[same:], right[same:]


def _compare(outer: list[Token], inner: list[Token]) -> bool | None:
    if _must(outer, inner):
        return True
    return None if _may(outer, inner) else False


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
