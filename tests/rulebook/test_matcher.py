"""The words of ``match``, each decided on statements that hold it, do not, or leave it open."""

from __future__ import annotations

from textwrap import indent
from typing import Any

import pytest

from scopedown.iam.breadth import Facts
from scopedown.rulebook.clauses import Subject, aws_managed_name, judge
from scopedown.rulebook.finding import Finding, Unresolved
from scopedown.rulebook.index import Rule
from scopedown.rulebook.matcher import Matcher
from scopedown.rulebook.vocabulary import CLAUSE
from scopedown.source.discovery import from_text
from scopedown.template import cloudformation
from scopedown.template.stack import Stack

HEAD = """\
Parameters:
  Open: {Type: String}
  Stage: {Type: String, AllowedValues: [dev, prod]}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
"""
ROLE = """\
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: %s}, Action: 'sts:AssumeRole'}
"""
INLINE = """\
      Policies:
        - PolicyName: example
          PolicyDocument:
            Statement:
"""


def stack_of(text: str) -> Stack:
    (template,) = from_text("template.yaml", text).templates()
    return cloudformation.read(template.document, template.root, template.dialect, {})


def stack_with(statement: str, trust: str = "lambda.amazonaws.com") -> Stack:
    body = indent(statement, " " * 16)
    return stack_of(HEAD + ROLE % trust + INLINE + " " * 14 + "- " + body[16:])


def answer(clause: dict[str, Any], stack: Stack) -> bool | None:
    (statement,) = stack.statements
    found = judge(clause, Subject(stack, statement.carrier, Facts(statement)))
    return True if not found.holds.is_never else False if found.maybe.is_never else None


def of(action: str, resource: str = "'*'", more: str = "") -> str:
    return f"Effect: Allow\nAction: {action}\nResource: {resource}\n{more}"


