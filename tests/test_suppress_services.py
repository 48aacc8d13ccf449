"""Silencing findings in services: at functions and statements, in included files, in TOML, code and JSON."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest

from scopedown import engine
from scopedown.config import Options

BAKERY = """\
service: bakery
frameworkVersion: '4'
provider:
  name: aws
functions:
  bake:
    handler: bake.handler
    iam:
      role:
        statements:
          - Effect: Allow
            Action: s3:*
            Resource: '*'
  sell:
    handler: sell.handler
    iam:
      role:
        statements:
          - Effect: Allow
            Action: s3:*
            Resource: '*'
"""
Said = tuple[list[tuple[str, str | None]], list[tuple[str, str | None, str]], list[tuple[int, str]]]


def _said(report: engine.Report) -> Said:
    """What stays, what is silenced, and what is said of the rest: findings by rule and function."""
    assert report.errors == [] and report.internal == []
    return (
        [(each.rule, each.resource) for each in report.findings],
        [(each.finding.rule, each.finding.resource, each.reason) for each in report.suppressed],
        [(span.line, said) for span, said in report.unused_suppressions],
    )


def _checked(text: str, name: str = "serverless.yml") -> Said:
    options = Options()
    options.select = ["service-star"]
    return _said(engine.check_text(name, text, options))


STAYS = [("service-star", "sell")]
SILENCED = [("service-star", "bake", "agreed")]
WORD = "scopedown: ignore[service-star] agreed"


def _with(line: int, comment: str, above: bool = False) -> str:
    lines = BAKERY.splitlines()
    if above:
        indent = lines[line - 1][: len(lines[line - 1]) - len(lines[line - 1].lstrip())]
        lines.insert(line - 1, f"{indent}# {comment}")
    else:
        lines[line - 1] += f"  # {comment}"
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("above", [False, True])
@pytest.mark.parametrize("line", [6, 11, 12], ids=["function", "statement", "action"])
def test_a_comment_at_what_it_is_about(line: int, above: bool) -> None:
    assert _checked(_with(line, WORD, above)) == (STAYS, SILENCED, [])


@pytest.mark.parametrize("line", [3, 5, 7, 8, 10, 13])
def test_a_comment_elsewhere_is_idle(line: int) -> None:
    assert _checked(_with(line, WORD)) == (
        [("service-star", "bake"), *STAYS],
        [],
        [(line, "'service-star' finds nothing here; remove it")],
    )


def test_a_comment_at_a_function_is_for_the_rules_that_it_names() -> None:
    found = _checked(_with(6, "scopedown: ignore[action-star] agreed"))
    assert found[:2] == ([("service-star", "bake"), *STAYS], [])


def test_the_whole_service() -> None:
    found = _checked(BAKERY + "# scopedown: ignore-file[service-star] agreed\n")
    assert found == ([], [*SILENCED, ("service-star", "sell", "agreed")], [])


# -- included files --------------------------------------------------------------------------------------

INCLUDING = """\
service: bakery
frameworkVersion: '4'
provider: {name: aws}
functions:
  bake: ${file(bake.yml)}
  sell:
    handler: sell.handler
    iam: {role: {statements: "${file(sell.yml)}"}}
"""
BAKE = """\
handler: bake.handler
iam:
  role:
    statements:
      - Effect: Allow
        Action: s3:*
        Resource: '*'
"""
SELL = """\
- Effect: Allow
  Action: s3:*
  Resource: '*'
