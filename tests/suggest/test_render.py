"""The text of a suggestion: dialect, quotes, lists and indentation of the statement that it replaces."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Template

    Read = Callable[[str], Template]

JSON = """
{
    "Resources": {
        "Photos": {"Type": "AWS::S3::Bucket"},
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "AssumeRolePolicyDocument": {},
                "Policies": [
                    {
                        "PolicyName": "photos",
                        "PolicyDocument": {
                            "Statement": [
                                {
                                    "Effect": "Allow",
                                    "Action": ["s3:GetObject", "s3:ListBucket"],
                                    "Resource": "*"
                                },
                                {
                                    "Effect": "Allow",
                                    "Action": "xray:PutTraceSegments",
                                    "Resource": "*"
                                }
                            ]
                        }
                    }
                ]
            }
        },
        "Show": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Environment": {"Variables": {"BUCKET": {"Ref": "Photos"}}}
            }
        }
    }
}
"""

JSON_AFTER = """
                                {
                                    "Effect": "Allow",
                                    "Action": [
                                        "s3:GetObject"
                                    ],
                                    "Resource": {
                                        "Fn::Sub": "${Photos.Arn}/*"
                                    }
                                },
                                {
                                    "Effect": "Allow",
                                    "Action": [
                                        "s3:ListBucket"
                                    ],
                                    "Resource": {
                                        "Fn::GetAtt": [
                                            "Photos",
                                            "Arn"
                                        ]
                                    }
                                }
"""


def test_json_keeps_its_indentation(template: Read) -> None:
    read = template(JSON)
    found = read.must("s3:GetObject")
    assert found.text == JSON_AFTER.strip("\n")
    again = read.applied("s3:GetObject")
    assert [each.actions[0].text.display() for each in again.stack.statements] == [
        "s3:GetObject",
        "s3:ListBucket",
        "xray:PutTraceSegments",
    ]


LONG = """
Resources:
  Photos:
    Type: AWS::S3::Bucket
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      Policies:
        - PolicyName: photos
          PolicyDocument:
            Statement:
%s
  Show:
    Type: AWS::Lambda::Function
    Properties:
      Role:
        Fn::GetAtt: [Role, Arn]
      Environment:
        Variables:
          BUCKET:
            Ref: Photos
"""


def yaml(template: Read, statement: str) -> tuple[Template, str]:
    read = template(LONG % textwrap.indent(textwrap.dedent(statement).strip("\n"), " " * 14))
    return read, textwrap.dedent(read.must("s3:GetObject").text)


def test_long_form_where_the_template_writes_it(template: Read) -> None:
    read, text = yaml(template, "- Effect: Allow\n  Action:\n    - s3:GetObject\n  Resource: '*'")
    assert text == (
        "- Effect: Allow\n  Action:\n    - s3:GetObject\n  Resource:\n    Fn::Sub: '${Photos.Arn}/*'"
    )
    read.applied("s3:GetObject")


def test_single_statement_becomes_a_list(template: Read) -> None:
    read, text = yaml(
        template, "Effect: Allow\nAction:\n  - s3:GetObject\n  - s3:ListAllMyBuckets\nResource: '*'"
    )
    assert text.startswith("- Effect: Allow\n")
    assert len(read.applied("s3:GetObject").stack.statements) == 2


def test_dash_on_a_line_of_its_own(template: Read) -> None:
    read, _ = yaml(
        template, "-\n  Effect: Allow\n  Action:\n  - s3:GetObject\n  - s3:ListAllMyBuckets\n  Resource: '*'"
    )
    assert len(read.applied("s3:GetObject").stack.statements) == 2


def test_statement_within_brackets(template: Read) -> None:
    statement = "[{Effect: Allow, Action: ['s3:GetObject', 's3:ListAllMyBuckets'], Resource: '*'}]"
    read = template((LONG % "").replace("Statement:\n\n", f"Statement: {statement}\n"))
    assert len(read.applied("s3:GetObject").stack.statements) == 2


def test_comments_and_quotes_around_stay(template: Read) -> None:
    statement = """
    # the gallery
    - Effect: "Allow"
      Action: "s3:GetObject"
      Resource: "*"  # every bucket
    - Effect: Allow
      Action: xray:PutTraceSegments
      Resource: "*"
    """
    read, text = yaml(template, statement)
    assert text.startswith('- Effect: "Allow"\n  Action: "s3:GetObject"\n')
    after = read.applied("s3:GetObject").text
    assert "# the gallery" in after
    assert "# every bucket" in after


def test_crlf_stays(template: Read) -> None:
    read, _ = yaml(template, "- Effect: Allow\n  Action: s3:GetObject\n  Resource: '*'")
    again = template(read.text)
    windows = type(again)(read.text.replace("\n", "\r\n"))
    assert "\n" not in windows.applied("s3:GetObject").text.replace("\r\n", "")
