"""Text around variables: what is known is put together, what is not is joined, also inside Fn::Sub."""

from __future__ import annotations

import pytest

from scopedown.source.tree import Scalar
from scopedown.values.guard import ALWAYS
from scopedown.values.intrinsics import Resolver

from .variable_services import Given, at, either, hole, notes, plain, shop, value


def test_known_text_is_put_together() -> None:
    assert value("arn:${self:service}-${sls:stage}/*") == "arn:bakery-dev/*"
    node = at(shop("${self:service}-${sls:stage}"), "custom", "asked")
    assert isinstance(node, Scalar)
    assert node.style == '"'  # text, whatever it looks like
    assert node.span.text == "'${self:service}-${sls:stage}'"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0123", "123"),
        ("1_000", "1000"),
        ("1.50", "1.5"),
        ("1.0", "1"),
        ("1e3", "1000"),
        ("True", "true"),
        ("yes", "yes"),
        ("'0123'", "0123"),
        ("2012-10-17", "2012-10-17T00:00:00.000Z"),
        ("012345678901", "12345678901"),
    ],
)
def test_numbers_booleans_and_dates_in_text(written: str, read: str) -> None:
    """As serverless 3.40 prints them."""
    assert value("n-${self:custom.n}", f"n: {written}") == f"n-{read}"


@pytest.mark.parametrize("thing", ["[a]", "{a: b}", "!Ref Oven", "{'Fn::GetAtt': [Oven, Arn]}"])
def test_mappings_and_lists_do_not_fit_into_text(thing: str) -> None:
    found = shop("n-${self:custom.n}", f"n: {thing}")
    assert plain(at(found, "custom", "asked")) == hole("n-${self:custom.n}")
    assert notes(found) == [
        (
            "n-${self:custom.n}",
            "'${self:custom.n}' is a mapping or a list, and stands within text; the framework stops there",
        )
    ]


def test_text_around_a_hole() -> None:
    assert value("arn:aws:s3:::${ssm:/bucket}/${sls:stage}/*") == {
        "Fn::Join": ["", ["arn:aws:s3:::", hole("ssm:/bucket"), "/dev/*"]]
    }
    assert value("${env:A}${env:B}") == {"Fn::Join": ["", [hole("env:A"), hole("env:B")]]}


def test_text_around_a_choice() -> None:
    assert value("b-${env:B, 'x'}") == {"Fn::Join": ["", ["b-", either("env:B is set", "env:B", "x")]]}
    assert value("b-${env:B, self:custom.list}", "list: [a]") == {"Fn::Join": ["", ["b-", hole("env:B")]]}


def test_text_of_text() -> None:
    custom = "arn: 'arn:aws:s3:::${ssm:/bucket}'\n"
    assert value("${self:custom.arn}/*", custom) == {
        "Fn::Join": ["", ["arn:aws:s3:::", hole("ssm:/bucket"), "/*"]]
    }
    assert value("${self:custom.arn}", custom) == {"Fn::Join": ["", ["arn:aws:s3:::", hole("ssm:/bucket")]]}


def sub(argument: str, custom: str = "", given: Given | None = None) -> object:
    """What ``Fn::Sub`` of an argument, written as in YAML, becomes."""
    found = shop("x", f"asked_sub: !Sub {argument}\n{custom}", given=given)
    return plain(at(found, "custom", "asked_sub"))


def test_sub_with_known_variables() -> None:
    assert sub("'${self:service}-${AWS::Region}-${Oven.Arn}-${!Literal}'") == {
        "Fn::Sub": "bakery-${AWS::Region}-${Oven.Arn}-${!Literal}"
    }
    assert sub("'${AWS::Region}'") == {"Fn::Sub": "${AWS::Region}"}


def test_sub_with_a_hole() -> None:
    assert sub("'arn:${AWS::Partition}:s3:::${ssm:/bucket}/*'") == {
        "Fn::Sub": [
            "arn:${AWS::Partition}:s3:::${SlsVariable1}/*",
            {"SlsVariable1": hole("ssm:/bucket")},
        ]
    }
    assert sub("'${ssm:/bucket}'") == {"Fn::Sub": ["${SlsVariable1}", {"SlsVariable1": hole("ssm:/bucket")}]}
    assert sub("'${aws:accountId}-${env:A}'") == {
        "Fn::Sub": [
            "${SlsVariable1}-${SlsVariable2}",
            {"SlsVariable1": {"Ref": "AWS::AccountId"}, "SlsVariable2": hole("env:A")},
        ]
    }


def test_sub_with_names_of_its_own() -> None:
    assert sub("['${Name}-${env:A}', {Name: '${self:service}', SlsVariable1: x}]") == {
        "Fn::Sub": [
            "${Name}-${SlsVariable2}",
            {"Name": "bakery", "SlsVariable1": "x", "SlsVariable2": hole("env:A")},
        ]
    }


def test_sub_of_text_from_elsewhere() -> None:
    custom = "arn: 'arn:aws:s3:::${AWS::Region}-${env:A}'\n"
    assert sub("'${self:custom.arn}/*'", custom) == {
        "Fn::Sub": ["arn:aws:s3:::${AWS::Region}-${SlsVariable1}/*", {"SlsVariable1": hole("env:A")}]
    }


def test_a_fallback_inside_sub_is_read_by_sub_too() -> None:
    assert sub("\"x-${env:A, 'in-${AWS::Region}'}\"") == {
        "Fn::Sub": [
            "x-${SlsVariable1}",
            {"SlsVariable1": either("env:A is set", "env:A", {"Fn::Sub": "in-${AWS::Region}"})},
        ]
    }


@pytest.mark.parametrize(
    ("written", "texts"),
    [
        ("${self:service}/*", [("bakery/*", "")]),
        ("b-${env:B, 'x'}", [("b-x", "not env:B is set"), (None, "env:B is set")]),
    ],
)
def test_the_resolver_follows_the_fallback(written: str, texts: list[tuple[str | None, str]]) -> None:
    found = shop(written)
    elements = Resolver(found.root).elements(at(found, "custom", "asked"), ALWAYS)
    shown = {(element.text.literal, element.guard.display()) for element in elements}
    assert shown == set(texts)