CONDITION = "Condition: {StringEquals: {%s: x}}\n"
TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
BUT_IAM = "Effect: Allow\nNotAction: iam:*\nResource: '*'\n"
BUT_TABLE = f"Effect: Allow\nAction: dynamodb:GetItem\nNotResource: {TABLE}\n"
CASES: list[tuple[str, dict[str, Any], str, bool | None]] = [
    ("effect", {"effect": "Allow"}, of("s3:GetObject"), True),
    ("effect", {"effect": "Deny"}, of("s3:GetObject"), False),
    ("effect", {"effect": "Allow"}, of("s3:GetObject").replace("Allow", "!Ref Open"), None),
    ("action.is", {"action": {"is": ["star"]}}, of("['s3:GetObject', '*']"), True),
    ("action.is", {"action": {"is": ["star"]}}, of("s3:*"), False),
    ("action.is", {"action": {"is": ["star"]}}, of("!Ref Open"), None),
    ("action.is", {"action": {"is": ["not"]}}, BUT_IAM, True),
    ("action.is", {"action": {"is": ["star", "glob"]}}, BUT_IAM, False),
    ("action.covers_any", {"action": {"covers_any": ["s3:Put*"]}}, BUT_IAM, True),
    ("action.covers_any", {"action": {"covers_any": ["iam:PassRole"]}}, BUT_IAM, False),
    ("action.level_any", {"action": {"level_any": ["Write"]}}, BUT_IAM, True),
    ("action.more_than", {"action": {"more_than": 500}}, BUT_IAM, True),
    ("action.within", {"action": {"within": ["s3:*"]}}, BUT_IAM, False),
    ("action.covers_any", {"action": {"covers_any": ["iam:PassRole"]}}, of("iam:pass*"), True),
    ("action.covers_any", {"action": {"covers_any": ["iam:PassRole"]}}, of("iam:GetRole"), False),
    ("action.covers_any", {"action": {"covers_any": ["iam:PassRole"]}}, of("!Sub 'iam:${Open}Role'"), None),
    ("action.level_any", {"action": {"level_any": ["Write"]}}, of("s3:Put*"), True),
    ("action.level_any", {"action": {"level_any": ["Write"]}}, of("'*'"), True),
    ("action.level_any", {"action": {"level_any": ["Write"]}}, of("dynamodb:Describe*"), False),
    ("action.level_any", {"action": {"level_any": ["Write"]}}, of("nosuchservice:Put*"), None),
    ("resource.scopable_levels", {"resource": {"scopable_levels": ["Read"]}}, of("s3:GetObject"), True),
    ("resource.scopable_levels", {"resource": {"scopable_levels": ["Read"]}}, of("s3:PutObject"), False),
    (
        "resource.scopable_levels",
        {"resource": {"scopable_levels": ["Read"]}},
        of("xray:PutTraceSegments"),
        False,
    ),
    ("action.more_than", {"action": {"more_than": 1}}, of("kinesis:PutRecord*"), True),
    ("action.more_than", {"action": {"more_than": 1}}, of("sqs:SendMessage*"), False),
    ("action.more_than", {"action": {"more_than": 1}}, of("'*'"), True),
    ("action.variants", {"action": {"variants": True}}, of("kinesis:PutRecord*"), True),
    ("action.variants", {"action": {"variants": True}}, of("states:Start*"), False),
    ("action.variants", {"action": {"variants": False}}, of("states:Start*"), True),
    ("action.variants", {"action": {"variants": True}}, of("'*'"), False),
    (
        "action.level_only",
        {"action": {"level_only": ["List", "Read"]}},
        of("[s3:GetObject, 's3:List*']"),
        True,
    ),
    (
        "action.level_only",
        {"action": {"level_only": ["List", "Read"]}},
        of("[s3:GetObject, s3:PutObject]"),
        False,
    ),
    ("action.level_only", {"action": {"level_only": ["List"]}}, of("!Ref Open"), None),
    (
        "action.within",
        {"action": {"within": ["logs:Put*"]}},
        of("[logs:PutLogEvents, LOGS:PutDestination]"),
        True,
    ),
    ("action.within", {"action": {"within": ["logs:Put*"]}}, of("[logs:PutLogEvents, 'logs:*']"), False),
    ("action.within", {"action": {"within": ["logs:Put*"]}}, of("!Sub 'logs:${Open}'"), None),
    (
        "one element",
        {"action": {"is": ["glob"], "level_any": ["Write"]}},
        of("['s3:List*', s3:PutObject]"),
        False,
    ),
    ("resource.is", {"resource": {"is": ["star"]}}, of("s3:GetObject"), True),
    ("resource.is", {"resource": {"is": ["unscoped"]}}, of("s3:GetObject", "arn:aws:s3:::*"), True),
    ("resource.is", {"resource": {"is": ["named"]}}, of("s3:GetObject"), False),
    ("resource.is", {"resource": {"is": ["star"]}}, of("s3:GetObject", "!Ref Open"), None),
    ("resource.is", {"resource": {"is": ["not"]}}, BUT_TABLE, True),
    ("resource.is", {"resource": {"is": ["unscoped"]}}, BUT_TABLE, False),
    ("resource.covers_any", {"resource": {"covers_any": [TABLE]}}, BUT_TABLE, False),
    ("resource.covers_any", {"resource": {"covers_any": [f"{TABLE}-2"]}}, BUT_TABLE, True),
    ("resource.scopable", {"resource": {"scopable": "all"}}, BUT_TABLE, True),
    ("resource.scopable", {"resource": {"scopable": "all"}}, BUT_IAM, False),
    ("resource.only", {"resource": {"only": ["named"]}}, of("dynamodb:GetItem", TABLE), True),
    ("resource.only", {"resource": {"only": ["named"]}}, of("dynamodb:GetItem", f"[{TABLE}, '*']"), False),
    ("resource.only", {"resource": {"only": ["named"]}}, of("dynamodb:GetItem", "!Ref Open"), False),
    ("resource.only", {"resource": {"only": ["unresolved"]}}, of("dynamodb:GetItem", "!Ref Open"), True),
    ("resource.covers_any", {"resource": {"covers_any": [TABLE]}}, of("dynamodb:GetItem"), True),
    (
        "resource.covers_any",
        {"resource": {"covers_any": [TABLE]}},
        of("s3:GetObject", "arn:aws:s3:::a/*"),
        False,
    ),
    ("resource.covers_any", {"resource": {"covers_any": [TABLE]}}, of("dynamodb:GetItem", "!Ref Open"), None),
    ("resource.scopable", {"resource": {"scopable": "all"}}, of("ssm:GetParameter"), True),
    (
        "resource.scopable",
        {"resource": {"scopable": "all"}},
        of("[ssm:GetParameter, ssm:DescribeParameters]"),
        False,
    ),
    (
        "resource.scopable",
        {"resource": {"scopable": "some"}},
        of("[ssm:GetParameter, ssm:DescribeParameters]"),
        True,
    ),
    ("resource.scopable", {"resource": {"scopable": "some"}}, of("ssm:GetParameter"), False),
    ("resource.scopable", {"resource": {"scopable": "any"}}, of("ssm:DescribeParameters"), False),
    ("resource.scopable", {"resource": {"scopable": "any"}}, of("'*'"), True),
    ("resource.scopable", {"resource": {"scopable": "any"}}, of("!Ref Open"), None),
    (
        "resource.besides",
        {"resource": {"scopable": "any", "besides": ["ssm:Get*"]}},
        of("[ssm:GetParameter, ssm:DescribeParameters]"),
        False,
    ),
    (
        "other services",
        {"resource": {"scopable": "any"}},
        of("dynamodb:GetItem", "arn:aws:s3:::*"),
        False,
    ),
    (
        "condition.has",
        {"condition": {"has": ["aws:SourceIp"]}},
        of("s3:GetObject", more=CONDITION % "AWS:sourceip"),
        True,
    ),
    ("condition.has", {"condition": {"has": ["aws:SourceIp"]}}, of("s3:GetObject"), False),
    (
        "condition.has",
        {"condition": {"has": ["aws:ResourceTag"]}},
        of("s3:GetObject", more=CONDITION % "aws:ResourceTag/team"),
        True,
    ),
    ("condition.lacks", {"condition": {"lacks": ["aws:SourceIp"]}}, of("s3:GetObject"), True),
    (
        "condition.lacks",
        {"condition": {"lacks": ["aws:SourceIp"]}},
        of("s3:GetObject", more=CONDITION % "aws:SourceIp"),
        False,
    ),
    (
        "condition.narrows",
        {"condition": {"narrows": True}},
        of("s3:GetObject", more=CONDITION % "aws:ResourceAccount"),
        True,
    ),
    (
        "condition.narrows",
        {"condition": {"narrows": True}},
        of("s3:GetObject", more=CONDITION % "aws:SecureTransport"),
        False,
    ),
    (
        "condition.narrows",
        {"condition": {"narrows": True}},
        of("s3:GetObject", more=CONDITION % "s3:some-new-key"),
        None,
    ),
    ("condition.narrows", {"condition": {"narrows": False}}, of("s3:GetObject"), True),
    (
        "condition.surely_narrows",
        {"condition": {"surely_narrows": True}},
        of("s3:GetObject", "'*'", CONDITION % "aws:ResourceTag/team"),
        True,
    ),
    (
        "condition.surely_narrows",
        {"condition": {"surely_narrows": True}},
        of("s3:GetObject", "'*'", CONDITION % "s3:some-new-key"),
        False,
    ),
    ("carrier.kind", {"carrier": {"kind": ["inline"]}}, of("s3:GetObject"), True),
    ("carrier.kind", {"carrier": {"kind": ["managed-arn"]}}, of("s3:GetObject"), False),
    ("carrier.generated", {"carrier": {"generated": False}}, of("s3:GetObject"), True),
    ("carrier.synthesised", {"carrier": {"synthesised": False}}, of("s3:GetObject"), True),
    ("carrier.synthesised", {"carrier": {"synthesised": True}}, of("s3:GetObject"), False),
    ("carrier.managed_any", {"carrier": {"managed_any": ["*"]}}, of("s3:GetObject"), False),
    ("role", {"role": {"assumed_by_only": ["lambda.amazonaws.com"]}}, of("s3:GetObject"), True),
    ("role", {"role": {"assumed_by_only": ["codebuild.amazonaws.com"]}}, of("s3:GetObject"), False),
    ("all", {"all": [{"effect": "Allow"}, {"resource": {"is": ["star"]}}]}, of("s3:GetObject"), True),
    (
        "all",
        {"all": [{"effect": "Allow"}, {"resource": {"is": ["star"]}}]},
        of("s3:GetObject", "!Ref Open"),
        None,
    ),
    ("any", {"any": [{"effect": "Deny"}, {"resource": {"is": ["star"]}}]}, of("s3:GetObject"), True),
    ("any", {"any": [{"effect": "Deny"}, {"resource": {"is": ["named"]}}]}, of("s3:GetObject"), False),
    ("unless", {"unless": {"resource": {"is": ["star"]}}}, of("s3:GetObject"), False),
    ("unless", {"unless": {"resource": {"is": ["star"]}}}, of("s3:GetObject", "arn:aws:s3:::a/*"), True),
    ("unless", {"unless": {"resource": {"is": ["star"]}}}, of("s3:GetObject", "!Ref Open"), None),
]


