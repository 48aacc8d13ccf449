"""Functions of lists, mappings and JSON text; parameters of every type; what stays a hole."""

from __future__ import annotations

import textwrap

import pytest

from scopedown.source.tree import Document, Mapping, Node
from scopedown.source.yaml_reader import parse_yaml
from scopedown.values.embedded import embedded
from scopedown.values.intrinsics import Resolver, call
from scopedown.values.text import Element

HEAD = """
Parameters:
  Stage: {Type: String, AllowedValues: [dev, prod]}
  Words: {Type: CommaDelimitedList, Default: 's3:GetObject, s3:*'}
  Nets: {Type: 'List<AWS::EC2::Subnet::Id>'}
  Some: {Type: CommaDelimitedList, AllowedValues: [a, '*']}
  Path: {Type: String, Default: team/orders}
  Level: {Type: String, AllowedValues: [a/b, c/d/e]}
  Number: {Type: Number, Default: 5}
  Flag: {Type: String, Default: True}
  Secret: {Type: String, NoEcho: true, Default: 's3:*'}
  Hidden: {Type: String, NoEcho: 'true', AllowedValues: [x, 'y*']}
  Stored: {Type: 'AWS::SSM::Parameter::Value<List<String>>', Default: '/path/*'}
  StoredName: {Type: 'AWS::SSM::Parameter::Name', Default: /path}
  Bare: {Type: String}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Mappings:
  Sizes:
    dev: {Actions: ['sns:*'], Target: '*'}
    prod: {Actions: ['sns:Publish'], Target: t}
  Names:
    eu-west-1: {Queue: q}
Resources:
  Bucket: {Type: 'AWS::S3::Bucket'}
  Table: {Type: 'AWS::DynamoDB::Table'}
  Topic: {Type: 'AWS::SNS::Topic'}
  Queue: {Type: 'AWS::SQS::Queue'}
  Logs: {Type: 'AWS::Logs::LogGroup'}
  Own: {Type: 'Custom::Thing'}
"""
DEFAULT_OF = "the default of parameter "


def tree(text: str) -> Mapping:
    (root,) = parse_yaml(Document("t.yaml", textwrap.dedent(text)))
    assert isinstance(root, Mapping)
    return root


def elements(expression: str, given: dict[str, str] | None = None, filled: bool = False) -> list[Element]:
    root = tree(f"{HEAD}\nValue: {expression}\n")
    return Resolver(root, given).elements(root.get("Value"), filled=filled)


def values(expression: str, given: dict[str, str] | None = None) -> list[tuple[str, str, str]]:
    return [(each.text.display(), each.guard.display(), each.via) for each in elements(expression, given)]


def shown(expression: str, given: dict[str, str] | None = None) -> list[str]:
    return [value[0] for value in values(expression, given)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("!Split [',', 'a,b*']", ["a", "b*"]),
        ("[x, !Split ['|', 'a|b']]", ["x", "a", "b"]),
        ("!If [IsProd, !Split [',', 'a,b'], c]", ["a", "b", "c"]),
        ("!Split [',', !Sub '${AWS::Region},${Bucket}']", ["${AWS::Region}", "${{Fn::Split:"]),
        ("!Join ['-', !Split [':', 'a:b']]", ["a-b"]),
        ("!Join ['', [p, !Select [0, !Split ['/', 'a/b']], !Ref Bucket]]", ["pa${Bucket}"]),
        ("!Select [1, [a, !Ref 'AWS::NoValue', b]]", ["b"]),
        ("!Select [!Ref Number, [a, b]]", ["${{Fn::Select:"]),
        ("!Select [7, [a, b]]", ["${{Fn::Select:"]),
        ("!Select ['x', [a, b]]", ["${{Fn::Select:"]),
    ],
)
def test_lists(expression: str, expected: list[str]) -> None:
    found = shown(expression)
    assert len(found) == len(expected)
    for one, start in zip(found, expected, strict=True):
        assert one == start or (start.endswith(":") and one.startswith(start))


def test_split_of_a_parameter_says_where_the_values_come_from() -> None:
    assert values("!Split ['/', !Ref Path]") == [
        ("team", "", DEFAULT_OF + "Path"),
        ("orders", "", DEFAULT_OF + "Path"),
    ]
    assert values("!Split ['/', !Ref Path]", {"Path": "a"}) == [("a", "", "--param Path")]


def test_split_of_allowed_values_keeps_the_guard_of_each() -> None:
    via = "an allowed value of parameter Level"
    assert values("!Split ['/', !Ref Level]") == [
        ("a", "Level = a/b", via),
        ("c", "Level = c/d/e", via),
        ("b", "Level = a/b", via),
        ("d", "Level = c/d/e", via),
        ("e", "Level = c/d/e", via),
    ]


