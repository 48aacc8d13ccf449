"""What the frameworks refuse: an error with its line where they cannot parse it, else a note at its place."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest

from scopedown import engine
from scopedown.config import Options
from scopedown.source.tree import InputError, Scalar

from ...eval import packaged, packaging
from .made import notes, osls, package, service
from .variable_services import V3, in_folder
from .variable_services import notes as told

STOPS = "; the framework stops there"
NOTHING = " refuses it, so nothing is deployed"
# What we say of every fixture that a framework refuses: (what, why, line), or the error where it is not read.
# The frameworks' names stand for themselves: {0} is the one that refuses.
SAID: dict[str, list[tuple[str, str, int]] | str] = {
    "destinations": [("destination", "only version 3 of the framework takes more than a string", 17)],
    "duplicate-keys": "serverless.yml:11:11: the key 'Action' stands twice in one mapping (first in line 10)"
    ", which {0} refuses; keep one of them",
    "event-bus-custom": [("provider.eventBridge", "{0}" + NOTHING, 6)],
    "extension-of-nothing": [
        ("extension", "it extends 'FeedsRole', which the service does not generate" + STOPS, 11)
    ],
    "own-role-and-role": [("role", "the plugin refuses role beside iamRoleStatements", 11)],
    "own-role-under-named-provider-role": [
        (
            "role name",
            "the framework refuses it where the provider names its role and the function does not",
            13,
        )
    ],
    "own-role-under-provider-role": [
        (
            "role",
            "the plugin copies the service's default role, and this service has none; it stops there",
            12,
        )
    ],
    "own-role-without-logs": [("disableLogs beside iamRoleStatements", "the plugin" + NOTHING, 10)],
    "own-role-without-plugin": [("iamRoleStatements without its plugin", "{0}" + NOTHING, 9)],
    "provider-iam-role-null": [("provider.iam.role without a value", "{0}" + NOTHING, 7)],
    "provider-role-join": [("a role by Fn::Join", "{0}" + NOTHING, 7)],
    "provider-role-ref": [("a role by Ref", "{0}" + NOTHING, 7)],
    "service-as-mapping": [("a service that is no name", "{0}" + NOTHING, 2)],
    "statement-if": [("Fn::If in place of a statement", "{0}" + NOTHING, 12)],
    "statements-file-in-list": [("a statement that is no mapping", "{0}" + NOTHING, 1)],
    "unknown-tag": "serverless.yml:11:21: {0} refuses the tag '!Bucket', which it does not know; write the "
    "function out, as in 'Fn::Sub: …', or correct its name",
    "variables-circle": [("${{self:custom.hen}}", "it refers to itself" + STOPS, 4)],
    # An option can be given whenever the service is deployed: a hole, which rules tell where it matters.
    "variables-option-missing": [],
    "variables-policy-variable": [
        ("arn:aws:s3:::homes/${{aws:username}}/*", "'aws:username' is no variable" + STOPS, 11)
    ],
    "variables-unknown-source": [("git:", "no plugin is listed that could provide this source" + STOPS, 11)],
}
REFUSED = [
    (case, framework)
    for case in packaged.cases([packaged.FIXTURES])
    for framework in case.frameworks
    if "error" in json.loads(case.expected(framework).read_text(encoding="utf-8"))
]
BY_NAME = {
    "serverless2": "Serverless Framework 2",
    "serverless3": "Serverless Framework 3",
    "osls3": "osls 3",
    "osls4": "osls 4",
}


@pytest.mark.parametrize(("case", "framework"), REFUSED, ids=lambda part: getattr(part, "name", part))
def test_nothing_that_is_refused_passes_in_silence(case: packaged.Case, framework: str) -> None:
    expected = json.loads(case.expected(framework).read_text(encoding="utf-8"))
    name, _, version = expected["framework"].partition(" ")
    said, by = SAID[case.name], BY_NAME[framework]
    if case.name == "variables-policy-variable" and framework == "serverless2":
        said = [("arn:aws:s3:::homes/${{aws:username}}/*", "'aws:username' is no variable", 11)]
    try:
        config = packaging.configuration(case.folder)
        stack = packaged.ours(case.folder, config, name, version, case.stage, case.params)
    except packaged.Unread as error:
        assert isinstance(said, str)
        assert str(error).endswith(f"/{said.format(by)}")
        return
    found = [(note.what, note.reason, note.span.line) for note in stack.notes]
    assert isinstance(said, list)
    assert found == [(what.format(by), why.format(by), line) for what, why, line in said]


def test_every_refused_fixture_is_told_of() -> None:
    assert {case.name for case, _ in REFUSED} == set(SAID)


@pytest.mark.parametrize("case", packaged.cases([packaged.FIXTURES]), ids=lambda case: case.name)
def test_what_is_packaged_is_not_called_refused(case: packaged.Case) -> None:
    for framework in case.frameworks:
        expected = json.loads(case.expected(framework).read_text(encoding="utf-8"))
        name, _, version = expected["framework"].partition(" ")
        if "error" not in expected:
            config = packaging.configuration(case.folder)
            stack = packaged.ours(case.folder, config, name, version, case.stage, case.params)
            assert [note.reason for note in stack.notes if "refuse" in note.reason] == []


# -- what the parser refuses -----------------------------------------------------------------------------


def _error(text: str, version: str = "3") -> str:
    with pytest.raises(InputError) as raised:
        package(text, version)
    assert raised.value.line is not None
    return str(raised.value)


TWICE = """
    service: bakery
    provider:
      name: aws
      stage: dev
      region: eu-west-1
      stage: prod
    functions: {bake: {handler: bake.handler}}
