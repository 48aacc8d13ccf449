"""sam-role-and-policies beyond its examples: several properties, branches, Globals."""

from __future__ import annotations

from scopedown.config import Options
from scopedown.engine import check_text
from scopedown.rulebook.finding import Finding

HEAD = """\
Transform: AWS::Serverless-2016-10-31
Parameters:
  RoleArn: {Type: String}
  Stage: {Type: String, AllowedValues: [dev, prod]}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
%sResources:
  Convert:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: convert.run
      CodeUri: src/
"""


def findings(properties: str, more: str = "") -> list[Finding]:
    options = Options()
    options.select = ["sam-role-and-policies"]
    report = check_text("template.yaml", HEAD % more + properties, options)
    assert not report.errors
    assert not report.internal
    return report.findings


ROLE = "      Role: !Ref RoleArn\n"
POLICIES = "      Policies: [AWSLambdaExecute]\n"
EITHER = "      Role: !If [IsProd, !Ref RoleArn, !Ref AWS::NoValue]\n"


def test_everything_that_is_dropped_is_named_in_one_finding() -> None:
    (found,) = findings(ROLE + POLICIES + "      RolePath: /app/\n      PermissionsBoundary: !Ref RoleArn\n")
    assert found.message == (
        "SAM ignores Policies, PermissionsBoundary and RolePath of Convert, which has a Role of its own"
    )
    assert found.primary.span.text == "Policies"
    assert [label.text for label in found.labels if label.kind == "related"] == [
        "the Role",
        "ignored too",
        "ignored too",
    ]
    assert (found.severity, found.guard) == ("high", None)


def test_a_role_in_one_branch_is_told_with_its_guard() -> None:
    (found,) = findings(EITHER + POLICIES)
    assert (found.severity, found.guard) == ("medium", "IsProd")


def test_policies_that_exist_only_where_the_role_does_not() -> None:
    assert findings(EITHER + "      Policies: !If [IsProd, !Ref AWS::NoValue, [AWSLambdaExecute]]\n") == []
    (found,) = findings(EITHER + "      Policies: !If [IsProd, [AWSLambdaExecute], !Ref AWS::NoValue]\n")
    assert found.guard == "IsProd"


def test_a_boundary_in_globals_serves_the_others() -> None:
    shared = "Globals:\n  Function:\n    PermissionsBoundary: !Ref RoleArn\n"
    assert findings(ROLE, shared) == []
    assert len(findings(ROLE + POLICIES, shared)) == 1
