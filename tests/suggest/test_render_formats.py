"""Suggestions in services that are written as TOML or code: text that can be pasted there."""

from __future__ import annotations

import textwrap

import pytest

from scopedown import engine
from scopedown.config import Options
from scopedown.rulebook.finding import Finding

TOML = """\
service = "bakery"
frameworkVersion = "4"
[provider]
name = "aws"
{statement}
[functions.bake]
handler = "bake.handler"
environment = {{ TABLE = {{ Ref = "Orders" }} }}
[resources.Resources.Orders]
Type = "AWS::DynamoDB::Table"
"""
CODE = """\
const type: string = 'AWS::DynamoDB::Table';
export default {{
  service: 'bakery',
  frameworkVersion: '4',
  provider: {{
    name: 'aws',
    iam: {{ role: {{ statements: [
{statement}
    ] }} }},
  }},
  functions: {{ bake: {{ handler: 'bake.handler', environment: {{ TABLE: {{ Ref: 'Orders' }} }} }} }},
  resources: {{ Resources: {{ Orders: {{ Type: type }} }} }},
}};
"""


def _findings(name: str, text: str) -> list[Finding]:
    report = engine.check_text(name, text, Options())
    assert report.errors == [] and report.internal == []
    return [each for each in report.findings if each.rule.startswith(("resource", "service"))]


def _applied(name: str, text: str) -> tuple[str, str]:
    """The suggested text, and the file with it in place, which says nothing more of this."""
    (finding,) = _findings(name, text)
    found = finding.suggestion
    assert found is not None
    assert found.replaces is not None
    made = text[: found.replaces.start] + found.text + text[found.replaces.end :]
    assert _findings(name, made) == []
    return found.text, made


NARROW = 'Action = ["dynamodb:PutItem"]'
WIDE = 'Action = ["dynamodb:PutItem", "s3:ListAllMyBuckets"]'
TABLE = 'Resource = { "Fn::GetAtt" = ["Orders", "Arn"] }'
HEADER = "[[provider.iam.role.statements]]"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            f'{HEADER} # why\nEffect = "Allow"\n{NARROW}\nResource = "*"\n',
            f'{HEADER}\nEffect = "Allow"\n{NARROW}\n{TABLE}',
        ),
        (
            f'{HEADER}\nEffect = "Allow"\n{WIDE}\nResource = "*"\n',
            f'{HEADER}\nEffect = "Allow"\n{NARROW}\n{TABLE}\n\n{HEADER}\nEffect = "Allow"\n'
            'Action = ["s3:ListAllMyBuckets"]\nResource = "*"',
        ),
        (
            f'{HEADER}\nEffect = "Allow"\n{NARROW}\nResource = "*"\n'
            "[provider.iam.role.statements.Condition]\n"
            'StringEquals = { "aws:PrincipalTag/oven" = "a\\"b" }\n',
            f'{HEADER}\nEffect = "Allow"\n{NARROW}\n{TABLE}\n'
            'Condition = { StringEquals = { "aws:PrincipalTag/oven" = "a\\"b" } }',
        ),
        (
            f'iam.role.statements = [{{ Effect = "Allow", {WIDE}, Resource = "*" }}]\n',
            f'{{ Effect = "Allow", {NARROW}, {TABLE} }}, '
            '{ Effect = "Allow", Action = ["s3:ListAllMyBuckets"], Resource = "*" }',
        ),
        (
            f'iam.role.statements = [\n  {{ Effect = "Allow", {WIDE}, Resource = "*" }},\n]\n',
            f'  {{ Effect = "Allow", {NARROW}, {TABLE} }},\n'
            '  { Effect = "Allow", Action = ["s3:ListAllMyBuckets"], Resource = "*" }',
        ),
    ],
)
def test_toml(statement: str, expected: str) -> None:
    text, made = _applied("serverless.toml", TOML.format(statement=statement))
    assert text == expected
    assert made.startswith('service = "bakery"\n')


def test_code_over_several_lines() -> None:
    statement = """\
      {
        Effect: 'Allow',
        Action: ['dynamodb:PutItem', 's3:ListAllMyBuckets'], // both
        Resource: ['*', `arn:aws:s3:::${process.env.SHELF}/*`, process.env.ORDERS],
      },"""
    text, _ = _applied("serverless.ts", CODE.format(statement=statement))
    assert text == textwrap.indent(
        textwrap.dedent("""\
        {
          "Effect": "Allow",
          "Action": [
            "dynamodb:PutItem"
          ],
          "Resource": [
            `arn:aws:s3:::${process.env.SHELF}/*`,
            process.env.ORDERS,
            {
              "Fn::GetAtt": [
                "Orders",
                "Arn"
              ]
            }
          ]
        },
        {
          "Effect": "Allow",
          "Action": [
            "s3:ListAllMyBuckets"
          ],
          "Resource": [
            "*",
            `arn:aws:s3:::${process.env.SHELF}/*`,
            process.env.ORDERS
          ]
        }"""),
        "      ",
    )


def test_code_on_one_line() -> None:
    statement = "{ Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: '*' },"
    text, _ = _applied("serverless.ts", CODE.format(statement=f"      /* puts */ {statement}"))
    assert text == (
        '{"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": {"Fn::GetAtt": ["Orders", "Arn"]}}'
    )


def test_code_that_is_spread_into_a_statement_stays() -> None:
    statement = "      { Effect: 'Allow', Action: ['dynamodb:PutItem'], Resource: '*', ...more },"
    (finding,) = _findings("serverless.ts", CODE.format(statement=statement))
    assert finding.suggestion is not None
    assert finding.suggestion.text.rstrip().endswith("...more\n      }")


def test_a_role_of_its_own_in_code_is_no_yaml() -> None:
    from scopedown.suggest.render import Style, below_text, member_text

    style = Style()
    style.format = "javascript"
    style.json = False
    assert below_text(["a", "b"], [{"Sid": "x"}], style) == (
        '{\n  "a": {\n    "b": [\n      {\n        "Sid": "x"\n      }\n    ]\n  }\n}'
    )
    assert member_text({"Sid": "x"}, style) == '{\n  "Sid": "x"\n}'
    style.format = "toml"
    assert below_text(["functions", "a b"], [{"Sid": "x"}, {"Sid": "y"}], style) == (
        '[[functions."a b"]]\nSid = "x"\n\n[[functions."a b"]]\nSid = "y"'
    )
    assert below_text(["functions", "bake"], [], style) == "functions.bake = []"
    assert member_text({"Sid": "x", "More": [1, True, {}]}, style) == '{ Sid = "x", More = [1, true, {}] }'
