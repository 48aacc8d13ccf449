"""shared-role beyond its examples: guards, helpers of custom resources, where the role's rights come from."""

from __future__ import annotations

from scopedown.config import Options
from scopedown.engine import check_text
from scopedown.rulebook.finding import Finding

HEAD = """\
Parameters:
  Stage: {Type: String, AllowedValues: [dev, prod]}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Not [!Condition IsProd]
Resources:
"""
ROLE = """\
  Shared:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}
"""
TABLE = """\
      Policies:
        - PolicyName: table
          PolicyDocument:
            Statement:
              - Effect: Allow
                Action: dynamodb:GetItem
                Resource: arn:aws:dynamodb:eu-west-1:111122223333:table/orders
"""


def function(name: str, condition: str = "", role: str = "!GetAtt Shared.Arn") -> str:
    when = f"    Condition: {condition}\n" if condition else ""
    return f"  {name}:\n    Type: AWS::Lambda::Function\n{when}    Properties:\n      Role: {role}\n"


def findings(body: str) -> list[Finding]:
    options = Options()
    options.select = ["shared-role"]
    report = check_text("template.yaml", HEAD + body, options)
    assert not report.errors
    assert not report.internal
    return report.findings


def test_labels_guard_and_identity() -> None:
    one, two = findings(ROLE + TABLE + function("One") + function("Two", "IsProd"))
    assert one.message == "One runs under Shared, as does Two"
    assert (one.resource, one.path) == ("One", "Resources.One.Properties.Role")
    assert one.primary.span.text == "!GetAtt Shared.Arn"
    assert [label.span.text for label in one.labels if label.kind == "related"] == ["Shared"]
    assert one.identity == two.identity == ("role", "Shared")
    assert (one.guard, two.guard) == (None, "IsProd")


def test_only_functions_that_meet_are_named() -> None:
    found = findings(
        ROLE + TABLE + function("Dev", "IsDev") + function("Prod", "IsProd") + function("Always")
    )
    assert [finding.message for finding in found] == [
        "Dev runs under Shared, as does Always",
        "Prod runs under Shared, as does Always",
        "Always runs under Shared, as do Dev and Prod",
    ]


def test_rights_that_only_exist_apart_from_the_other_function() -> None:
    policy = TABLE.replace(
        "              - Effect", "              - !If\n                - IsProd\n                - Effect"
    )
    policy = policy.replace("                Action", "                  Action").replace(
        "                Resource", "                  Resource"
    )
    policy += "                - !Ref AWS::NoValue\n"
    assert findings(ROLE + policy + function("One", "IsDev") + function("Two")) == []
    assert len(findings(ROLE + policy + function("One", "IsProd") + function("Two"))) == 2


def test_a_policy_beside_the_role_counts() -> None:
    beside = """\
  Grants:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: grants
      Roles: [!Ref Shared]
      PolicyDocument:
        Statement: {Effect: Allow, Action: 'sqs:SendMessage', Resource: !ImportValue jobs}
"""
    assert len(findings(ROLE + beside + function("One") + function("Two"))) == 2
    assert findings(ROLE + function("One") + function("Two")) == []


def test_managed_policies() -> None:
    def arns(*names: str) -> str:
        lines = "".join(f"        - arn:aws:iam::aws:policy/{name}\n" for name in names)
        return f"      ManagedPolicyArns:\n{lines}"

    both = function("One") + function("Two")
    assert (
        findings(ROLE + arns("service-role/AWSLambdaBasicExecutionRole", "AWSXRayDaemonWriteAccess") + both)
        == []
    )
    assert len(findings(ROLE + arns("AmazonSQSReadOnlyAccess") + both)) == 2


def test_network_interfaces_logs_and_traces_grant_nothing_to_share() -> None:
    plain = TABLE.replace(
        "dynamodb:GetItem",
        "['ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'logs:*', 'xray:PutTraceSegments']",
    )
    assert findings(ROLE + plain + function("One") + function("Two")) == []
    more = plain.replace("ec2:CreateNetworkInterface", "ec2:RunInstances")
    assert len(findings(ROLE + more + function("One") + function("Two"))) == 2


def test_an_unreadable_action_is_not_taken_for_plain() -> None:
    unknown = TABLE.replace("dynamodb:GetItem", "!ImportValue actions")
    assert len(findings(ROLE + unknown + function("One") + function("Two"))) == 2


def test_helpers_of_custom_resources_may_share_among_themselves() -> None:
    def custom(name: str) -> str:
        return (
            f"  Use{name}:\n    Type: Custom::Seed\n    Properties:\n      ServiceToken: !GetAtt {name}.Arn\n"
        )

    helpers = function("Seed") + custom("Seed") + function("Wait") + custom("Wait")
    assert findings(ROLE + TABLE + helpers) == []
    assert len(findings(ROLE + TABLE + helpers + function("Orders"))) == 3


def test_one_function_in_two_branches_is_one_function() -> None:
    twice = "!If [IsProd, !GetAtt Shared.Arn, !Sub '${Shared.Arn}']"
    assert findings(ROLE + TABLE + function("One", role=twice)) == []


def test_a_role_that_nothing_makes() -> None:
    gone = function("One", role="!GetAtt Gone.Arn") + function("Two", role="!GetAtt Gone.Arn")
    options = Options()
    options.select = ["shared-role"]
    report = check_text("template.yaml", HEAD + ROLE + gone, options)
    assert not report.findings
    assert [(record.what, record.resource) for record in report.unresolved] == [
        ("role Gone", "One"),
        ("role Gone", "Two"),
    ]


def test_a_role_from_elsewhere_is_named_as_it_is_written() -> None:
    one, _ = findings(
        ROLE + function("One", role="!ImportValue shared") + function("Two", role="!ImportValue shared")
    )
    assert one.message == "One runs under !ImportValue shared, as does Two"
    assert one.primary.text == "its contents are not in this template"


def test_a_role_that_only_lists_is_milder() -> None:
    both = function("One") + function("Two")
    lists = TABLE.replace(
        "dynamodb:GetItem", "[dynamodb:ListTables, 'ec2:DescribeInstances', 'lambda:ListFunc*', 'logs:*']"
    )
    assert {finding.severity for finding in findings(ROLE + lists + both)} == {"medium"}
    reads = lists.replace("ListTables", "Scan")
    assert {finding.severity for finding in findings(ROLE + reads + both)} == {"high"}
    managed = "      ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonSQSReadOnlyAccess']\n"
    assert {finding.severity for finding in findings(ROLE + managed + lists + both)} == {"high"}