"""


@pytest.mark.parametrize("version", ["1", "2", "3", "4"])
def test_a_key_that_stands_twice_is_an_error(version: str) -> None:
    assert _error(TWICE, version) == (
        "serverless.yml:8:3: the key 'stage' stands twice in one mapping (first in line 6), "
        f"which Serverless Framework {version} refuses; keep one of them"
    )


@pytest.mark.parametrize(
    ("custom", "line"),
    [
        ("{a: 1, b: {c: 1, c: 2}}", 4),
        ("[{a: 1}, {a: 1, a: 1}]", 4),
        ("{a: &x {b: 1, b: 2}, c: *x}", 4),
        ("!Sub [x, {a: 1, a: 2}]", 4),
        ("{a: 1, 'a': 2, \"a\": 3}", 4),
    ],
)
def test_keys_are_looked_at_everywhere(custom: str, line: int) -> None:
    text = f"service: bakery\nprovider: {{name: aws}}\ncustom: {custom}\nfunctions: {{}}\n"
    assert _error(text).startswith(f"serverless.yml:{line}:")


def test_merge_keys_are_no_second_key() -> None:
    packaged = package("""
        service: bakery
        provider: {name: aws}
        custom:
          one: &one {memory: 128, timeout: 3}
          two: &two {timeout: 5}
        functions:
          bake:
            <<: *one
            <<: *two
            timeout: 9
            handler: bake.handler
    """)
    assert [key.value for key, _ in packaged.service.functions[0].node.entries] == [
        "memory",
        "timeout",
        "handler",
    ]


def test_json_keeps_the_last_key(tmp_path: Path) -> None:
    (tmp_path / "serverless.json").write_text(
        '{"service": "bakery", "provider": {"name": "aws", "stage": "dev", "stage": "prod"},'
        ' "functions": {"bake": {"handler": "bake.handler"}}}'
    )
    report = engine.check(Options([str(tmp_path / "serverless.json")]))
    assert (report.errors, report.templates) == ([], 1)


def test_a_template_of_cloudformation_may_have_a_key_twice(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(
        "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  Oven: {Type: 'AWS::SNS::Topic'}\n"
        "  Oven: {Type: 'AWS::SQS::Queue'}\n"
    )
    report = engine.check(Options([str(path)]))
    assert (report.errors, report.templates) == ([], 1)


def test_an_error_is_told_once_with_its_file(tmp_path: Path) -> None:
    path = tmp_path / "serverless.yml"
    path.write_text(textwrap.dedent(TWICE))
    report = engine.check(Options([str(tmp_path)]))
    assert [str(error) for error in report.errors] == [
        f"{path}:7:3: the key 'stage' stands twice in one mapping (first in line 5), which Serverless "
        "Framework 3 refuses; keep one of them"
    ]
    assert report.internal == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            "list:\n  - a: 1\n    a: 2\n",
            "the key 'a' stands twice in one mapping (first in line 2), which Serverless Framework 3 refuses "
            "(line 3)",
        ),
        (
            "list:\n  - !Nope x\n",
            "Serverless Framework 3 refuses the tag '!Nope', which it does not know (line 2)",
        ),
    ],
)
def test_an_included_file_that_is_refused_is_not_read(content: str, reason: str, tmp_path: Path) -> None:
    config = "service: bakery\nprovider: {name: aws}\ncustom: ${file(more.yml):list}\n"
    found = in_folder(tmp_path, {"serverless.yml": config, "more.yml": content}, V3)
    ((what, why),) = told(found)
    assert (what, why) == ("file(more.yml):list", reason)


@pytest.mark.parametrize(
    "tag",
    "And Base64 Cidr Condition Equals FindInMap GetAtt GetAZs If ImportValue Join Not Or Ref Select Split Sub"
    "".split(),
)
def test_tags_that_every_version_knows(tag: str) -> None:
    text = f"service: bakery\nprovider: {{name: aws}}\ncustom: {{a: !{tag} x}}\nfunctions: {{}}\n"
    for version in ("1", "2", "3", "4"):
        assert package(text, version).notes == []


@pytest.mark.parametrize("tag", ["Transform", "GetStackOutput", "Length", "ToJsonString", "sub", "Fn::Sub"])
def test_tags_that_the_framework_does_not_know(tag: str) -> None:
    text = f"service: bakery\nprovider: {{name: aws}}\ncustom:\n  a: !{tag} x\nfunctions: {{}}\n"
    for version in ("1", "2", "3", "4"):
        assert _error(text, version) == (
            f"serverless.yml:5:6: Serverless Framework {version} refuses the tag '!{tag}', which it does not "
            "know; write the function out, as in 'Fn::Sub: …', or correct its name"
        )


@pytest.mark.parametrize("tag", ["Transform", "GetStackOutput"])
def test_tags_that_only_osls_4_knows(tag: str, tmp_path: Path) -> None:
    text = f"service: bakery\nprovider: {{name: aws}}\ncustom: {{a: !{tag} x}}\nfunctions: {{}}\n"
    assert osls(tmp_path, text, 4).notes == []
    with pytest.raises(InputError, match=f"osls 3 refuses the tag '!{tag}'"):
        osls(tmp_path, text, 3)


# -- account ids -----------------------------------------------------------------------------------------


def test_an_account_id_that_loses_its_zero_is_told(tmp_path: Path) -> None:
    config = """
        service: bakery
        provider: {name: aws}
        custom:
          a: 012345678901
          b: '012345678901'
          c: 112345678901
          d: &four 001234567890
          e: *four
          f: ${file(more.yml)}
          g: 0123456789012
    """
    found = in_folder(tmp_path, {"serverless.yml": config, "more.yml": "x: [012345670123]\n"}, V3)
    assert told(found) == [
        ("account id", "the framework reads 012345678901 as the number 12345678901; put it in quotes"),
        ("account id", "the framework reads 001234567890 as the number 1234567890; put it in quotes"),
        ("account id", "the framework reads 012345670123 as the number 12345670123; put it in quotes"),
    ]
    assert [(node.document.path.rpartition("/")[2], node.span.line) for _, _, node in found.notes] == [
        ("serverless.yml", 5),
        ("serverless.yml", 8),
        ("more.yml", 1),
    ]


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "1:30", "y"])
def test_words_that_are_booleans_or_numbers_elsewhere_are_strings(word: str) -> None:
    packaged = service(f"bake: {{handler: bake.handler, name: {word}}}")
    name = packaged.service.function_name(packaged.service.functions[0])
    assert isinstance(name, Scalar)
    assert name.value == word


# -- what breaks the schema ------------------------------------------------------------------------------

BROKEN = """
    statements:
      - Effect: Allow
        Action: s3:GetObject
        Resource: '*'
      - Effect: Allow
        NotAction: s3:GetObject
        NotResource: '*'
      - Action: s3:GetObject
        Resource: '*'
      - Effect: Allow
        Action: s3:GetObject
        NotAction: s3:PutObject
        Resource: '*'
      - Effect: Allow
        Action: s3:GetObject
      - text
      - {Fn::If: [A, {}, {}]}
