"""Grants in words, and the answers to "who may do this?"."""

from __future__ import annotations

import pytest

from scopedown.iam import access
from scopedown.iam.policy import Carrier, Condition
from scopedown.report import grants_text
from scopedown.report import grants_words as words
from scopedown.report.grants import Block, Wanted, blocks
from scopedown.report.grants_asked import Asked, surest
from scopedown.report.grants_reach import reached
from scopedown.report.screen import Screen
from scopedown.source.discovery import from_text
from scopedown.template import cloudformation
from scopedown.values.guard import ALWAYS
from scopedown.values.text import Element, Hole, Text

from . import samples

HEAD = """\
Parameters:
  Outside: {Type: String}
  Stage: {Type: String, Default: dev}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Reports: {Type: AWS::S3::Bucket}
  Orders: {Type: AWS::DynamoDB::Table}
  Api: {Type: AWS::ApiGateway::RestApi}
  Worker:
    Type: AWS::Lambda::Function
    Properties: {Role: !GetAtt Role.Arn}
  Role:
    Type: AWS::IAM::Role
    Properties:
"""
POLICIES = """\
      Policies:
        - PolicyName: all
          PolicyDocument:
            Statement:
"""


def told(text: str, action: str = "", resource: str = "") -> list[Block]:
    """The blocks of a template."""
    (template,) = from_text("template.yaml", text).templates()
    stack = cloudformation.read(template.document, template.root, template.dialect)
    return blocks(stack, Wanted(asked=Asked(action, resource)))


def template(*statements: str, extra: str = "") -> str:
    """A template in which Worker has some statements, written in flow style."""
    return HEAD + extra + POLICIES + "".join(f"              - {one}\n" for one in statements)


def lines(text: str, action: str = "", resource: str = "", verbose: bool = False) -> list[str]:
    """What is printed."""
    shown = grants_text.render(told(text, action, resource), Asked(action, resource), Screen(), verbose)
    return shown.splitlines()


def rows(text: str) -> dict[str, str]:
    """The rows below the first grant, by label; continued ones are joined."""
    found: dict[str, str] = {}
    label = ""
    shown = lines(text)
    start = next(number for number, line in enumerate(shown) if line.startswith("    "))
    for line in shown[start - 1 :]:
        if not line:
            break
        if not line.startswith("    "):
            label, rest = "grant", line
        else:
            label, rest = line[4:12].strip() or label, line[12:]
        found[label] = f"{found[label]} {rest.strip()}" if label in found else rest.strip()
    return found


@pytest.mark.parametrize(
    ("operator", "key", "values", "said"),
    [
        ("StringLike", "s3:prefix", ["reports/*"], "s3:prefix is reports/*"),
        ("StringEquals", "s3:prefix", ["a", "b"], "s3:prefix is a or b"),
        ("StringEquals", "s3:prefix", ["a*"], 's3:prefix is literally "a*"'),
        ("StringNotEquals", "s3:prefix", ["a", "b"], "s3:prefix is not a and not b"),
        ("StringEqualsIfExists", "s3:prefix", ["a"], "s3:prefix is a (or is absent)"),
        ("ForAllValues:StringLike", "k:k", ["a*"], "every value of k:k is a* (or there is none)"),
        ("ForAnyValue:StringEquals", "k:k", ["a"], "some value of k:k is a"),
        ("Null", "aws:TokenIssueTime", ["true"], "aws:TokenIssueTime is absent"),
        ("Null", "aws:TokenIssueTime", ["false"], "aws:TokenIssueTime is present"),
        ("Bool", "aws:SecureTransport", ["true"], "aws:SecureTransport is true"),
        ("NumericLessThanEquals", "s3:max-keys", ["10"], "s3:max-keys is at most 10"),
        ("DateGreaterThan", "aws:CurrentTime", ["2030-01-01"], "aws:CurrentTime is after 2030-01-01"),
        ("NotIpAddress", "aws:SourceIp", ["10.0.0.0/8"], "aws:SourceIp is not in 10.0.0.0/8"),
        ("StringEquals", "a:b", list("abcdefgh"), "a:b is a or b or c or d or e or f or 2 more"),
        ("StringEquals", "a:b", [], "a:b is (no value)"),
        ("Odd", "a:b", ["x"], "Odd a:b x"),
        ("Bool", "a\x1b[31m", ["true"], "a\\x1b[31m is true"),
    ],
)
def test_conditions_in_words(operator: str, key: str, values: list[str], said: str) -> None:
    (template,) = from_text("t.yaml", HEAD).templates()
    node = template.root
    elements = [Element(Text.of(value), ALWAYS, node) for value in values]
    assert words.condition(Condition(operator, key, elements, node.entries[0][0])) == said


