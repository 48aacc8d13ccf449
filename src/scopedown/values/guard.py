"""Guards: the conditions under which something in a template exists, as a disjunction of conjunctions.

An atom says that a subject (a parameter, a pseudo parameter, any other expression) equals a value. Values of
one subject exclude each other; where all values of a subject are known, not all of them can fail.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    Atom = tuple[str, str, tuple[str, ...]]  # subject, value, all values the subject can have (or none known)
    Literal = tuple[Atom, bool]
    Term = frozenset[Literal]

LIMIT = 256


class Guard:
    """When something exists.

    Args:
        terms: the alternatives, each a set of literals that hold together.
        label: how a person would say it ("IsProd", "not IsProd"), "" for always.
        overflow: the formula grew past 256 terms and was given up; it then counts as possible, never as
            certain.
    """

    __slots__ = ("_negated", "label", "overflow", "terms")

    def __init__(self, terms: frozenset[Term], label: str, overflow: bool = False) -> None:
        self.terms = terms
        self.label = label
        self.overflow = overflow
        self._negated: Guard | None = None

    @property
    def is_always(self) -> bool:
        """True where no condition applies."""
        return not self.overflow and frozenset() in self.terms

    @property
    def is_never(self) -> bool:
        """True where no choice of parameters makes it exist."""
        return not self.overflow and not self.terms

    def and_(self, other: Guard) -> Guard:
        """Both hold."""
        if self is other or other.is_always:
            return self
        if self.is_always or other.is_never:
            return other
        if self.is_never:
            return self
        label = " and ".join(dict.fromkeys(part for part in (self.label, other.label) if part))
        if self.overflow or other.overflow or len(self.terms) * len(other.terms) > LIMIT * 4:
            return Guard(frozenset(), label, True)
        return _made((a | b for a in self.terms for b in other.terms), label)

    def or_(self, other: Guard) -> Guard:
        """At least one holds."""
        if self is other or self.is_always or other.is_never:
            return self
        if other.is_always or self.is_never:
            return other
        label = " or ".join(dict.fromkeys((self.label, other.label)))
        if self.overflow or other.overflow:
            return Guard(frozenset(), label, True)
        return _made(self.terms | other.terms, label)

    def not_(self) -> Guard:
        """It does not hold."""
        if self is ALWAYS or self is NEVER:
            return NEVER if self is ALWAYS else ALWAYS
        if self._negated is None:
            self._negated = self._complement()
        return self._negated

    def _complement(self) -> Guard:
        several = " and " in self.label or " or " in self.label
        label = f"not ({self.label})" if several else f"not {self.label}"
        if self.label.startswith("not ") and not several:
            label = self.label[4:]
        if self.overflow:
            return Guard(frozenset(), label, True)
        negated: frozenset[Term] = frozenset([frozenset()])
        for term in self.terms:
            if len(negated) * len(term) > LIMIT * 4:
                return Guard(frozenset(), label, True)
            product = (done | {(atom, not positive)} for done in negated for atom, positive in term)
            made = _made(product, label)
            if made.overflow:
                return made
            negated = made.terms
        return Guard(negated, "" if frozenset() in negated else label)

    def together(self, other: Guard) -> bool:
        """Whether both can hold for some choice of parameters (True where that is not known)."""
        if self is ALWAYS or other is ALWAYS or self.overflow or other.overflow:
            return not (self.is_never or other.is_never)
        return any(_possible(one | two) for one in self.terms for two in other.terms)

    def implies(self, other: Guard) -> bool:
        """Whether the other certainly holds wherever this one does."""
        if other is ALWAYS or self is other or self is NEVER or other.is_always:
            return True
        if self is ALWAYS:
            return other is not NEVER and not other.overflow and other.not_().is_never
        if self.overflow or other.overflow:
            return False
        return not other.not_().overflow and not self.together(other.not_())

    def display(self) -> str:
        """The condition in words, "" for always."""
        return self.label

    def __repr__(self) -> str:
        return f"Guard({self.label!r})"


ALWAYS = Guard(frozenset([frozenset()]), "")
NEVER = Guard(frozenset(), "never")


def equals(subject: str, value: str, values: tuple[str, ...] = ()) -> Guard:
    """The guard that a subject has a value.

    Args:
        subject: identity of the expression compared.
        value: what it is compared with.
        values: every value the subject can have, or () when not known.
    """
    if values and value not in values:
        return NEVER
    if len(values) == 1:
        return ALWAYS
    return Guard(frozenset([frozenset([((subject, value, values), True)])]), f"{subject} = {value}")


def named(guard: Guard, name: str) -> Guard:
    """The same guard, spoken of by the name of its condition."""
    return guard if guard.is_always else Guard(guard.terms, name, guard.overflow)


def _made(terms: object, label: str) -> Guard:
    kept: list[Term] = []
    for term in sorted((t for t in set(terms) if _possible(t)), key=len):  # type: ignore[call-overload]
        if not any(smaller <= term for smaller in kept):
            kept.append(term)
            if len(kept) > LIMIT:  # shorter terms come first, so none of these goes any more
                return Guard(frozenset(), label, True)
    if kept and not kept[0]:
        return ALWAYS
    return Guard(frozenset(kept), label)


def _possible(term: Term) -> bool:
    chosen: dict[str, str] = {}
    refused: dict[str, set[str]] = {}
    for (subject, value, values), positive in term:
        if positive:
            if chosen.setdefault(subject, value) != value:
                return False
        else:
            no = refused.setdefault(subject, set())
            no.add(value)
            if values and no.issuperset(values):
                return False
    return all(value not in refused.get(subject, ()) for subject, value in chosen.items())