"""


def _broken(mode: str, version: str) -> list[tuple[str, str, str]]:
    provider = "iam:\n  role:\n" + textwrap.indent(textwrap.dedent(BROKEN), "    ")
    return notes(service("bake: {handler: bake.handler}", provider, mode, version))


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_statements_that_break_the_schema_where_that_is_an_error(version: str) -> None:
    why = f"Serverless Framework {version} refuses it, so nothing is deployed"
    path = "provider.iam.role.statements"
    assert _broken("configValidationMode: error", version) == [
        ("a statement without Effect", why, f"{path}[2]"),
        ("a statement with Action and NotAction", why, f"{path}[3]"),
        ("a statement without Resource", why, f"{path}[4]"),
        ("a statement that is no mapping", why, f"{path}[5]"),
        ("Fn::If in place of a statement", why, f"{path}[6]"),
    ]


@pytest.mark.parametrize(
    ("mode", "version"),
    [
        ("", "2"),
        ("", "3"),
        ("", "4"),
        ("configValidationMode: warn", "3"),
        ("configValidationMode: 'off'", "3"),
        ("configValidationMode: error", "1"),
    ],
)
def test_statements_that_break_the_schema_pass_otherwise(mode: str, version: str) -> None:
    assert _broken(mode, version) == []


@pytest.mark.parametrize(("mode", "count"), [("", 1), ("error", 1), ("warn", 0), ("off", 0)])
def test_the_schema_stops_osls_4_unless_it_is_told_otherwise(mode: str, count: int, tmp_path: Path) -> None:
    text = f"""
        service: bakery
        configValidationMode: {mode or "error"}
        provider: {{name: aws, iam: {{role: !Ref Baker}}}}
        functions: {{bake: {{handler: bake.handler}}}}
    """
    found = notes(osls(tmp_path, text if mode else text.replace("configValidationMode: error", ""), 4))
    assert (
        found == [("a role by Ref", "osls 4 refuses it, so nothing is deployed", "provider.iam.role")] * count
    )


def test_a_service_that_is_a_mapping_is_of_an_older_version() -> None:
    text = "service: {name: bakery}\nprovider: {name: aws}\nfunctions: {bake: {handler: bake.handler}}\n"
    assert notes(package(text, "3")) == [
        ("a service that is no name", "Serverless Framework 3 refuses it, so nothing is deployed", "service")
    ]
    assert notes(package(text, "2")) == []