@pytest.mark.parametrize(
    ("kind", "owner", "path", "name", "said"),
    [
        ("inline", "Role", "Resources.Role.Properties.Policies[0]", "", "inline policy of Role"),
        ("policy", "P", "Resources.P.Properties", "", "policy P"),
        ("managed-policy", "P", "Resources.P.Properties", "", "managed policy P"),
        ("sam-template", "F", "Resources.F.Properties.Policies[0]", "S3ReadPolicy", ""),
        ("generated", "F", "Resources.F.Properties.Events.Upload", "x", "added by SAM for event Upload"),
        ("generated", "F", "Resources.F.Connectors.ToTable", "x", "connector ToTable"),
        ("generated", "F", "Resources.Wire", "x", "connector Wire"),
        ("generated", "F", "Resources.F.Properties.DeadLetterQueue", "x", "added by SAM for DeadLetterQueue"),
        (
            "generated",
            "F",
            "Resources.F",
            "AWSLambdaBasicExecutionRole",
            "AWS managed policy AWSLambdaBasicExecutionRole, added by SAM",
        ),
    ],
)
def test_carriers_in_words(kind: str, owner: str, path: str, name: str, said: str) -> None:
    (template,) = from_text("t.yaml", HEAD).templates()
    carrier = Carrier(kind, owner, template.root, path, ALWAYS, name)
    assert words.carrier(carrier) == (said or f"SAM policy template {name}")


def test_a_policy_of_the_block_itself_is_not_named_again() -> None:
    (template,) = from_text("t.yaml", HEAD).templates()
    assert words.carrier(Carrier("inline", "Role", template.root, ""), "Role") == "inline policy"


def test_what_cannot_be_written_in_sub_is_set_apart() -> None:
    assert words.text(Text(("a/", Hole("{Fn::Split:[x]}", "unknown")))) == "a/⟨{Fn::Split:[x]}⟩"
    shown = Screen(ascii=True)
    policies = "      ManagedPolicyArns: !Split [',', !ImportValue Shared]\n"
    text = grants_text.render(told(HEAD + policies), Asked(), shown)
    assert text.isascii()


def test_one_action_stands_in_the_first_line() -> None:
    found = rows(template("{Effect: Allow, Action: s3:PutObject, Resource: !Sub '${Reports.Arn}/*'}"))
    assert found == {
        "grant": "s3:PutObject (write)",
        "on": "${Reports.Arn}/*",
        "from": "line 20, inline policy",
    }


def test_globs_are_told_as_written_with_what_they_match() -> None:
    found = rows(template("{Effect: Allow, Action: ['sqs:Send*', 's3:GetObjec?'], Resource: '*'}"))
    assert found["grant"] == "s3: 1 read; sqs: 1 write"
    assert found["may"] == "sqs:Send* (1 action), s3:GetObjec? (1 action)"
    assert found["on"] == "* (every resource)"


def test_everything_is_said_as_such() -> None:
    found = rows(template("{Effect: Allow, Action: '*', Resource: '*'}"))
    assert found["grant"].startswith("every service: ")
    assert found["may"].startswith("* (")


def test_not_action_and_not_resource() -> None:
    found = rows(template("{Effect: Allow, NotAction: 'iam:*', NotResource: 'arn:aws:s3:::secret/*'}"))
    assert found["may"] == "every action"
    assert found["but not"] == "iam:*"
    assert found["on"] == "every resource"
    assert found["except"] == "arn:aws:s3:::secret/*"


