"""Slots: the action or resource half of a statement, as patterns less patterns, and what can be done with it.

Whatever is left here is right in both readings of ``*``. A pattern counts against another one only where its
guard certainly holds there.
"""

from __future__ import annotations

from ..values.text import STAR, Element, Text
from .algebra import intersect, overlaps
from .pattern import certainly_covers, proves

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..source.tree import Node
    from ..values.guard import Guard
    from .policy import Statement


BY_DENY = "what a Deny leaves"
BY_BOUNDARY = "what the permissions boundary lets through"


class Narrowed(Element):
    """What a Deny or a boundary (``via`` says which) leaves of an element; ``whole`` is the element."""

    __slots__ = ("whole",)

    def __init__(self, text: Text, guard: Guard, whole: Element, via: str = BY_DENY) -> None:
        # What may stand in its place is judged by it, or by the parameter that the element came from.
        origin = text if whole.origin == whole.text else whole.origin
        super().__init__(text, guard, whole.node, via, origin)
        self.whole = whole


class Slot:
    """All that one of ``patterns`` matches and none of ``excluded``.

    Args:
        patterns: None stands for a star that nobody wrote (NotAction, NotResource).
        excluded: what is left out.
        ignore_case: true for actions.
        node, guard: place and guard of that star.
    """

    __slots__ = ("every", "excluded", "ignore_case", "patterns")

    def __init__(
        self,
        patterns: list[Element] | None,
        excluded: list[Element],
        ignore_case: bool,
        node: Node,
        guard: Guard,
    ) -> None:
        self.every = Element(Text((STAR,)), guard, node)
        self.patterns = [self.every] if patterns is None else patterns
        self.excluded = excluded
        self.ignore_case = ignore_case

    @property
    def written(self) -> list[Element] | None:
        """The patterns; None where they are the star that nobody wrote."""
        return None if self.patterns == [self.every] else self.patterns

    def of(self, patterns: list[Element], excluded: list[Element] | None = None) -> Slot:
        """The same kind of slot with other patterns."""
        left_out = self.excluded if excluded is None else excluded
        slot = Slot(patterns, left_out, self.ignore_case, self.every.node, self.every.guard)
        slot.every = self.every
        return slot

    def takes(self, element: Element, less: list[Element]) -> bool | None:
        """Whether it matches what ``element`` matches and ``less`` does not.

        Returns:
            True for all of that, False for nothing of it, None for a part or cannot tell.
        """
        met = [each for each in self.patterns if self._meets(each, element, less)]
        if not met or any(self._covers(each, element) for each in self.excluded):
            return False
        if any(self._meets(each, element, less) for each in self.excluded):
            return None
        return True if any(self._covers(each, element) for each in met) else None

    def _covers(self, outer: Element, inner: Element) -> bool:
        if outer is inner:
            return True
        if self.ignore_case:
            found = certainly_covers(outer.text, inner.text, ignore_case=True)
        else:
            found = proves(outer.text, inner.text)
        return found and inner.guard.implies(outer.guard)

    def _meets(self, one: Element, other: Element, less: list[Element]) -> bool:
        """Whether some string may match both and nothing of ``less``."""
        if overlaps(one.text, other.text, self.ignore_case) is False or not one.guard.together(other.guard):
            return False
        return not any(self._covers(each, one) for each in less)

    def trimmed(self) -> Slot:
        """The same without patterns of which the exclusions leave nothing."""
        kept = [
            pattern
            for pattern in self.patterns
            if not any(self._covers(each, pattern) for each in self.excluded)
        ]
        return self if len(kept) == len(self.patterns) else self.of(kept)

    def sort(self, other: Slot) -> tuple[list[Element], list[Element], list[Element]]:
        """Its patterns by what another slot takes of them: all, a part, nothing."""
        sorted_: dict[bool | None, list[Element]] = {True: [], None: [], False: []}
        for pattern in self.patterns:
            sorted_[other.takes(pattern, self.excluded)].append(pattern)
        return sorted_[True], sorted_[None], sorted_[False]

    def covers(self, other: Slot) -> bool:
        """Whether it matches everything that another slot matches."""
        return all(self.takes(pattern, other.excluded) for pattern in other.patterns)

    def meet(self, other: Slot, via: str = BY_DENY) -> Slot | None:
        """What both match; None where patterns cannot say it. ``via`` says what ``other`` is of."""
        kept: list[Element] = []
        for pattern in self.patterns:
            answer = other.takes(pattern, self.excluded)
            if answer is None:
                shared = self._shared(pattern, other, via)
                if shared is None:
                    return None
                kept += shared
            elif answer:
                kept.append(pattern)
        besides = [
            e for e in other.excluded if any(self._meets(e, pattern, self.excluded) for pattern in kept)
        ]
        return self.of(kept, [*self.excluded, *besides])

    def _shared(self, pattern: Element, other: Slot, via: str) -> list[Element] | None:
        found: list[Element] = []
        for each in other.patterns:
            if not self._meets(each, pattern, self.excluded):
                continue
            if self._covers(each, pattern):
                return [pattern]
            texts = intersect(pattern.text, each.text, self.ignore_case)
            if texts is None:
                return None
            if not self.ignore_case and intersect(pattern.text, each.text, segments=True) != texts:
                return None
            guard = pattern.guard.and_(each.guard)
            found += [Narrowed(text, guard, getattr(pattern, "whole", pattern), via) for text in texts]
        return found

    def without(self, other: Slot, where: list[Element]) -> Slot | None:
        """What it matches and the other, a Deny's, does not; None where patterns cannot say it.

        Args:
            other: a slot of a statement as written: patterns, or everything but some patterns.
            where: the elements of the other half that it is taken from; it must hold wherever they do.
        """
        elements = (*other.patterns, *other.excluded)
        if not all(place.guard.implies(each.guard) for each in elements for place in where):
            return None
        if other.patterns == [other.every]:
            return self.meet(other.of(other.excluded, []))
        kept = self.sort(other)
        patterns = [pattern for pattern in self.patterns if pattern not in kept[0]]
        besides = [e for e in other.patterns if any(self._meets(e, part, self.excluded) for part in kept[1])]
        return self.of(patterns, [*self.excluded, *besides])


def action_slot(statement: Statement) -> Slot:
    """What a statement says about actions; what is known to be refused is left out."""
    every = statement.not_actions is not None
    return Slot(
        None if every else statement.actions,
        [*(statement.not_actions or ()), *statement.refused],
        True,
        statement.node,
        statement.guard,
    )


def resource_slot(statement: Statement) -> Slot:
    """What a statement says about resources."""
    every = statement.not_resources is not None
    return Slot(
        None if every else statement.resources,
        statement.not_resources or [],
        False,
        statement.node,
        statement.guard,
    )