@pytest.mark.parametrize(
    ("clause", "statement", "expected"),
    [pytest.param(*case[1:], id=f"{case[0]}-{case[3]}") for case in CASES],
)
def test_word(clause: dict[str, Any], statement: str, expected: bool | None) -> None:
    assert answer(clause, stack_with(statement)) is expected


def test_every_word_has_a_case() -> None:
    words = {
        f"{name}.{word}" if name in ("action", "resource", "condition", "carrier") else name
        for name, shape in CLAUSE.fields.items()
        for word in (getattr(shape, "fields", None) or [""])
    }
    assert words - {case[0] for case in CASES} == set()


def test_trust_of_several_services_or_of_an_unknown_one() -> None:
    clause = {"role": {"assumed_by_only": ["codebuild.amazonaws.com", "codepipeline.amazonaws.com"]}}
    both = "[codebuild.amazonaws.com, codepipeline.amazonaws.com]"
    assert answer(clause, stack_with(of("s3:GetObject"), both)) is True
    assert (
        answer(clause, stack_with(of("s3:GetObject"), "[codebuild.amazonaws.com, ec2.amazonaws.com]"))
        is False
    )
    assert answer(clause, stack_with(of("s3:GetObject"), "!Ref Open")) is None


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("arn:aws:iam::aws:policy/AmazonS3FullAccess", "AmazonS3FullAccess"),
        ("arn:aws:iam::aws:policy/service-role/AWSLambdaRole", "AWSLambdaRole"),
        ("!Sub 'arn:${AWS::Partition}:iam::aws:policy/AmazonS3FullAccess'", "AmazonS3FullAccess"),
        ("!Sub 'arn:aws:iam::aws:policy/Amazon${Open}FullAccess'", None),
        ("!Sub 'arn:aws:iam::${AWS::AccountId}:policy/AmazonS3FullAccess'", ""),
        ("arn:aws:iam::111122223333:policy/AdministratorAccess", ""),
        ("AmazonS3FullAccess", "AmazonS3FullAccess"),
        ("!Ref Open", None),
        ("!GetAtt Other.Arn", ""),
    ],
)
def test_aws_managed_name(written: str, name: str | None) -> None:
    stack = stack_of(
        HEAD + ROLE % "lambda.amazonaws.com" + f"      ManagedPolicyArns:\n        - {written}\n"
    )
    (carrier,) = stack.roles["Role"].carriers
    assert aws_managed_name(carrier) == name


