"""Each rule of the oracle against cases AWS's documentation gives for it; what the generator yields."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from .evaluator import (
    ALLOWED,
    EXPLICIT_DENY,
    IMPLICIT_DENY,
    OPERATORS,
    Policy,
    Request,
    action_matches,
    allowed,
    condition_holds,
    decision,
    resource_matches,
)
from .generate import Case, case, cases

OBJECT = "arn:aws:s3:::amzn-s3-demo-bucket/marketing/plan.txt"
READ = Request("s3:GetObject", OBJECT)


def policy(*statements: dict[str, Any], version: str | None = "2012-10-17") -> Policy:
    """A policy of the statements, each of which allows everything unless it says otherwise."""
    filled = []
    for statement in statements:
        action = {} if "NotAction" in statement else {"Action": "*"}
        resource = {} if "NotResource" in statement else {"Resource": "*"}
        filled.append({"Effect": "Allow", **action, **resource, **statement})
    return {"Statement": filled} if version is None else {"Version": version, "Statement": filled}


ALL = policy({})
DENY_READ = policy({"Effect": "Deny", "Action": "s3:Get*"})
NONE = policy({"Action": "sqs:*"})


# Policy evaluation logic; Permissions boundaries for IAM entities.
@pytest.mark.parametrize(
    ("identity", "boundary", "expected"),
    [
        ([], None, IMPLICIT_DENY),
        ([NONE], None, IMPLICIT_DENY),
        ([NONE, ALL], None, ALLOWED),
        ([ALL, DENY_READ], None, EXPLICIT_DENY),
        ([DENY_READ, ALL], None, EXPLICIT_DENY),
        ([policy({}, {"Effect": "Deny"})], None, EXPLICIT_DENY),
        ([ALL], ALL, ALLOWED),
        ([ALL], NONE, IMPLICIT_DENY),
        ([NONE], ALL, IMPLICIT_DENY),
        ([], ALL, IMPLICIT_DENY),
        ([ALL], policy({}, {"Effect": "Deny", "Action": "s3:GetObject"}), EXPLICIT_DENY),
        ([NONE], DENY_READ, EXPLICIT_DENY),
        ([{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": OBJECT}}], None, ALLOWED),
    ],
)
def test_decision(identity: list[Policy], boundary: Policy | None, expected: str) -> None:
    assert decision(READ, identity, boundary) == expected
    assert allowed(READ, identity, boundary) == (expected == ALLOWED)


# Action: case is ignored, wildcards anywhere.
@pytest.mark.parametrize(
    ("pattern", "action", "expected"),
    [
        ("iam:ListAccessKeys", "IAM:listaccesskeys", True),
        ("iam:*AccessKey*", "iam:CreateAccessKey", True),
        ("iam:*AccessKey*", "iam:ListAccessKeys", True),
        ("iam:*AccessKey*", "iam:CreateUser", False),
        ("s3:*", "s3:GetObject", True),
        ("s3:*", "s3-object-lambda:GetObject", False),
        ("*", "ec2:RunInstances", True),
        ("s3:?etObject", "s3:GetObject", True),
        ("s3:GetObject?", "s3:GetObject", False),
        ("s3:GetObject", "s3:GetObjectAcl", False),
        ("s3.GetObject", "s3:GetObject", False),
        ("s3:${aws:username}", "s3:ann", False),
    ],
)
def test_action(pattern: str, action: str, expected: bool) -> None:
    assert action_matches(pattern, action) is expected


# Resource: the flat reading, and field by field as the ARN operators do it.
@pytest.mark.parametrize(
    ("pattern", "resource", "flat", "by_field"),
    [
        ("*", OBJECT, True, True),
        ("arn:aws:s3:::amzn-s3-demo-bucket/*", OBJECT, True, True),
        ("arn:aws:s3:::amzn-s3-demo-bucket/*/plan.txt", OBJECT, True, True),
        ("arn:aws:s3:::AMZN-s3-demo-bucket/*", OBJECT, False, False),
        ("arn:aws:s3:::amzn-s3-demo-bucket", OBJECT, False, False),
        ("arn:aws:s3:::amzn-s3-demo-bucket/marketing/plan?txt", OBJECT, True, True),
        ("arn:aws:iam::*:user/accounting/*", "arn:aws:iam::111122223333:user/accounting/ann", True, True),
        ("arn:aws:s3*", OBJECT, True, False),
        ("arn:aws:sqs:*", "arn:aws:sqs:us-east-2:111122223333:queue1", True, False),
        ("arn:*:q", "arn:aws:sqs:us-east-2:111122223333:q", True, False),
        ("arn:aws:sqs:*:q", "arn:aws:sqs:us-east-2:111122223333:q", True, False),
        ("arn:aws:sqs:*:*:q", "arn:aws:sqs:us-east-2:111122223333:q", True, True),
        ("arn:aws:logs:*:*:log-group:*", "arn:aws:logs:us-east-2:111122223333:log-group:a:b", True, True),
        (
            "arn:aws:someservice:*:111122223333:finance/*",
            "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt",
            True,
            False,
        ),
    ],
)
def test_resource(pattern: str, resource: str, flat: bool, by_field: bool) -> None:
    assert resource_matches(pattern, resource, {}) is flat
    assert resource_matches(pattern, resource, {}, segments=True) is by_field


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ({"NotAction": "iam:*"}, True),
        ({"NotAction": ["iam:*", "S3:get*"]}, False),
        ({"NotAction": "*"}, False),
        ({"NotResource": "arn:aws:s3:::HRBucket/*"}, True),
        ({"NotResource": ["arn:aws:s3:::HRBucket/*", OBJECT]}, False),
        ({"NotResource": "arn:aws:s3:::${aws:username}/*"}, True),
        ({"NotAction": "iam:*", "NotResource": "arn:aws:s3:::HRBucket"}, True),
        ({"Action": ["s3:PutObject", "s3:GetObject"], "Resource": ["arn:aws:s3:::x", OBJECT]}, True),
        ({"Action": "s3:PutObject"}, False),
        ({"Resource": "arn:aws:s3:::x"}, False),
    ],
)
def test_negated_elements(statement: dict[str, Any], expected: bool) -> None:
    assert allowed(READ, [policy(statement)]) is expected
    # Under Deny the same statement applies to the same requests.
    assert allowed(READ, [ALL, policy({**statement, "Effect": "Deny"})]) is not expected


ANN = {"aws:username": ["ann"]}


# Variables and tags.
@pytest.mark.parametrize(
    ("pattern", "context", "resource", "expected"),
    [
        ("arn:aws:s3:::b/${aws:username}/*", ANN, "arn:aws:s3:::b/ann/a", True),
        ("arn:aws:s3:::b/${aws:username}/*", ANN, "arn:aws:s3:::b/bob/a", False),
        ("arn:aws:s3:::b/${aws:username}/*", {}, "arn:aws:s3:::b//a", False),
        ("arn:aws:s3:::b/${aws:username}/*", {}, "arn:aws:s3:::b/${aws:username}/a", False),
        ("arn:aws:s3:::b/${AWS:UserName}", ANN, "arn:aws:s3:::b/ann", True),
        (
            "arn:aws:s3:::b/${aws:PrincipalTag/unit}",
            {"aws:principaltag/unit": ["hr"]},
            "arn:aws:s3:::b/hr",
            True,
        ),
        ("arn:aws:s3:::b/${aws:userid, 'anonymous'}", {}, "arn:aws:s3:::b/anonymous", True),
        ("arn:aws:s3:::b/${aws:userid, 'anonymous'}", {"aws:userid": ["AIDA"]}, "arn:aws:s3:::b/AIDA", True),
        ("arn:aws:s3:::b/${aws:username}", {"aws:username": ["*"]}, "arn:aws:s3:::b/anything", False),
        ("arn:aws:s3:::b/${aws:TagKeys}", {"aws:TagKeys": ["a", "b"]}, "arn:aws:s3:::b/a", False),
        ("arn:aws:s3:::b/${aws:username}", {"aws:username": [""]}, "arn:aws:s3:::b/", False),
        ("arn:aws:s3:::b/*", {}, "arn:aws:s3:::b/line\nbreak", True),
        ("arn:aws:s3:::b/${*}", {}, "arn:aws:s3:::b/*", True),
        ("arn:aws:s3:::b/${*}", {}, "arn:aws:s3:::b/a", False),
        ("arn:aws:s3:::b/${?}", {}, "arn:aws:s3:::b/?", True),
        ("arn:aws:s3:::b/${?}", {}, "arn:aws:s3:::b/a", False),
        ("arn:aws:s3:::b/${$}{aws:username}", ANN, "arn:aws:s3:::b/${aws:username}", True),
    ],
)
def test_variables(pattern: str, context: dict[str, list[str]], resource: str, expected: bool) -> None:
    assert resource_matches(pattern, resource, context) is expected
    assert resource_matches(pattern, resource, context, segments=True) is expected


def test_value_with_colons_stays_in_its_field() -> None:
    context, arn = {"aws:userid": ["AROA:session"]}, "arn:aws:s3:::b/AROA:session"
    assert resource_matches("arn:aws:s3:::b/${aws:userid}", arn, context, segments=True)
    assert not resource_matches(
        "arn:aws:${aws:userid}:::b", "arn:aws:AROA:session:::b", context, segments=True
    )


@pytest.mark.parametrize("version", [None, "2008-10-17"])
def test_variables_are_text_before_2012(version: str | None) -> None:
    old = policy({"Resource": "arn:aws:s3:::b/${aws:username}"}, version=version)
    context = {"aws:username": ["ann"]}
    assert not allowed(Request("s3:GetObject", "arn:aws:s3:::b/ann", context), [old])
    assert allowed(Request("s3:GetObject", "arn:aws:s3:::b/${aws:username}", context), [old])
    # The asterisk of `${*}` is then a wildcard like any other.
    old = policy({"Resource": "arn:aws:s3:::${*}"}, version=version)
    assert allowed(Request("s3:GetObject", "arn:aws:s3:::${x}"), [old])


# Condition operators: operator, policy values, request values (None where the key is missing), the answer.
HOLDS = [
    ("StringEquals", ["ann", "bob"], ["bob"], True),
    ("StringEquals", ["ann"], ["Ann"], False),
    ("StringEquals", ["a*"], ["ann"], False),
    ("StringEquals", ["a*"], ["a*"], True),
    ("StringEquals", ["ann"], None, False),
    ("StringEquals", [""], [""], True),
    ("StringEquals", [], ["ann"], False),
    ("StringNotEquals", ["ann", "bob"], ["bob"], False),
    ("StringNotEquals", ["ann", "bob"], ["eve"], True),
    ("StringNotEquals", ["ann"], None, True),
    ("StringEqualsIgnoreCase", ["ANN"], ["ann"], True),
    ("StringEquals", ["ann"], ["ann", "eve"], True),
    ("StringNotEquals", ["ann"], ["ann", "eve"], False),
    ("StringNotEqualsIgnoreCase", ["ANN"], ["ann"], False),
    ("StringNotEqualsIgnoreCase", ["ANN"], None, True),
    ("StringLike", ["t1.*", "t2.*", "m3.*"], ["t2.micro"], True),
    ("StringLike", ["t1.*", "t2.*", "m3.*"], ["c4.large"], False),
    ("StringLike", ["T2.*"], ["t2.micro"], False),
    ("StringLike", ["t?.micro"], ["t2.micro"], True),
    ("StringLike", ["*"], None, False),
    ("StringLike", ["arn:aws:x:*:1:f/*"], ["arn:aws:x:us:9:s:1:f/d"], True),
    ("StringNotLike", ["t1.*", "t2.*"], ["t2.micro"], False),
    ("StringNotLike", ["t1.*"], None, True),
    ("ArnLike", ["arn:aws:x:*:1:f/*"], ["arn:aws:x:us:9:s:1:f/d"], False),
    ("ArnLike", ["arn:aws:sns:*:123456789012:t?"], ["arn:aws:sns:us-east-2:123456789012:t1"], True),
    ("ArnEquals", ["arn:aws:sns:*:123456789012:t?"], ["arn:aws:sns:us-east-2:123456789012:t1"], True),
    ("ArnEquals", ["arn:aws:sns:*:*:T1"], ["arn:aws:sns:us-east-2:123456789012:t1"], False),
    ("ArnLike", ["arn:aws:sns:*:*:*"], ["not-an-arn"], False),
    ("ArnLike", ["*"], ["arn:aws:sns:us-east-2:123456789012:t1"], True),
    ("ArnNotLike", ["arn:aws:sns:*:*:*"], ["arn:aws:sns:us-east-2:123456789012:t1"], False),
    ("ArnNotEquals", ["arn:aws:sns:*:*:*"], ["arn:aws:sqs:us-east-2:123456789012:t1"], True),
    ("ArnNotEquals", ["arn:aws:sns:*:*:*"], None, True),
    ("NumericEquals", ["10"], ["10.0"], True),
    ("NumericNotEquals", ["10", "20"], ["20"], False),
    ("NumericNotEquals", ["10"], None, True),
    ("NumericLessThan", ["10"], ["9.5"], True),
    ("NumericLessThan", ["10"], ["10"], False),
    ("NumericLessThanEquals", ["10"], ["10"], True),
    ("NumericLessThanEquals", ["10"], ["100"], False),
    ("NumericLessThanEquals", ["10"], None, False),
    ("NumericGreaterThan", ["10", "50"], ["20"], True),
    ("NumericGreaterThan", ["10"], ["10"], False),
    ("NumericGreaterThanEquals", ["10"], ["10"], True),
    ("NumericEquals", ["ten"], ["ten"], False),
    ("DateEquals", ["2020-01-01T00:00:01Z"], ["2020-01-01T01:00:01+01:00"], True),
    ("DateEquals", ["2020"], ["1577836800"], True),
    ("DateNotEquals", ["2020-01"], ["2020-01-01"], False),
    ("DateGreaterThan", ["2020-01-01T00:00:01Z"], ["2020-01-01T00:00:02Z"], True),
    ("DateGreaterThan", ["2020-01-01T00:00:01Z"], ["2020-01-01T00:00:01Z"], False),
    ("DateGreaterThan", ["2020-01-01T00:00:01Z"], None, False),
    ("DateGreaterThanEquals", ["2020-01-01"], ["2020-01-01"], True),
    ("DateLessThan", ["2020-01-01"], ["2019-12-31T23:59:59Z"], True),
    ("DateLessThanEquals", ["2020-01-01"], ["2020-01-02"], False),
    ("DateEquals", ["soon"], ["soon"], False),
    ("Bool", ["true"], ["TRUE"], True),
    ("Bool", ["false"], ["true"], False),
    ("Bool", ["false"], None, False),
    ("Bool", ["yes"], ["yes"], False),
    ("BinaryEquals", ["QmluYXJ5VmFsdWVJbkJhc2U2NA=="], ["QmluYXJ5VmFsdWVJbkJhc2U2NA=="], True),
    ("BinaryEquals", ["QQ=="], ["Qg=="], False),
    ("BinaryEquals", ["?"], ["?"], False),
    ("IpAddress", ["203.0.113.0/24", "2001:DB8:1234:5678::/64"], ["203.0.113.255"], True),
    ("IpAddress", ["203.0.113.0/24", "2001:DB8:1234:5678::/64"], ["2001:db8:1234:5678::1"], True),
    ("IpAddress", ["203.0.113.0/24"], ["203.0.114.0"], False),
    ("IpAddress", ["203.0.113.7"], ["203.0.113.8"], False),
    ("IpAddress", ["203.0.113.7/24"], ["203.0.113.8"], True),
    ("IpAddress", ["0.0.0.0/0"], None, False),
    ("IpAddress", ["nowhere"], ["203.0.113.7"], False),
    ("NotIpAddress", ["203.0.113.0/24"], ["203.0.113.7"], False),
    ("NotIpAddress", ["203.0.113.0/24"], ["198.51.100.7"], True),
    ("NotIpAddress", ["203.0.113.0/24"], None, True),
    ("Null", ["true"], None, True),
    ("Null", ["true"], ["2020-01-01"], False),
    ("Null", ["false"], ["2020-01-01"], True),
    ("Null", ["false"], None, False),
    ("Null", ["true"], [], True),
    ("StringLikeIfExists", ["t2.*"], None, True),
    ("StringLikeIfExists", ["t2.*"], ["t2.micro"], True),
    ("StringLikeIfExists", ["t2.*"], ["c4.large"], False),
    ("StringNotEqualsIfExists", ["ann"], None, True),
    ("StringNotEqualsIfExists", ["ann"], ["ann"], False),
    ("BoolIfExists", ["true"], None, True),
    ("NumericLessThanEqualsIfExists", ["10"], ["11"], False),
    # The documentation's own table: attributes PostDateTime, Message and Tags are allowed.
    ("ForAllValues:StringLike", ["PostDateTime", "Message", "Tags"], ["PostDateTime", "Message"], True),
    ("ForAllValues:StringLike", ["PostDateTime", "Message", "Tags"], ["PostDateTime", "UserName"], False),
    ("ForAnyValue:StringLike", ["ID", "PostDateTime"], ["UserName", "Message", "PostDateTime"], True),
    ("ForAnyValue:StringLike", ["ID", "PostDateTime"], ["UserName"], False),
    ("ForAllValues:StringEquals", ["a"], None, True),
    ("ForAllValues:StringEquals", ["a"], [], True),
    ("ForAllValues:StringEquals", ["a"], [""], True),
    ("ForAllValues:StringEquals", [], ["a"], False),
    ("ForAnyValue:StringEquals", ["a"], None, False),
    ("ForAnyValue:StringEquals", [""], [""], False),
    ("ForAllValues:StringNotEquals", ["a", "b"], ["c", "d"], True),
    ("ForAllValues:StringNotEquals", ["a", "b"], ["a", "d"], False),
    ("ForAllValues:StringNotEquals", ["a"], None, True),
    ("ForAnyValue:StringNotEquals", ["a", "b"], ["a", "d"], True),
    ("ForAnyValue:StringNotEquals", ["a", "b"], ["a", "b"], False),
    ("ForAnyValue:StringNotEquals", ["a"], None, False),
    ("ForAllValues:StringLikeIfExists", ["a*"], None, True),
    ("ForAnyValue:StringLikeIfExists", ["a*"], None, False),
    ("ForAnyValue:StringLikeIfExists", ["a*"], ["b", "ab"], True),
    ("ForAnyValue:ArnLike", ["arn:aws:sns:*:*:*"], ["x", "arn:aws:sns:us-east-2:1:t"], True),
]


@pytest.mark.parametrize(("test", "values", "sent", "expected"), HOLDS)
def test_condition(test: str, values: list[str], sent: list[str] | None, expected: bool) -> None:
    context = {"other:key": ["x"]} if sent is None else {"Some:Key": sent}
    assert condition_holds(test, "some:KEY", values, context) is expected


def test_every_operator_has_a_row() -> None:
    assert {re.sub(r"^For\w+:|IfExists$", "", row[0]) for row in HOLDS} == {*OPERATORS, "Null"}


@pytest.mark.parametrize("name", sorted(set(OPERATORS)))
def test_missing_key(name: str) -> None:
    negated = "Not" in name
    assert condition_holds(name, "k:x", ["1"], {}) is negated
    assert condition_holds(f"{name}IfExists", "k:x", ["1"], {}) is True
    assert condition_holds(f"ForAllValues:{name}", "k:x", ["1"], {}) is True
    assert condition_holds(f"ForAnyValue:{name}", "k:x", ["1"], {}) is False


# Variables in condition values: string and ARN operators only; a variable without a value equals nothing.
@pytest.mark.parametrize(
    ("test", "value", "sent", "expected"),
    [
        ("StringEquals", "${aws:username}", "ann", True),
        ("StringLike", "home/${aws:username}/*", "home/ann/x", True),
        ("StringLike", "home/${aws:username}/*", "home/bob/x", False),
        ("StringEquals", "${aws:userid}", "ann", False),
        ("StringNotEquals", "${aws:userid}", "ann", True),
        ("StringNotLike", "${aws:userid}*", "ann", True),
        ("StringEquals", "${*}", "*", True),
        ("StringLike", "${*}", "ann", False),
        ("ArnLike", "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::111122223333:user/ann", True),
        ("NumericEquals", "${aws:username}", "1", False),
        ("IpAddress", "${aws:username}", "203.0.113.7", False),
    ],
)
def test_variables_in_conditions(test: str, value: str, sent: str, expected: bool) -> None:
    context = {"aws:username": ["ann"], "k:x": [sent]}
    assert condition_holds(test, "k:x", [value], context) is expected
    literal = condition_holds(test, "k:x", [value], context, variables=False)
    assert literal is ("Not" in test)


# Conditions with multiple context keys or values: AND over operators and keys, OR over values.
@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({}, True),
        ({"StringEquals": {"k:a": ["1", "2"], "k:b": "3"}}, True),
        ({"StringEquals": {"k:a": "1", "k:b": "1"}}, False),
        ({"StringEquals": {"k:a": "1"}, "StringLike": {"k:b": "?"}}, True),
        ({"StringEquals": {"k:a": "1"}, "Bool": {"k:b": "true"}}, False),
        ({"StringEquals": {"k:a": "1"}, "Null": {"k:c": "true"}}, True),
        ({"Bool": {"k:t": True}, "NumericEquals": {"k:a": 1}}, True),
        ({"Bool": {"k:t": False}}, False),
    ],
)
def test_condition_block(block: dict[str, Any], expected: bool) -> None:
    request = Request("s3:GetObject", OBJECT, {"k:a": ["1"], "k:b": ["3"], "k:t": ["true"]})
    assert allowed(request, [policy({"Condition": block})]) is expected
    assert allowed(request, [ALL, policy({"Effect": "Deny", "Condition": block})]) is not expected


# IfExists: "the request is still denied even if the tag is missing" with a negated operator under Deny.
def test_negated_if_exists_denies_a_missing_tag() -> None:
    guard = policy({"Effect": "Deny", "Condition": {"StringNotEqualsIfExists": {"aws:RequestTag/a": "b"}}})
    assert decision(READ, [ALL, guard]) == EXPLICIT_DENY


@pytest.mark.parametrize(
    "broken",
    [
        {"Effect": "allow"},
        {"NotAction": "a:b", "Action": "a:b"},
        {"NotResource": "*", "Resource": "*"},
        {"Condition": {"StringMatches": {"k:a": "b"}}},
        {"Condition": {"NullIfExists": {"k:a": "true"}}},
        {"Condition": {"ForSomeValues:StringLike": {"k:a": "b"}}},
    ],
)
def test_what_iam_would_not_save(broken: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"neither|either|not known"):
        decision(READ, [policy(broken)])


def test_cases_repeat() -> None:
    assert list(cases(7, 20)) == [case(7, number) for number in range(20)]
    assert list(cases(7, 20)) != list(cases(8, 20))


def test_cases_fall_on_both_sides() -> None:
    outcomes: Counter[str] = Counter()
    readings = 0
    for one in cases(20260101, 1000):
        for request in one.requests:
            outcome = decision(request, one.policies, one.boundary)
            outcomes[outcome] += 1
            readings += outcome != decision(request, one.policies, one.boundary, segments=True)
    assert 0.3 < outcomes[ALLOWED] / outcomes.total() < 0.7
    assert outcomes[EXPLICIT_DENY] / outcomes.total() > 0.1
    assert outcomes[IMPLICIT_DENY] / outcomes.total() > 0.2
    assert readings > 10


def test_templates_say_what_the_filled_policies_say() -> None:
    def resolved(value: Any, one: Case) -> Any:
        if isinstance(value, dict) and "Fn::Sub" in value:
            text = re.sub(r"\$\{(\w+)\}", lambda match: one.holes[match[1]], value["Fn::Sub"])
            return text.replace("${!", "${")
        if isinstance(value, dict):
            return {key: resolved(item, one) for key, item in value.items()}
        return [resolved(item, one) for item in value] if isinstance(value, list) else value

    for one in cases(3, 200):
        assert resolved(one.template_policies, one) == one.policies
        assert resolved(one.template_boundary, one) == one.boundary
        assert "<" not in repr((one.policies, one.boundary, one.requests))
        assert case(3, one.number, holes=False).template_policies == one.policies
        assert "Condition" not in repr(case(3, one.number, conditions=False).written)
