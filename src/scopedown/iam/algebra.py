"""Set algebra: two patterns come in; whether they meet, what both match or only one of them does goes out.

Answers hold for every value of every hole; where a list of patterns cannot say it, the answer is None. With
``segments`` the six fields of two ARNs are taken one by one, as in ``pattern.covers_by_segment``.
"""

from __future__ import annotations

from ..values.text import QUESTION, STAR, Text, Wildcard
from .pattern import compare, covers, covers_by_segment, segments_of, tokens_of, uncommon

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .pattern import Token

    Tokens = tuple[Token, ...]

# More patterns than this for one intersection are no answer that anyone could read.
LIMIT = 32


def within(outer: Text, inner: Text, ignore_case: bool = False, segments: bool = False) -> bool | None:
    """Whether ``outer`` covers ``inner``, in the reading asked for."""
    return covers_by_segment(outer, inner) if segments else covers(outer, inner, ignore_case)


def overlaps(one: Text, two: Text, ignore_case: bool = False, segments: bool = False) -> bool | None:
    """Whether some string is matched by both.

    Returns:
        True for yes whatever the holes are, False for no whatever they are, None for cannot tell.
    """
    answer: bool | None = True
    if uncommon(one, two, ignore_case) is None:
        return False
    for left, right in _fields(one, two, ignore_case, segments):
        found = _meet(left, right)
        if found is False:
            return False
        if found is None:
            answer = None
    return answer


def intersect(one: Text, two: Text, ignore_case: bool = False, segments: bool = False) -> list[Text] | None:
    """Patterns that together match exactly what both match; [] where nothing does.

    Returns:
        None where that depends on holes or takes too many patterns.
    """
    for outer, inner in ((one, two), (two, one)):
        if within(outer, inner, ignore_case, segments):
            return [inner]
    if overlaps(one, two, ignore_case, segments) is False:
        return []
    found: list[Tokens] = [()]
    for number, (left, right) in enumerate(_fields(one, two, ignore_case, segments)):
        pieces = _both(left, right)
        if pieces is None or len(found) * len(pieces) > LIMIT:
            return None
        colon: Tokens = (":",) if number else ()
        found = [(*done, *colon, *piece) for done in found for piece in pieces]
    return _maximal([Text.join(piece) for piece in found], ignore_case, segments)


def subtract(one: Text, two: Text, ignore_case: bool = False, segments: bool = False) -> list[Text] | None:
    """Patterns that together match exactly what ``one`` matches and ``two`` does not.

    IAM's patterns have no complement, so there is an answer where ``two`` takes everything or nothing.

    Returns:
        [] or [one], None where no list of patterns says it or it depends on holes.
    """
    if within(two, one, ignore_case, segments):
        return []
    return [one] if overlaps(one, two, ignore_case, segments) is False else None


def _fields(one: Text, two: Text, ignore_case: bool, segments: bool) -> list[tuple[list[Token], list[Token]]]:
    """What has to be compared: the fields of two ARNs, else the whole of both."""
    if segments:
        lefts, rights = segments_of(one), segments_of(two)
        if lefts is not None and rights is not None:
            return list(zip(lefts, rights, strict=True))
    return [(tokens_of(one, ignore_case), tokens_of(two, ignore_case))]


def _meet(left: list[Token], right: list[Token]) -> bool | None:
    if left == [STAR] or right == [STAR]:
        return True
    for pattern, string in ((left, right), (right, left)):
        if all(isinstance(token, str) for token in string):
            return compare(pattern, string)
    if _common(left, right, False):
        return True
    return None if _common(left, right, True) else False