def test_a_piece_of_a_default_stays_a_hole_inside_a_string() -> None:
    (only,) = elements("!Sub ['arn:x:${P}', {P: !Select [0, !Split ['/', !Ref Path]]}]")
    assert only.text.literal is None
    (hole,) = only.text.holes
    assert (hole.values, hole.exhaustive, hole.resource) == (("team",), False, "Path")


@pytest.mark.parametrize(
    ("source", "number", "expected"),
    [
        ("!GetAtt Table.Arn", 0, "arn"),
        ("!GetAtt Table.Arn", 1, "${AWS::Partition}"),
        ("!GetAtt Table.Arn", 2, "dynamodb"),
        ("!GetAtt Table.Arn", 3, "${AWS::Region}"),
        ("!GetAtt Table.Arn", 4, "${AWS::AccountId}"),
        ("!GetAtt Table.Arn", 5, "table/${Table}"),
        ("!GetAtt Bucket.Arn", 5, "${Bucket}"),
        ("!GetAtt Bucket.Arn", 3, ""),
        ("!GetAtt Queue.Arn", 5, "${Queue.QueueName}"),
        ("!Ref Topic", 5, "${Topic.TopicName}"),
        ("!GetAtt Logs.Arn", 4, "${AWS::AccountId}"),
        ("!GetAtt Logs.Arn", 6, None),
        ("!GetAtt Own.Arn", 3, None),
        ("!GetAtt Table.StreamArn", 3, None),
        ("!Ref Bucket", 0, "${Bucket}"),
        ("!Ref Queue", 1, None),
        ("!Ref 'AWS::StackId'", 3, "${AWS::Region}"),
    ],
)
def test_select_of_a_split_arn(source: str, number: int, expected: str | None) -> None:
    (found,) = shown(f"!Select [{number}, !Split [':', {source}]]")
    assert found == expected if expected is not None else found.startswith("${{Fn::Select:")


def test_pieces_between_slashes() -> None:
    assert shown("!Select [1, !Split ['/', !GetAtt Table.Arn]]") == ["${Table}"]
    assert shown("!Select [1, !Split ['/', !Ref 'AWS::StackId']]") == ["${AWS::StackName}"]
    assert shown("!Select [2, !Split ['/', !Ref 'AWS::StackId']]")[0].startswith("${{Fn::Select:")
    # A region has dashes, so nothing is known of its pieces.
    assert shown("!Select [0, !Split ['-', !Ref 'AWS::Region']]")[0].startswith("${{Fn::Select:")


def test_the_same_piece_is_the_same_hole_however_it_is_spelled() -> None:
    short = elements("!Select [1, !Split ['/', !Ref Bare]]")
    long = elements("{'Fn::Select': ['1', {'Fn::Split': ['/', {Ref: Bare}]}]}")
    assert short[0].text == long[0].text


def test_members_of_list_parameters() -> None:
    assert values("!Ref Words") == [
        ("s3:GetObject", "", DEFAULT_OF + "Words"),
        ("s3:*", "", DEFAULT_OF + "Words"),
    ]
    assert shown("!Ref Nets") == ["${Nets}"]
    assert shown("!Ref Words", {"Words": "a, b"}) == ["a", "b"]
    via = "an allowed value of parameter Some"
    assert values("!Ref Some") == [("a", "Some has a", via), ("*", "Some has *", via)]
    assert values("!Select [1, !Ref Words]") == [("s3:*", "", DEFAULT_OF + "Words")]
    assert values("!Join [',', !Ref Words]") == [("s3:GetObject,s3:*", "", DEFAULT_OF + "Words")]
    assert shown("!Join [',', !Ref Nets]")[0].startswith("${{Fn::Join:")


def test_length() -> None:
    assert values("{'Fn::Length': !Split ['|', 'a|b|c']}") == [("3", "", "")]
    assert values("{'Fn::Length': !Ref Words}") == [("2", "", DEFAULT_OF + "Words")]
    assert shown("{'Fn::Length': !Ref Nets}")[0].startswith("${{Fn::Length:")


def test_numbers_and_booleans_are_strings() -> None:
    assert shown("[!Ref Number, !Ref Flag, 7]") == ["5", "true", "7"]


def test_the_default_of_an_ssm_parameter_is_a_name() -> None:
    assert values("!Ref Stored") == [("${Stored}", "", "")]
    assert values("!Ref Stored", {"Stored": "/other/*"}) == [("${Stored}", "", "")]
    assert shown("!Sub 'x/${Stored}'") == ["x/${Stored}"]
    assert shown("!Ref StoredName") == ["/path"]