"""


def _in_files(folder: Path, **files: str) -> Said:
    texts = {"serverless": INCLUDING, "bake": BAKE, "sell": SELL} | files
    for name, text in texts.items():
        (folder / f"{name}.yml").write_text(text, encoding="utf-8")
    options = Options([str(folder / "serverless.yml")])
    options.select = ["service-star"]
    return _said(engine.check(options))


@pytest.mark.parametrize(
    "bake",
    [
        BAKE.replace("- Effect: Allow", f"- Effect: Allow # {WORD}"),
        BAKE.replace("- Effect", f"# {WORD}\n      - Effect"),
        BAKE.replace("s3:*", f"s3:* # {WORD}"),
        f"# {WORD.replace('ignore', 'ignore-file')}\n{BAKE}",
    ],
)
def test_a_comment_in_an_included_file_holds_there(bake: str, tmp_path: Path) -> None:
    assert _in_files(tmp_path, bake=bake) == (STAYS, SILENCED, [])


def test_a_comment_in_the_configuration_does_not_reach_into_another_file(tmp_path: Path) -> None:
    config = INCLUDING.replace("${file(bake.yml)}", "${file(bake.yml)} # scopedown: ignore[service-star] no")
    found = _in_files(tmp_path, serverless=config + "# scopedown: ignore-file[service-star] no\n")
    assert found == (
        [("service-star", "bake"), *STAYS],
        [],
        [
            (5, "'service-star' finds nothing here; remove it"),
            (9, "'service-star' finds nothing in this file; remove it"),
        ],
    )


# -- other formats ---------------------------------------------------------------------------------------

TOML = """\
service = "bakery"
frameworkVersion = "4"
[provider]
name = "aws"
[functions.bake]
handler = "bake.handler"
[[functions.bake.iam.role.statements]]
Effect = "Allow"
Action = "s3:*"
Resource = "*"
[functions.sell]
handler = "sell.handler # scopedown: ignore[service-star] no comment"
iam = { role = { statements = [{ Effect = "Allow", Action = "s3:*", Resource = "*" }] } }
"""


@pytest.mark.parametrize("line", [5, 7, 9], ids=["function", "statement", "action"])
@pytest.mark.parametrize("above", [False, True])
def test_comments_in_toml(line: int, above: bool) -> None:
    lines = TOML.splitlines()
    if above:
        lines.insert(line - 1, f"# {WORD}")
    else:
        lines[line - 1] += f" # {WORD}"
    assert _checked("\n".join(lines) + "\n", "serverless.toml") == (STAYS, SILENCED, [])


CODE = """\
const all = '*';
module.exports = {
  service: 'bakery',
  frameworkVersion: '4',
  provider: { name: 'aws' },
  functions: {
    bake: {
      handler: 'bake.handler',
      iam: { role: { statements: [
        {
          Effect: 'Allow',
          Action: 's3:*',
          Resource: all,
        },
      ] } },
    },
    sell: {
      handler: 'sell.handler', description: '// scopedown: ignore-file[service-star] no comment',
      iam: { role: { statements: [{ Effect: 'Allow', Action: `s3:*`, Resource: '*' }] } },
    },
  },
};
"""


@pytest.mark.parametrize("name", ["serverless.js", "serverless.ts"])
@pytest.mark.parametrize("comment", [f"// {WORD}", f"/* {WORD} */", f"/* Of old:\n * {WORD}\n */"])
@pytest.mark.parametrize("line", [7, 10, 12], ids=["function", "statement", "action"])
def test_comments_in_code(name: str, comment: str, line: int) -> None:
    lines = CODE.splitlines()
    if "\n" in comment:
        comment = comment.removesuffix("\n */") + " */"
        lines.insert(line - 1, comment)
    else:
        lines[line - 1] += f" {comment}"
    assert _checked("\n".join(lines) + "\n", name) == (STAYS, SILENCED, [])


def test_a_comment_in_code_that_names_no_rule() -> None:
    found = _checked("// scopedown: ignore because\n" + CODE, "serverless.ts")
    assert found[2] == [(1, "names no rule; write '// scopedown: ignore[rule-id] reason'")]


# -- settings, for JSON ----------------------------------------------------------------------------------


def _json(ignore: object) -> str:
    statements = [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]
    service = {
        "service": "bakery",
        "frameworkVersion": "4",
        "provider": {"name": "aws"},
        "custom": {"scopedown": {"ignore": ignore}},
        "functions": {"bake": {"handler": "bake.handler", "iam": {"role": {"statements": statements}}}},
    }
    return json.dumps(service, indent=1)


def test_a_service_may_ignore_rules_by_its_settings() -> None:
    assert _checked(_json({"service-star": "agreed"}), "serverless.json") == ([], SILENCED, [])
    assert _checked(_json({"service-star": None}), "serverless.json")[1] == [("service-star", "bake", "")]
    assert _checked(_json({"service-star": True}), "serverless.json")[1] == [("service-star", "bake", "")]


@pytest.mark.parametrize("name", ["serverless.yml", "serverless.toml", "serverless.ts"])
def test_settings_work_in_every_format(name: str) -> None:
    text = {
        "serverless.yml": BAKERY + "custom:\n  scopedown:\n    ignore:\n      service-star: agreed\n",
        "serverless.toml": TOML + '[custom.scopedown.ignore]\nservice-star = "agreed"\n',
        "serverless.ts": CODE.replace(
            "  functions: {",
            "  custom: { scopedown: { ignore: { 'service-star': 'agreed' } } },\n  functions: {",
        ),
    }[name]
    assert _checked(text, name) == ([], [*SILENCED, ("service-star", "sell", "agreed")], [])


def test_settings_reach_included_files(tmp_path: Path) -> None:
    config = INCLUDING + "custom: {scopedown: {ignore: {service-star: agreed}}}\n"
    found = _in_files(tmp_path, serverless=config)
    assert found == ([], [*SILENCED, ("service-star", "sell", "agreed")], [])


def test_settings_that_find_nothing_are_told() -> None:
    found = _checked(_json({"service-star": "agreed", "service-sta": "x"}), "serverless.json")
    assert found[2] == [(11, "unknown rule 'service-sta'; did you mean 'service-star'?")]
    text = _json({"service-star": "agreed"}).replace("s3:*", "s3:GetObject")
    assert _checked(text, "serverless.json") == (
        [],
        [],
        [(10, "'service-star' finds nothing in this service; remove it")],
    )
    assert _checked(_json({"action-star": "did not run"}), "serverless.json")[2] == []


@pytest.mark.parametrize("ignore", [None, [], ["service-star"], "service-star", 1, {}])
def test_other_settings_ignore_nothing(ignore: object) -> None:
    assert _checked(_json(ignore), "serverless.json") == ([("service-star", "bake")], [], [])


def test_a_template_of_cloudformation_has_statements_too() -> None:
    template = textwrap.dedent(f"""
        AWSTemplateFormatVersion: '2010-09-09'
        Resources:
          Baker:
            Type: AWS::IAM::Policy
            Properties:
              PolicyName: baker
              Roles: [baker]
              PolicyDocument:
                Statement:
                  - Effect: Allow # {WORD}
                    Action: s3:*
                    Resource: '*'
    """)
    assert _checked(template, "template.yaml") == ([], [("service-star", "Baker", "agreed")], [])