def _common(left: list[Token], right: list[Token], holes_are_stars: bool) -> bool:
    """Whether two token lists share a word; a hole is a letter of its own, or else any text."""

    def loose(token: Token) -> bool:
        return token is STAR or (holes_are_stars and not isinstance(token, (str, Wildcard)))

    reached = {0}
    for at in range(len(left) + 1):
        token = left[at] if at < len(left) else None
        # Within a row: what `right` may skip or, under a star of `left`, read on.
        stays = token is not None and loose(token)
        queue = list(reached)
        while queue:
            here = queue.pop()
            if here < len(right) and here + 1 not in reached and (stays or loose(right[here])):
                reached.add(here + 1)
                queue.append(here + 1)
        if token is None:
            return len(right) in reached
        if stays:
            continue
        reached = {
            after
            for here in reached
            if here < len(right)
            for after in ((here,) if loose(right[here]) else (here + 1,) if _same(token, right[here]) else ())
        }
        if not reached:
            return False
    return False


def _same(one: Token, two: Token) -> bool:
    if one is QUESTION or two is QUESTION:
        return isinstance(one, (str, Wildcard)) and isinstance(two, (str, Wildcard))
    return one == two


def _both(left: list[Token], right: list[Token]) -> list[Tokens] | None:
    """The intersection of two token lists; what both begin and end with, holes included, is set aside."""
    start = 0
    while start < min(len(left), len(right)) and _fixed(left[start], right[start]):
        start += 1
    end = 0
    while end < min(len(left), len(right)) - start and _fixed(left[-1 - end], right[-1 - end]):
        end += 1
    head, tail = tuple(left[:start]), tuple(left[len(left) - end :])
    one, two = left[start : len(left) - end], right[start : len(right) - end]
    if one == [STAR]:
        middle: list[Tokens] | None = [tuple(two)]
    elif two == [STAR]:
        middle = [tuple(one)]
    elif all(isinstance(token, (str, Wildcard)) for token in (*one, *two)):
        middle = _product(one, two)
    else:
        middle = None
    return None if middle is None else [(*head, *piece, *tail) for piece in middle]


def _fixed(one: Token, two: Token) -> bool:
    return not isinstance(one, Wildcard) and one == two


def _product(left: list[Token], right: list[Token]) -> list[Tokens] | None:
    """All ways to read two hole-free token lists at once, from the ends backwards; None where too many."""
    below: list[set[Tokens]] = []
    for at in range(len(left), -1, -1):
        row: list[set[Tokens]] = [set() for _ in range(len(right) + 1)]
        for here in range(len(right), -1, -1):
            found = row[here] = _ways(left, right, at, here, below, row)
            if len(found) > LIMIT * 4:
                return None
        below = row
    return sorted(below[0], key=lambda piece: (len(piece), str(piece)))


def _ways(
    left: list[Token],
    right: list[Token],
    at: int,
    here: int,
    below: list[set[Tokens]],
    row: list[set[Tokens]],
) -> set[Tokens]:
    """How ``left[at:]`` and ``right[here:]`` go together, from the ways of what follows."""
    one = left[at] if at < len(left) else None
    two = right[here] if here < len(right) else None
    if one is None and two is None:
        return {()}
    if one is STAR and two is STAR:
        return {_starred(rest) for rest in below[here] | row[here + 1]}
    found: set[Tokens] = set()
    if one is STAR:
        found |= below[here]
        if two is not None:
            found |= {(two, *rest) for rest in row[here + 1]}
    elif two is STAR:
        found |= row[here + 1]
        if one is not None:
            found |= {(one, *rest) for rest in below[here]}
    elif one is not None and two is not None and _same(one, two):
        found = {(two if one is QUESTION else one, *rest) for rest in below[here + 1]}
    return found


def _starred(rest: Tokens) -> Tokens:
    return rest if rest and rest[0] is STAR else (STAR, *rest)


def _maximal(patterns: list[Text], ignore_case: bool, segments: bool) -> list[Text] | None:
    """The patterns without those that another one covers."""
    kept: list[Text] = []
    for pattern in patterns:
        if not any(within(other, pattern, ignore_case, segments) for other in kept):
            kept = [other for other in kept if not within(pattern, other, ignore_case, segments)]
            kept.append(pattern)
    return kept if len(kept) <= LIMIT else None
