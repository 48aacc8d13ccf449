"""A Conditions section holds exactly where CloudFormation says, and many conditions stay cheap."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from scopedown.source.tree import Document, Mapping
from scopedown.source.yaml_reader import parse_yaml
from scopedown.values.guard import Guard, equals
from scopedown.values.intrinsics import Resolver

VALUES = {"A": ["x", "y"], "B": ["x", "y", "z"], "C": ["true", "false"]}
TABLE = {"x": {"one": "p", "two": "q"}, "y": {"one": "q", "two": "q"}, "z": {"one": "r", "two": "p"}}
Choice = dict[str, str]
Evaluated = Callable[[Choice, "Section"], Any]
Section = dict[str, Evaluated]
# What stands in the template, and what it is worth for a choice of parameters.
Expression = tuple[Any, Evaluated]


def resolver_of(template: dict[str, Any]) -> Resolver:
    (root,) = parse_yaml(Document("t.yaml", yaml.safe_dump(template)))
    assert isinstance(root, Mapping)
    return Resolver(root)


def section(conditions: dict[str, Any]) -> Resolver:
    parameters = {name: {"Type": "String", "AllowedValues": values} for name, values in VALUES.items()}
    return resolver_of({"Parameters": parameters, "Mappings": {"Table": TABLE}, "Conditions": conditions})


def _strings() -> st.SearchStrategy[Expression]:
    literals = st.sampled_from(["x", "y", "z", "true", "p", "q", "xx", "x-y"]).map(
        lambda word: (word, lambda choice, section: word)
    )
    references = st.sampled_from(sorted(VALUES)).map(
        lambda name: ({"Ref": name}, lambda choice, section: choice[name])
    )
    lookups = st.tuples(st.sampled_from(["B", "A"]), st.sampled_from(["one", "two"])).map(
        lambda pair: (
            {"Fn::FindInMap": ["Table", {"Ref": pair[0]}, pair[1]]},
            lambda choice, section: TABLE[choice[pair[0]]][pair[1]],
        )
    )
    joins = st.tuples(references, references).map(
        lambda pair: (
            {"Fn::Join": ["-", [pair[0][0], pair[1][0]]]},
            lambda choice, section: f"{pair[0][1](choice, section)}-{pair[1][1](choice, section)}",
        )
    )
    return st.one_of(literals, references, lookups, joins)


def _conditions(earlier: list[str]) -> st.SearchStrategy[Expression]:
    leaves: st.SearchStrategy[Expression] = st.tuples(_strings(), _strings()).map(
        lambda pair: (
            {"Fn::Equals": [pair[0][0], pair[1][0]]},
            lambda choice, section: pair[0][1](choice, section) == pair[1][1](choice, section),
        )
    )
    if earlier:
        named = st.sampled_from(earlier).map(
            lambda name: ({"Condition": name}, lambda choice, section: section[name](choice, section))
        )
        leaves = st.one_of(leaves, named)
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            inner.map(lambda one: ({"Fn::Not": [one[0]]}, lambda c, s: not one[1](c, s))),
            st.lists(inner, min_size=2, max_size=3).map(
                lambda each: ({"Fn::And": [e[0] for e in each]}, lambda c, s: all(e[1](c, s) for e in each))
            ),
            st.lists(inner, min_size=2, max_size=3).map(
                lambda each: ({"Fn::Or": [e[0] for e in each]}, lambda c, s: any(e[1](c, s) for e in each))
            ),
        ),
        max_leaves=5,
    )


@st.composite
def _sections(draw: st.DrawFn) -> dict[str, Expression]:
    found: dict[str, Expression] = {}
    for name in ("P", "Q", "R"):
        found[name] = draw(_conditions(sorted(found)))
    return found


def holds(guard: Guard, choice: Choice) -> bool:
    """Whether a guard can hold where every parameter has the chosen value."""
    for name, value in choice.items():
        guard = guard.and_(equals(name, value, tuple(VALUES[name])))
    return not guard.is_never


@settings(max_examples=200, deadline=None)
@given(_sections())
def test_conditions_agree_with_every_choice_of_parameters(found: dict[str, Expression]) -> None:
    resolver = section({name: each[0] for name, each in found.items()})
    evaluated = {name: each[1] for name, each in found.items()}
    for values in itertools.product(*VALUES.values()):
        choice = dict(zip(VALUES, values, strict=True))
        for name, value in evaluated.items():
            expected = value(choice, evaluated)
            assert holds(resolver.guard(name), choice) == expected
            assert holds(resolver.guard(name).not_(), choice) != expected


def test_a_condition_of_given_values_is_decided() -> None:
    template = {
        "Parameters": {
            "Env": {"Type": "String", "Default": "dev"},
            "On": {"Type": "String", "Default": True},
        },
        "Conditions": {
            "IsProd": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
            "IsOn": {"Fn::Equals": [{"Ref": "On"}, True]},
        },
        "Rules": {"R": {"Assertions": [{"Assert": {"Fn::Equals": [{"Ref": "Env"}, "dev"]}}]}},
    }
    (root,) = parse_yaml(Document("t.yaml", yaml.safe_dump(template)))
    assert isinstance(root, Mapping)
    given = Resolver(root, {"Env": "prod", "On": "true"})
    assert given.guard("IsProd").is_always
    assert given.guard("IsOn").is_always
    # A default can be overridden, and so can what Rules assert: both branches are looked at.
    assert not Resolver(root).guard("IsProd").is_always
    assert not Resolver(root).guard("IsProd").is_never


def test_lengths_and_pieces_of_defaults_decide_nothing() -> None:
    template = {
        "Parameters": {"Nets": {"Type": "CommaDelimitedList", "Default": "a,b"}},
        "Conditions": {
            "Two": {"Fn::Equals": [{"Fn::Length": {"Ref": "Nets"}}, "2"]},
            "First": {"Fn::Equals": [{"Fn::Select": [0, {"Ref": "Nets"}]}, "a"]},
            "Empty": {"Fn::Equals": [{"Fn::Join": ["", {"Ref": "Nets"}]}, ""]},
        },
    }
    resolver = resolver_of(template)
    for name in ("Two", "First", "Empty"):
        assert not resolver.guard(name).is_always
        assert not resolver.guard(name).is_never


def _sixty_four(kind: str) -> dict[str, Any]:
    """64 conditions: each on its own parameter, then the formula of all of them."""
    conditions: dict[str, Any] = {f"C{n}": {"Fn::Equals": [{"Ref": f"P{n}"}, "x"]} for n in range(64)}
    names = [{"Condition": f"C{n}"} for n in range(64)]
    if kind == "chain":
        for n in range(64):
            before = [{"Condition": f"D{n - 1}"}] if n else []
            other = {"Fn::Not": [names[n - 1]]}
            conditions[f"D{n}"] = {"Fn::Or" if n % 2 else "Fn::And": [*before, names[n], other]}
    elif kind == "pairs":
        pairs = [{"Fn::Or": names[n : n + 2]} for n in range(0, 64, 2)]
        conditions["All"] = {"Fn::And": pairs}
        conditions["None"] = {"Fn::Not": [{"Condition": "All"}]}
    return conditions


def test_sixty_four_conditions_do_not_explode() -> None:
    for kind in ("plain", "chain", "pairs"):
        conditions = _sixty_four(kind)
        parameters = {f"P{n}": {"Type": "String"} for n in range(64)}
        resolver = resolver_of({"Parameters": parameters, "Conditions": conditions})
        begun = time.process_time()
        guards = [resolver.guard(name) for name in conditions]
        for one in guards[-8:]:
            for two in guards:
                one.together(two)
                one.implies(two)
        assert time.process_time() - begun < 20  # it is far less; what explodes would never end
        given_up = [guard for guard in guards if guard.overflow]
        assert bool(given_up) == (kind == "pairs")
        for guard in given_up:
            assert guard.together(guards[0])
            assert not guard.is_never
            assert not guard.is_always


def test_a_condition_that_is_given_up_is_noted() -> None:
    parameters = {f"P{n}": {"Type": "String"} for n in range(64)}
    resolver = resolver_of({"Parameters": parameters, "Conditions": _sixty_four("pairs")})
    resolver.guard("All")
    ((what, reason, _),) = resolver.notes
    assert what == "condition All"
    assert "counts as possible" in reason


def test_a_long_chain_of_conditions_ends() -> None:
    conditions = {f"C{n}": {"Fn::Not": [{"Condition": f"C{n + 1}"}]} for n in range(3000)}
    assert not resolver_of({"Conditions": conditions}).guard("C0").is_never
