"""Intrinsic functions become Text with guards; what cannot be evaluated is a hole with its identity."""

from __future__ import annotations

import textwrap

import pytest

from scopedown.source.tree import Document, Mapping
from scopedown.source.yaml_reader import parse_yaml
from scopedown.values.intrinsics import Resolver


def values(template: str, given: dict[str, str] | None = None) -> list[tuple[str, str, str]]:
    """(display, guard, via) of every element of the top-level key Value."""
    (root,) = parse_yaml(Document("t.yaml", textwrap.dedent(template)))
    assert isinstance(root, Mapping)
    elements = Resolver(root, given).elements(root.get("Value"))
    return [(element.text.display(), element.guard.display(), element.via) for element in elements]


PARAMETERS = """
Parameters:
  Stage: {Type: String, AllowedValues: [dev, prod]}
  Actions: {Type: CommaDelimitedList, Default: 's3:GetObject, s3:*'}
  Name: {Type: String, Default: orders}
  Scope: {Type: String, Default: '*'}
  Secret: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /path/*}
  Bare: {Type: String}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  Never: !Equals [a, b]
Mappings:
  Grants:
    dev: {Actions: ['sns:*'], Target: '*'}
    prod: {Actions: ['sns:Publish'], Target: 'arn:aws:sns:eu-west-1:111122223333:t'}
    other: {Actions: ['*'], Target: '*'}
Resources:
  Bucket: {Type: 'AWS::S3::Bucket'}
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("s3:*", [("s3:*", "", "")]),
        ("[a, [b, c]]", [("a", "", ""), ("b", "", ""), ("c", "", "")]),
        ("!GetAtt Bucket.Arn", [("${Bucket.Arn}", "", "")]),
        ("{'Fn::GetAtt': [Bucket, Arn]}", [("${Bucket.Arn}", "", "")]),
        ("{'Fn::GetAtt': Bucket.Arn}", [("${Bucket.Arn}", "", "")]),
        ("!Sub '${ Bucket.Arn }/${ Name }'", [("${Bucket.Arn}/${Name}", "", "")]),
        ("!GetAtt Bucket.Outputs.A.B", [("${Bucket.Outputs.A.B}", "", "")]),
        ("!Base64 text", [("${{Fn::Base64:text}}", "", "")]),
        ("{'Fn::GetStackOutput': {StackName: s}}", [("${{Fn::GetStackOutput:{StackName:s}}}", "", "")]),
        ("{Ref: Name, Other: x}", [("${{Ref:Name,Other:x}}", "", "")]),
        ("!Sub '${Bucket.Arn}/*'", [("${Bucket.Arn}/*", "", "")]),
        ("!Join ['', [!GetAtt Bucket.Arn, '/*']]", [("${Bucket.Arn}/*", "", "")]),
        ("!Sub ['${B}/x', {B: !Ref Bucket}]", [("${Bucket}/x", "", "")]),
        ("!Sub 'home/${!aws:username}'", [("home/${aws:username}", "", "")]),
        ("!Ref Scope", [("*", "", "the default of parameter Scope")]),
        ("!Ref Name", [("orders", "", "the default of parameter Name")]),
        ("!Sub 'arn:${AWS::Partition}:s3:::${Name}'", [("arn:${AWS::Partition}:s3:::${Name}", "", "")]),
        ("!Sub '${Scope}:${Scope}'", [("*:*", "", "the default of parameter Scope")]),
        ("!Ref Secret", [("${Secret}", "", "")]),
        ("!Ref Bare", [("${Bare}", "", "")]),
        (
            "!Ref Actions",
            [
                ("s3:GetObject", "", "the default of parameter Actions"),
                ("s3:*", "", "the default of parameter Actions"),
            ],
        ),
        ("!If [IsProd, a, b]", [("a", "IsProd", ""), ("b", "not IsProd", "")]),
        ("!If [IsProd, a, !Ref AWS::NoValue]", [("a", "IsProd", "")]),
        ("!If [Never, a, b]", [("b", "", "")]),
        ("[!If [IsProd, [a, b], c]]", [("a", "IsProd", ""), ("b", "IsProd", ""), ("c", "not IsProd", "")]),
        (
            "!FindInMap [Grants, !Ref Stage, Actions]",
            [("sns:*", "Stage = dev", ""), ("sns:Publish", "Stage = prod", "")],
        ),
        ("!ImportValue x", [("${{Fn::ImportValue:x}}", "", "")]),
        ("!Select [1, ['a', !Ref Scope]]", [("*", "", "the default of parameter Scope")]),
        ("!Select ['1', !Split [':', a:b]]", [("b", "", "")]),
        ("!Select [4, !Split [':', !Sub 'arn:aws:sns:${AWS::Region}:1:${Bare}']]", [("1", "", "")]),
        (
            "!Select [1, !Split ['/', !Sub '${Bare}/b']]",
            [("${{Fn::Select:[1,{Fn::Split:[/,{Fn::Sub:${Bare}/b}]}]}}", "", "")],
        ),
        ("!Select [0, !Ref Actions]", [("s3:GetObject", "", "the default of parameter Actions")]),
        ("{'Fn::Length': [a, b]}", [("2", "", "")]),
    ],
)
def test_expressions(expression: str, expected: list[tuple[str, str, str]]) -> None:
    assert values(f"{PARAMETERS}\nValue: {expression}\n") == expected


def test_a_given_parameter_overrides_default_and_allowed_values() -> None:
    template = f"{PARAMETERS}\nValue: [!Ref Scope, !If [IsProd, a, b]]\n"
    expected = [("arn:x", "", "--param Scope"), ("a", "", "")]
    assert values(template, {"Scope": "arn:x", "Stage": "prod"}) == expected


def test_the_same_branch_is_not_followed_against_its_guard() -> None:
    template = f"{PARAMETERS}\nValue: !If [IsProd, !If [IsProd, a, b], c]\n"
    assert values(template) == [("a", "IsProd", ""), ("c", "not IsProd", "")]


def test_a_join_over_too_many_branches_is_one_hole() -> None:
    branch = "!If [IsProd, a, b]"
    conditions = "".join(f"  C{n}: !Equals [!Ref P{n}, x]\n" for n in range(8))
    parameters = "".join(f"  P{n}: {{Type: String}}\n" for n in range(8))
    joined = ", ".join(branch.replace("IsProd", f"C{n}") for n in range(8))
    template = f"Parameters:\n{parameters}Conditions:\n{conditions}Value: !Join ['', [{joined}]]\n"
    (only,) = values(template)
    assert only[0].startswith("${")


def test_conditions_that_refer_to_themselves_end() -> None:
    template = "Conditions:\n  A: !Not [{Condition: A}]\nValue: !If [A, x, y]\n"
    assert [value[0] for value in values(template)] == ["x", "y"]