def test_a_deny_that_takes_actions_away_leaves_one_grant() -> None:
    found = rows(
        template(
            "{Effect: Allow, Action: ['s3:*', 's3:GetObject'], Resource: '*'}",
            "{Effect: Deny, Action: 's3:Delete*', Resource: '*'}",
        )
    )
    assert found["but not"] == "s3:Delete*"
    assert "s3:GetObject" in found["may"]


def test_a_deny_that_may_not_apply_stays_as_a_limit() -> None:
    found = rows(
        template(
            "{Effect: Allow, Action: s3:DeleteObject, Resource: '*'}",
            "{Effect: Deny, Action: 's3:Delete*', Resource: '*', "
            "Condition: {IpAddress: {'aws:SourceIp': 10.0.0.0/8}}}",
        )
    )
    assert found["less"] == "s3:Delete* if aws:SourceIp is in 10.0.0.0/8 (line 21)"


def test_conditions_guards_and_defaults() -> None:
    text = template(
        "!If [IsProd, {Effect: Allow, Action: s3:PutObject, Resource: !Ref Stage, "
        "Condition: {StringLike: {'s3:prefix': a/*}, Bool: {'aws:SecureTransport': 'true'}}}, "
        "!Ref 'AWS::NoValue']"
    )
    found = rows(text)
    assert found["if"] == "s3:prefix is a/*"
    assert found["and"] == "aws:SecureTransport is true"
    assert found["when"] == "IsProd"
    assert found["on"] == "${Stage} = dev (the default of parameter Stage)"


def test_an_action_that_nobody_knows_is_told() -> None:
    found = rows(template("{Effect: Allow, Action: [s3:GetObjekt, s3:PutObject], Resource: '*'}"))
    assert found["grant"] == "s3:GetObjekt (not a known action), s3:PutObject (write)"
    found = rows(template("{Effect: Allow, Action: !Sub 's3:${Outside}', Resource: '*'}"))
    assert found["grant"] == "s3:${Outside} (unresolved)"


def test_a_boundary_is_told_at_the_role_and_applied() -> None:
    boundary = "      PermissionsBoundary: arn:aws:iam::aws:policy/AmazonSQSFullAccess\n"
    shown = lines(template("{Effect: Allow, Action: '*', Resource: '*'}", extra=boundary))
    assert "  within  permissions boundary AmazonSQSFullAccess, line 16" in shown
    assert any(line.startswith("  sqs: ") for line in shown)
    assert not any("every service" in line for line in shown)


def test_a_boundary_that_is_not_visible_is_told() -> None:
    boundary = "      PermissionsBoundary: !Ref Outside\n"
    shown = lines(template("{Effect: Allow, Action: s3:GetObject, Resource: '*'}", extra=boundary))
    text = " ".join(" ".join(shown).split())
    assert "permissions boundary ${Outside}, line 16; not visible: it may take some of this away" in text
    assert "  s3:GetObject (read)" in shown


def test_managed_policies_are_folded_unless_all_is_asked_for() -> None:
    text = (
        HEAD
        + "      ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole']\n"
    )
    assert "  AWSLambdaBasicExecutionRole: logs: 3 write (line 16)" in lines(text)
    whole = lines(text, verbose=True)
    assert "  logs:CreateLogGroup, logs:CreateLogStream, logs:PutLogEvents (write)" in whole
    assert "    from    line 16, AWS managed policy AWSLambdaBasicExecutionRole" in whole


def test_what_is_not_visible_is_told() -> None:
    shown = lines(HEAD + "      ManagedPolicyArns: [!Ref Outside]\n")
    assert "  not visible: managed policy ${Outside}: its document stands outside the" in shown
    assert shown[-1] == "1 function, 1 role · 1 not visible"


def test_a_function_without_a_role() -> None:
    shown = lines("Resources:\n  F: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.13}}\n")
    assert "  role    none in the template: nothing is known of what it may do" in shown