def test_a_noecho_parameter_is_judged_and_never_shown() -> None:
    (only,) = elements("!Ref Secret")
    assert only.text.literal == "s3:*"
    assert only.text.display() == "${Secret}"
    (only,) = elements("!Sub 'a:${Secret}'")
    assert (only.text.literal, only.text.display()) == ("a:s3:*", "a:${Secret}")
    (only,) = elements("!Ref Secret", {"Secret": "hush*"})
    assert (only.text.literal, only.text.display(), only.guard.display()) == ("hush*", "${Secret}", "")
    for each in elements("!Ref Hidden"):
        assert each.text.display() == "${Hidden}"
        assert each.guard.display() == "Hidden has one of its values"
    (only,) = elements("!Sub '${Secret}x${Bare}'", {"Secret": "hush"})
    assert "hush" not in only.text.display()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("!FindInMap [Sizes, !Ref Stage, Target]", [("*", "Stage = dev", ""), ("t", "Stage = prod", "")]),
        ("!FindInMap [Sizes, !Ref Stage, Actions]", None),
        ("!FindInMap [Names, !Ref 'AWS::Region', Queue]", [("q", "AWS::Region = eu-west-1", "")]),
        (
            "!FindInMap [Names, !Ref 'AWS::Region', Queue, {DefaultValue: !Ref Bucket}]",
            [("q", "AWS::Region = eu-west-1", ""), ("${Bucket}", "not AWS::Region = eu-west-1", "")],
        ),
        ("!FindInMap [Names, us-east-1, Queue, {DefaultValue: d}]", [("d", "", "")]),
        ("!FindInMap [Names, eu-west-1, Queue, {DefaultValue: d}]", [("q", "", "")]),
        ("!FindInMap [Names, us-east-1, Queue, {DefaultValue: [a, b]}]", [("a", "", ""), ("b", "", "")]),
        ("!FindInMap [Names, x, y, {DefaultValue: !Ref Path}]", [("team/orders", "", DEFAULT_OF + "Path")]),
        (
            "!FindInMap [!Select [0, [Names]], !Select [1, !Split [':', ':eu-west-1']], !Sub Queue]",
            [("q", "", "")],
        ),
        ("!Sub ['<${V}>', {V: !FindInMap [Names, eu-west-1, Queue]}]", [("<q>", "", "")]),
    ],
)
def test_find_in_map(expression: str, expected: list[tuple[str, str, str]] | None) -> None:
    found = values(expression)
    assert (
        found == expected if expected is not None else [each[0] for each in found] == ["sns:*", "sns:Publish"]
    )


def test_a_mapping_that_is_not_known_is_a_hole() -> None:
    assert shown("!FindInMap [!Ref Bare, a, b]")[0].startswith("${{Fn::FindInMap:")
    assert shown("!FindInMap [Nowhere, a, b]")[0].startswith("${{Fn::FindInMap:")


@pytest.mark.parametrize(
    "expression",
    [
        "!Base64 x",
        "!Cidr ['10.0.0.0/8', 4, 8]",
        "!GetAZs ''",
        "!ImportValue x",
        "{'Fn::Transform': {Name: Mine, Parameters: {A: b}}}",
        "{'Fn::GetStackOutput': {StackName: s, OutputName: o, RoleArn: r}}",
        "{'Fn::ToJsonString': {a: b}}",
        "{'Fn::Later': x}",
    ],
)
def test_functions_that_are_not_evaluated_are_holes_with_an_identity(expression: str) -> None:
    (only,) = elements(expression)
    assert only.text.hole is not None
    assert only.text == elements(expression)[0].text
    (inside,) = elements(f"!Sub ['arn:${{X}}/*', {{X: {expression}}}]")
    assert inside.text.display().startswith("arn:${")


def test_imports_are_known_by_the_name_of_the_export() -> None:
    spelled = (
        "!ImportValue a-role",
        "!ImportValue {'Fn::Sub': a-role}",
        "!ImportValue {'Fn::Join': ['-', [a, role]]}",
    )
    assert {elements(each)[0].text for each in spelled} == {elements("!ImportValue a-role")[0].text}
    assert elements("!ImportValue {'Fn::Sub': '${Bare}-role'}")[0].text != elements(spelled[0])[0].text


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'{{resolve:ssm:/a}}'", "{{resolve:ssm:/a}}"),
        ("'arn:{{resolve:ssm-secure:/a:1}}/*'", "arn:{{resolve:ssm-secure:/a:1}}/*"),
        ("!Sub 'x-{{resolve:secretsmanager:${Bucket}:SecretString:k}}-*'", None),
        ("!Join ['', ['{{resolve:ssm:/', !Ref Bare, '/k}}']]", "{{resolve:ssm:/${Bare}/k}}"),
        (
            "!Sub '{{resolve:ssm:/${Bare}/k}}{{resolve:ssm:/b}}'",
            "{{resolve:ssm:/${Bare}/k}}{{resolve:ssm:/b}}",
        ),
    ],
)
def test_dynamic_references_are_holes(expression: str, expected: str | None) -> None:
    (only,) = elements(expression)
    assert only.text.literal is None
    assert all(hole.identity.startswith("{{resolve:") for hole in only.text.holes)
    if expected is not None:
        assert only.text.display() == expected