def rule(match: dict[str, Any], **more: Any) -> Rule:
    return Rule(
        "example",
        "high",
        "high",
        "{who} may call {action}",
        match=match,
        dialects=("cloudformation",),
        **more,
    )


STAR = {
    "at": "resource",
    "effect": "Allow",
    "resource": {"is": ["star"], "scopable": "any"},
    "unless": {"condition": {"narrows": True}},
}


def run(match: dict[str, Any], stack: Stack, **more: Any) -> tuple[list[Finding], list[Unresolved]]:
    return Matcher([rule(match, **more)]).run(stack)


def test_one_finding_per_element() -> None:
    match = {"at": "action", "action": {"is": ["service_star"]}}
    findings, _ = run(match, stack_with(of("['s3:*', s3:GetObject, 'sqs:*']")))
    assert [finding.identity for finding in findings] == [
        ("inline", "action", "s3:*"),
        ("inline", "action", "sqs:*"),
    ]
    assert [finding.primary.span.text for finding in findings] == ["'s3:*'", "'sqs:*'"]
    assert {finding.path for finding in findings} == {
        "Resources.Role.Properties.Policies[0].PolicyDocument.Statement[0].Action"
    }


def test_a_finding_holds_where_its_elements_meet() -> None:
    statement = of("s3:GetObject", "[!If [IsProd, 'arn:aws:s3:::a/*', '*']]")
    findings, unresolved = run(STAR, stack_with(statement))
    assert [finding.guard for finding in findings] == ["not IsProd"]
    assert not unresolved