def test_texts_of_the_template_are_escaped() -> None:
    shown = lines(template('{Effect: Allow, Action: s3:PutObject, Resource: "a\\u202eb\\e[31m"}'))
    assert "    on      a\\u202eb\\x1b[31m" in shown


@pytest.mark.parametrize(
    ("statement", "action", "resource", "answer"),
    [
        ("Action: s3:PutObject, Resource: '*'", "s3:PutObject", "", "yes"),
        ("Action: 's3:Put*', Resource: '*'", "S3:PutObject", "", "yes"),
        ("Action: s3:PutObject, Resource: '*'", "s3:Put*", "", "yes"),
        ("Action: s3:PutObject, Resource: '*'", "s3:GetObject", "", "no"),
        ("Action: !Sub 's3:${Outside}', Resource: '*'", "s3:GetObject", "", "perhaps"),
        ("NotAction: 'iam:*', Resource: '*'", "s3:GetObject", "", "yes"),
        ("NotAction: 'iam:*', Resource: '*'", "iam:PassRole", "", "no"),
        (
            "Action: s3:GetObject, Resource: '*', Condition: {Bool: {'aws:SecureTransport': 'true'}}",
            "s3:GetObject",
            "",
            "conditional",
        ),
        ("Action: s3:GetObject, Resource: !Sub '${Reports.Arn}/*'", "", "Reports", "yes"),
        ("Action: s3:GetObject, Resource: !Sub 'arn:aws:s3:::${Reports}/*'", "", "Reports", "yes"),
        (
            "Action: s3:GetObject, Resource: !Sub 'arn:${AWS::Partition}:s3:::${Reports}/*'",
            "",
            "Reports",
            "yes",
        ),
        ("Action: s3:GetObject, Resource: 'arn:aws:s3:::*/*'", "", "Reports", "yes"),
        ("Action: s3:GetObject, Resource: 'arn:aws:s3:::orders-*'", "", "Reports", "perhaps"),
        ("Action: sqs:SendMessage, Resource: '*'", "", "Reports", "no"),
        ("Action: 's3:*', Resource: !GetAtt Orders.Arn", "", "Reports", "no"),
        ("Action: 'dynamodb:*', Resource: !Sub '${Orders.Arn}/index/*'", "", "Orders", "yes"),
        ("Action: 'dynamodb:*', Resource: !GetAtt Orders.Arn", "dynamodb:PutItem", "Orders", "yes"),
        ("Action: 'dynamodb:Get*', Resource: !GetAtt Orders.Arn", "dynamodb:PutItem", "Orders", "no"),
        ("Action: s3:GetObject, Resource: 'arn:aws:s3:::a/*'", "", "arn:aws:s3:::a/b", "yes"),
        ("Action: s3:GetObject, Resource: 'arn:aws:s3:::a/*'", "", "arn:aws:s3:::b/*", "no"),
        ("Action: s3:GetObject, Resource: 'arn:aws-cn:s3:::a/*'", "", "arn:aws-cn:s3:::a/*", "yes"),
        ("Action: s3:GetObject, Resource: !Sub '${Reports.Arn}/*'", "", "arn:aws:s3:::b/*", "perhaps"),
        ("Action: s3:GetObject, Resource: !Sub '${Reports.Arn}/*'", "", "${Reports.Arn}/a", "yes"),
        ("Action: 'dynamodb:*', Resource: !GetAtt Orders.Arn", "", "arn:aws:s3:::b/*", "no"),
        ("Action: s3:GetObject, NotResource: !Sub '${Reports.Arn}/*'", "", "${Reports.Arn}/a", "no"),
        (
            "Action: execute-api:Invoke, Resource: !Sub "
            "'arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*'",
            "",
            "Api",
            "yes",
        ),
    ],
)
def test_who_may_do_this(statement: str, action: str, resource: str, answer: str) -> None:
    text = template("{Effect: Allow, " + statement + "}")
    (block,) = told(text, action, resource)
    assert block.answer == answer
    assert bool(block.worn[0].entries) is (answer != "no")