def test_a_join_leaves_out_members_that_are_absent() -> None:
    assert values("!Join ['-', [a, !If [IsProd, b, !Ref 'AWS::NoValue'], !Ref 'AWS::NoValue', c]]") == [
        ("a-b-c", "IsProd", ""),
        ("a-c", "not IsProd", ""),
    ]
    assert shown("!Join ['-', [!If [IsProd, b, !Ref 'AWS::NoValue'], c]]") == ["b-c", "c"]
    assert shown("!Join ['-', ['', c]]") == ["-c"]


def test_novalue_leaves_nothing() -> None:
    assert shown("!Ref 'AWS::NoValue'") == []
    assert shown("[a, !Ref 'AWS::NoValue']") == ["a"]
    assert values("!If [IsProd, !Ref 'AWS::NoValue', a]") == [("a", "not IsProd", "")]


def test_functions_inside_getatt() -> None:
    assert shown("{'Fn::GetAtt': [!Sub 'Buck${E}', Arn]}", {"E": "x"})[0].startswith("${{Fn::GetAtt:")
    assert shown("{'Fn::GetAtt': [!Join ['', [Buck, et]], Arn]}") == ["${Bucket.Arn}"]
    assert shown("{'Fn::GetAtt': 'Bucket.Arn'}") == ["${Bucket.Arn}"]
    assert shown("!GetAtt Own.Outputs.X") == ["${Own.Outputs.X}"]


def test_a_key_beside_a_function_makes_it_data() -> None:
    assert shown("{Ref: Bucket, Other: x}")[0].startswith("${{Ref:")
    assert shown("{'Fn::Split': [',', 'a,b'], Other: x}")[0].startswith("${{Fn::Split:")


@pytest.mark.parametrize(
    "expression",
    [
        "{'Fn::ToJsonString': {Statement: [{Resource: !Sub '${Bucket.Arn}/*', Action: 's3:*'}]}}",
        """!Sub '{"Statement": [{"Resource": "${Bucket.Arn}/*", "Action": "s3:*"}]}'""",
        """!Join ['', ['{"Statement": [{"Resource": "', !GetAtt Bucket.Arn, '/*", "Action": "s3:*"}]}']]""",
    ],
)
def test_policies_written_as_json_text(expression: str) -> None:
    root = tree(f"{HEAD}\nValue: {expression}\n")
    node = root.get("Value")
    assert node is not None
    document = embedded(node)
    assert isinstance(document, Mapping)
    statements = document.get("Statement")
    resolver = Resolver(root)
    ((statement, _),) = resolver.members(statements)
    assert isinstance(statement, Mapping)
    assert [e.text.display() for e in resolver.elements(statement.get("Resource"))] == ["${Bucket.Arn}/*"]
    assert [e.text.display() for e in resolver.elements(statement.get("Action"))] == ["s3:*"]
    resource = statement.get("Resource")
    assert isinstance(resource, Node)
    assert node.start <= resource.start <= resource.end <= node.end


@pytest.mark.parametrize(
    "expression", ["x", "!Join ['', [!Ref Bucket, '{}']]", "!Join ['', ['{', !Ref Bucket]]", "!Ref Bucket"]
)
def test_other_text_is_no_policy(expression: str) -> None:
    node = tree(f"Value: {expression}\n").get("Value")
    assert node is not None
    assert embedded(node) is None


def test_a_policy_in_a_block_under_sub_stands_where_it_is_written() -> None:
    root = tree('Value: !Sub |\n  {"Statement": [{"Action": "s3:*", "Resource": "${Bucket.Arn}"}]}\n')
    node = root.get("Value")
    assert node is not None
    document = embedded(node)
    assert isinstance(document, Mapping)
    ((statement, _),) = Resolver(root).members(document.get("Statement"))
    assert isinstance(statement, Mapping)
    action = statement.get("Action")
    assert action is not None
    assert action.span.text in ('"s3:*"', "s3:*")


def test_a_condition_key_alone_is_a_function_only_with_a_string() -> None:
    root = tree(
        "A: {Condition: IsProd}\nB: {Condition: {StringLike: {}}}\nC: {Condition: x, Effect: Allow}\n"
    )
    found = [call(root.get(name) or root) for name in "ABC"]
    assert [each[0] if each else "" for each in found] == ["Condition", "", ""]


def test_accounts_keep_their_leading_zeros() -> None:
    assert shown("012345678901") == ["012345678901"]
    assert shown("!Sub 'arn:aws:iam::${A}:root'", {"A": "1"}) == ["arn:aws:iam::${A}:root"]