def test_elements_of_branches_that_exclude_each_other_do_not_meet() -> None:
    match = {"at": "action", "action": {"is": ["star"]}, "resource": {"is": ["star"]}}
    apart = of("!If [IsProd, '*', 's3:GetObject']", "!If [IsProd, 'arn:aws:s3:::a/*', '*']")
    assert run(match, stack_with(apart)) == ([], [])
    findings, _ = run(match, stack_with(apart.replace("'arn:aws:s3:::a/*', '*'", "'*', 'arn:aws:s3:::a/*'")))
    assert [finding.guard for finding in findings] == ["IsProd"]


def test_unless_counts_only_where_it_holds() -> None:
    match = {"at": "action", "action": {"is": ["service_star"]}, "unless": {"resource": {"is": ["named"]}}}
    statement = of("s3:*", "!If [IsProd, 'arn:aws:s3:::reports', '*']")
    findings, _ = run(match, stack_with(statement))
    assert [finding.guard for finding in findings] == ["not IsProd"]


def test_a_hole_is_unresolved_and_no_finding() -> None:
    findings, unresolved = run(STAR, stack_with(of("s3:GetObject", "!Ref Open")))
    assert findings == []
    assert [(record.what, record.reason) for record in unresolved] == [
        ("${Open}", "it depends on parameter Open")
    ]
    assert unresolved[0].span.text == "!Ref Open"


def test_a_hole_that_changes_nothing_is_not_told() -> None:
    findings, unresolved = run(STAR, stack_with(of("[s3:GetObject, !Ref Open]")))
    assert len(findings) == 1
    assert unresolved == []


def test_one_record_per_place_for_several_rules() -> None:
    rules = [rule(STAR), rule({**STAR, "effect": "Allow", "unless": {"effect": "Deny"}})]
    _, unresolved = Matcher(rules).run(stack_with(of("s3:GetObject", "!Ref Open")))
    assert len(unresolved) == 1


def test_an_unknown_condition_lowers_confidence_and_is_told() -> None:
    findings, unresolved = run(STAR, stack_with(of("s3:GetObject", more=CONDITION % "s3:some-new-key")))
    assert [finding.confidence for finding in findings] == ["low"]
    assert [record.what for record in unresolved] == ["condition s3:some-new-key"]


def test_a_parameter_that_gives_the_value_is_named() -> None:
    stack = stack_with(of("s3:GetObject", "!Ref Wide"))
    text = stack.document.text.replace("Conditions:", "  Wide: {Type: String, Default: '*'}\nConditions:", 1)
    findings, _ = run(STAR, stack_of(text))
    assert [finding.message for finding in findings] == [
        "Role may call s3:GetObject, by the default of parameter Wide"
    ]


def test_milder_severity_where_its_clause_certainly_holds() -> None:
    milder = ({"severity": "low", "when": {"role": {"assumed_by_only": ["codebuild.amazonaws.com"]}}},)
    for trust, severity in (
        ("codebuild.amazonaws.com", "low"),
        ("lambda.amazonaws.com", "high"),
        ("!Ref Open", "high"),
    ):
        findings, _ = run(STAR, stack_with(of("s3:GetObject"), trust), milder=milder)
        assert [finding.severity for finding in findings] == [severity]


def test_helpers_that_the_cdk_adds_are_generated() -> None:
    text = stack_with(of("s3:GetObject")).document.text
    helper = text.replace("  Role:\n", "  LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8aServiceRole9741ECFB:\n")
    assert answer({"carrier": {"generated": True}}, stack_of(text)) is False
    assert answer({"carrier": {"generated": True}}, stack_of(helper)) is True


def test_statement_and_dialect() -> None:
    stack = stack_with(of("s3:GetObject"))
    findings, _ = run({"at": "statement", "resource": {"is": ["star"]}}, stack)
    assert findings[0].primary.span.text.startswith("Effect: Allow")
    other = rule({"at": "statement", "resource": {"is": ["star"]}})
    other.dialects = ("sam",)
    assert Matcher([other]).run(stack) == ([], [])


def test_several_functions_are_named_shortly() -> None:
    stack = stack_with(of("s3:GetObject"))
    functions = "".join(
        f"  F{number}:\n    Type: AWS::Lambda::Function\n    Properties: {{Role: !GetAtt Role.Arn}}\n"
        for number in range(3)
    )
    findings, _ = run(STAR, stack_of(stack.document.text + functions))
    assert findings[0].message == "F0 and 2 more may call s3:GetObject"