def test_a_deny_answers_no() -> None:
    text = template(
        "{Effect: Allow, Action: 's3:*', Resource: '*'}",
        "{Effect: Deny, Action: s3:PutObject, Resource: '*'}",
    )
    assert told(text, "s3:PutObject")[0].answer == "no"
    assert told(text, "s3:GetObject")[0].answer == "yes"


def test_what_is_not_visible_answers_perhaps() -> None:
    (block,) = told(HEAD + "      ManagedPolicyArns: [!Ref Outside]\n", "s3:PutObject")
    assert block.answer == "perhaps"


def test_the_surest_answer_counts() -> None:
    assert surest([]) == "no"
    assert surest(["no", "perhaps", "conditional"]) == "conditional"


def test_long_names_break_where_it_does_not_hurt() -> None:
    arn = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Orders}/index/*"
    broken = grants_text.breakable(arn, 68)
    assert broken.replace(" ", "") == arn
    assert all(len(piece) <= 68 for piece in broken.split(" "))
    assert "${AWS:: " not in broken


def test_places_name_the_file_only_where_it_is_another() -> None:
    span = samples.span(samples.document(), "s3:*")
    assert words.place(span, span.path) == "line 9"
    assert words.place(span, "other.yaml") == "template.yaml:9"


def test_policies_that_no_role_has_are_told() -> None:
    user = HEAD + "      Path: /\n" + "  User:\n    Type: AWS::IAM::User\n    Properties:\n" + POLICIES
    shown = lines(user + "              - {Effect: Allow, Action: s3:GetObject, Resource: '*'}\n")
    at = shown.index("User  line 17")
    assert shown[at + 1] == "  user    a user of the template"
    assert shown[at + 3] == "  s3:GetObject (read)"
    assert shown[-1] == "1 function, 1 role, 1 user"
    policy = user.replace("IAM::User\n    Properties:\n" + POLICIES, "IAM::ManagedPolicy\n    Properties:\n")
    policy += "      PolicyDocument: {Statement: {Effect: Allow, Action: s3:GetObject, Resource: '*'}}\n"
    shown = lines(policy)
    assert shown[shown.index("User  line 17") + 1] == "  role    none: no role of the template has this"
    assert shown[-1] == "1 function, 1 role · 1 policy without a role"


def test_a_boundary_alone_gives_nothing() -> None:
    bound = (
        "      PermissionsBoundary: !Ref Edge\n  Edge:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n"
    )
    document = "      PolicyDocument: {Statement: {Effect: Allow, Action: 's3:*', Resource: '*'}}\n"
    shown = lines(HEAD + bound + document)
    assert not any(line.startswith("Edge") for line in shown)
    assert "  within  permissions boundary Edge, line 20" in shown
    assert "  no grants" in shown


@pytest.mark.parametrize(
    "statement",
    [
        "Action: '*', Resource: '*'",
        "Action: '*', Resource: [!Sub '${Reports.Arn}/*', 'arn:aws:redshift:*:*:cluster:*']",
        "Action: '*', Resource: [!Ref Outside, !GetAtt Orders.Arn]",
        "Action: '*', Resource: 'arn:aws:*:*:*:a'",
        "NotAction: 'iam:*', Resource: 'arn:aws:iam::*:role/x'",
        "NotAction: ['s3:*', 'sqs:*'], Resource: !Sub '${Reports.Arn}/*'",
        "Action: 's3:*', Resource: !GetAtt Orders.Arn",
    ],
)
def test_what_a_star_reaches_is_what_iam_says(statement: str) -> None:
    (block,) = told(template("{Effect: Allow, " + statement + "}"))
    for entry in block.worn[0].entries:
        quick = {action.full for action in reached(entry.grant)}
        assert quick == {action.full for action in access.reached(entry.grant)}


def test_a_star_on_a_table_reaches_the_table_s_service_alone() -> None:
    (block,) = told(template("{Effect: Allow, Action: '*', Resource: !GetAtt Orders.Arn}"))
    (entry,) = block.worn[0].entries
    assert {action.service for action in entry.reached} == {"dynamodb"}
