"""Guards combine as the conditions of a template do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scopedown.values.guard import ALWAYS, LIMIT, NEVER, Guard, equals, named

STAGES = ("dev", "test", "prod")


def test_values_of_one_parameter_exclude_each_other() -> None:
    dev, prod = equals("Stage", "dev", STAGES), equals("Stage", "prod", STAGES)
    assert not dev.together(prod)
    assert dev.implies(prod.not_())


def test_allowed_values_are_exhaustive() -> None:
    none = ALWAYS
    for stage in STAGES:
        none = none.and_(equals("Stage", stage, STAGES).not_())
    assert none.is_never
    assert equals("Stage", "qa", STAGES).is_never


def test_a_parameter_without_allowed_values_can_be_anything_else() -> None:
    assert equals("Stage", "dev").not_().together(equals("Stage", "prod").not_())


def test_labels_speak_of_conditions_by_name() -> None:
    prod = named(equals("Stage", "prod"), "IsProd")
    assert prod.display() == "IsProd"
    assert prod.not_().display() == "not IsProd"
    assert prod.not_().not_().display() == "IsProd"
    assert prod.and_(named(equals("Vpc", "yes"), "UseVpc")).display() == "IsProd and UseVpc"


def test_too_many_terms_count_as_possible_and_never_as_certain() -> None:
    guard = NEVER
    for number in range(LIMIT + 2):
        guard = guard.or_(equals(f"P{number}", "x").and_(equals(f"Q{number}", "x")))
    assert guard.overflow
    assert guard.together(equals("P0", "x"))
    assert not guard.implies(equals("P0", "x"))
    assert not guard.is_always
    assert not guard.is_never


PARAMETERS = {"A": ("1", "2"), "B": ("1", "2", "3")}


def _guards() -> st.SearchStrategy[tuple[Guard, object]]:
    atoms = st.sampled_from([(name, value) for name, values in PARAMETERS.items() for value in values])
    leaves = atoms.map(
        lambda atom: (equals(atom[0], atom[1], PARAMETERS[atom[0]]), lambda c, a=atom: c[a[0]] == a[1])
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            inner.map(lambda one: (one[0].not_(), lambda c, f=one[1]: not f(c))),
            st.tuples(inner, inner).map(
                lambda both: (
                    both[0][0].and_(both[1][0]),
                    lambda c, f=both[0][1], g=both[1][1]: f(c) and g(c),
                )
            ),
            st.tuples(inner, inner).map(
                lambda both: (
                    both[0][0].or_(both[1][0]),
                    lambda c, f=both[0][1], g=both[1][1]: f(c) or g(c),
                )
            ),
        ),
        max_leaves=6,
    )


@given(_guards(), _guards())
def test_guards_agree_with_every_choice_of_parameters(
    one: tuple[Guard, object], two: tuple[Guard, object]
) -> None:
    choices = [{"A": a, "B": b} for a in PARAMETERS["A"] for b in PARAMETERS["B"]]
    holds_one = [one[1](choice) for choice in choices]  # type: ignore[operator]
    holds_two = [two[1](choice) for choice in choices]  # type: ignore[operator]
    both = [a and b for a, b in zip(holds_one, holds_two, strict=True)]
    assert one[0].together(two[0]) == any(both)
    assert one[0].implies(two[0]) == all(b for a, b in zip(holds_one, holds_two, strict=True) if a)
    assert one[0].is_never == (not any(holds_one))


def test_the_opposite_of_several_conditions_is_said_as_such() -> None:
    both = named(equals("A", "x"), "IsA").not_().and_(named(equals("B", "x"), "IsB"))
    assert both.display() == "not IsA and IsB"
    assert both.not_().display() == "not (not IsA and IsB)"
