"""Services of the Serverless Framework are found: formats, order, parts, compose, other providers."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from scopedown.source.discovery import Discovery, discover, from_text
from scopedown.source.reader import Reader
from scopedown.source.services import file_paths, includes, is_service

YAML = "service: bakery\nprovider:\n  name: aws\nfunctions:\n  bake:\n    handler: bake.handler\n"
JSON = '{"service": "bakery", "provider": {"name": "aws"}, "functions": {}}'
TOML = 'service = "bakery"\n[provider]\nname = "aws"\n'
CODE = "module.exports = {\n  service: 'bakery',\n  provider: { name: 'aws' },\n};\n"
HANDLER = "const serverless = require('serverless-http');\nmodule.exports.handler = serverless(app);\n"
TABLE = "Resources:\n  Cakes:\n    Type: AWS::DynamoDB::Table\n"
TEXTS = {"yml": YAML, "yaml": YAML, "json": JSON, "toml": TOML}


def put(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def run(root: Path, *names: str, hook: bool = False) -> tuple[list[str], Discovery]:
    """The dialect and place of each template under names in a root."""
    found = discover([str(root / name) for name in names], hook=hook, root=str(root))
    made = [f"{each.dialect} {Path(each.path).relative_to(root)}" for each in found.templates()]
    return made, found


@pytest.mark.parametrize("ending", ["yml", "yaml", "json", "toml", "js", "mjs", "cjs", "ts"])
@pytest.mark.parametrize("named", [True, False])
def test_every_format(ending: str, named: bool, tmp_path: Path) -> None:
    name = f"serverless.{ending}"
    put(tmp_path, {name: TEXTS.get(ending, CODE)})
    made, found = run(tmp_path, name if named else ".")
    assert made == [f"serverless {name}"]
    assert (found.errors, found.skipped, found.passed_over) == ([], [], 0)


def test_the_format_is_told_by_the_name() -> None:
    formats = []
    for name, text in (("serverless.toml", TOML), ("a/serverless.TS", CODE), ("infra.mts", CODE)):
        [template] = from_text(name, text).templates()
        formats.append((template.dialect, template.document.format))
    assert formats == [("serverless", "toml"), ("serverless", "javascript"), ("serverless", "javascript")]


def test_a_walk_takes_code_and_toml_by_their_whole_name(tmp_path: Path) -> None:
    names = [
        "serverless.prod.ts",
        "my-serverless.ts",
        "Serverless.ts",
        "serverless.tsx",
        "other.toml",
        "a.js",
    ]
    put(tmp_path, dict.fromkeys(names, CODE))
    made, found = run(tmp_path, ".")
    assert (made, found.passed_over) == ([], 0)
    assert run(tmp_path, "serverless.prod.ts")[0] == ["serverless serverless.prod.ts"]


def test_a_walk_takes_the_first_of_a_folder(tmp_path: Path) -> None:
    put(tmp_path, {"serverless.ts": CODE, "serverless.yml": YAML, "serverless.json": JSON})
    put(tmp_path, {"serverless.js": HANDLER, "in/serverless.ts": CODE, "in/serverless.toml": TOML})
    made, found = run(tmp_path, ".")
    assert made == ["serverless serverless.yml", "serverless in/serverless.toml"]
    assert [(str(Path(path).relative_to(tmp_path)), reason) for path, reason in found.skipped] == [
        ("serverless.json", "serverless.yml stands beside it and is the one the framework takes"),
        ("serverless.ts", "serverless.yml stands beside it and is the one the framework takes"),
        ("in/serverless.ts", "serverless.toml stands beside it and is the one the framework takes"),
    ]
    assert (found.errors, found.passed_over) == ([], 1)
    assert run(tmp_path, "serverless.ts")[0] == ["serverless serverless.ts"]


def test_a_file_that_is_left_out_does_not_stand_beside(tmp_path: Path) -> None:
    put(tmp_path, {"serverless.ts": CODE, "serverless.yml": YAML, ".gitignore": "serverless.yml\n"})
    assert run(tmp_path, ".")[0] == ["serverless serverless.ts"]


def test_under_hook_the_order_counts_too(tmp_path: Path) -> None:
    put(tmp_path, {"serverless.ts": CODE, "serverless.yml": YAML})
    made, found = run(tmp_path, "serverless.ts", "serverless.yml", hook=True)
    assert made == ["serverless serverless.yml"]
    assert [Path(path).name for path, _ in found.skipped] == ["serverless.ts"]


@pytest.mark.parametrize(
    ("name", "text", "skipped", "errors", "cause"),
    [
        ("serverless.js", HANDLER, [], [], "no object literal is exported"),
        (
            "serverless.ts",
            "export default merge(base, {\n  service: 'x',\n  provider,\n})",
            ["its configuration is made by code, which is not run"],
            [],
            "no object literal is exported",
        ),
        ("serverless.ts", CODE + "'", [], ["a string is not closed"], "a string is not closed"),
        ("serverless.ts", "export const a = '", [], [], "a string is not closed"),
        ("serverless.toml", TOML + "x = [", [], ["a value is missing here"], "a value is missing here"),
        ("serverless.toml", "a = 1", [], [], "not a service"),
        ("serverless.yml", "component: express\n", [], [], "not a service"),
        (
            "serverless.yml",
            "service: x\nprovider: azure\n",
            ["a service of the provider 'azure', not of AWS"],
            [],
            "a service of the provider 'azure', not of AWS",
        ),
        (
            "serverless.yml",
            "service: x\nprovider: {name: cloudflare}\n",
            ["a service of the provider 'cloudflare', not of AWS"],
            [],
            "a service of the provider 'cloudflare', not of AWS",
        ),
    ],
)
def test_what_is_not_analysed(
    name: str, text: str, skipped: list[str], errors: list[str], cause: str, tmp_path: Path
) -> None:
    put(tmp_path, {name: text})
    made, found = run(tmp_path, ".")
    assert made == []
    assert [reason for _, reason in found.skipped] == skipped
    assert [error.cause for error in found.errors] == errors
    assert found.passed_over == (not skipped and not errors)
    made, found = run(tmp_path, name)
    assert made == []
    assert (found.skipped, found.passed_over) == ([], 0)
    [error] = found.errors
    assert cause in error.cause
    assert error.advice


@pytest.mark.parametrize(
    "part",
    [
        "provider: {name: aws, variableSyntax: '\\${{([^{}]+?)}}'}\ncustom: {a: 1}\nx: ${{self:custom.a}}\n",
        "provider: aws\nenvironment:\n  - ${{self:custom.a}}\n  - KEY: ${{opt:stage, 'dev'}}-x\n",
        "provider: aws\nenvironment: {KEY: '{{resolve:ssm:key}}', OTHER: \"${{x}}\"}\nx: {{resolve:ssm:y}}\n",
        "provider: aws\ncustom:\n  page: '{{ title }} {% if x %}'\n",
    ],
)
def test_braces_of_the_framework_are_not_those_of_a_template_engine(part: str, tmp_path: Path) -> None:
    put(tmp_path, {"serverless.yml": "service: bakery\n" + part})
    assert run(tmp_path, ".")[0] == ["serverless serverless.yml"]


def test_a_service_that_is_rendered_first(tmp_path: Path) -> None:
    put(tmp_path, {"serverless.yml": YAML + "custom:\n  a: {{ name }}\n"})
    made, found = run(tmp_path, ".")
    assert made == []
    assert [reason for _, reason in found.skipped] == ["templated, not analysed (line 8)"]


def test_what_the_framework_packages_is_checked_when_named(tmp_path: Path) -> None:
    name = ".serverless/cloudformation-template-update-stack.json"
    compiled = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"A": {"Type": "AWS::IAM::Role"}}}
    put(tmp_path, {"serverless.yml": YAML, name: json.dumps(compiled)})
    assert run(tmp_path, ".")[0] == ["serverless serverless.yml"]
    assert run(tmp_path, name)[0] == [f"cloudformation {name}"]


def test_parts_of_a_service_are_checked_with_it(tmp_path: Path) -> None:
    include = "resources:\n  - ${file(./resources/table.yml)}\n  - ${opt:x, file(resources/index.yml):a}\n"
    put(
        tmp_path,
        {
            "shop/serverless.yml": YAML + include + "custom: ${file(config/${opt:stage, self:x.${y}}.yml)}\n",
            "shop/resources/table.yml": TABLE,
            "shop/resources/index.yml": "a: ${file(resources/queue.yml)}\n",
            "shop/resources/queue.yml": TABLE,
            "shop/resources/own.yml": TABLE,
            "shop/resources/whole.yml": "AWSTemplateFormatVersion: 2010-09-09\n" + TABLE,
            "shop/config/dev.yml": TABLE,
            "shop/config/in/dev.yml": TABLE,
            "table.yml": TABLE,
        },
    )
    made, found = run(tmp_path, ".")
    assert made == [
        "cloudformation table.yml",
        "serverless shop/serverless.yml",
        "cloudformation shop/config/in/dev.yml",
        "cloudformation shop/resources/own.yml",
        "cloudformation shop/resources/whole.yml",
    ]
    assert found.passed_over == 4
    assert run(tmp_path, "shop/resources/table.yml")[0] == ["cloudformation shop/resources/table.yml"]


def test_a_part_with_a_format_version_is_a_template_of_its_own(tmp_path: Path) -> None:
    whole = "AWSTemplateFormatVersion: 2010-09-09\n" + TABLE
    put(tmp_path, {"serverless.yml": YAML + "resources: ${file(whole.yml)}\n", "whole.yml": whole})
    assert run(tmp_path, ".")[0] == ["serverless serverless.yml", "cloudformation whole.yml"]


def test_a_path_that_is_all_variable_hides_no_template(tmp_path: Path) -> None:
    put(tmp_path, {"serverless.yml": YAML + "custom: ${file(./${opt:stage}.yml)}\n", "template.yml": TABLE})
    assert run(tmp_path, ".")[0] == ["serverless serverless.yml", "cloudformation template.yml"]


def test_includes_stay_within_the_root_and_end(tmp_path: Path) -> None:
    put(
        tmp_path,
        {
            "in/serverless.yml": YAML + "a: ${file(../out.yml)}\nb: ${file(one.yml)}\n",
            "out.yml": "a: ${file(secret.yml)}\n",
            "in/one.yml": "a: ${file(two.yml)}\n",
            "in/two.yml": "a: ${file(one.yml)}\nb: ${file(three.yml)}\n",
        },
    )
    found = includes(str(tmp_path / "in" / "serverless.yml"), Reader(str(tmp_path / "in")))
    names = ["one.yml", "two.yml", "three.yml", "secret.yml"]
    held = [any(each.matches(str(tmp_path / "in" / name)) for each in found) for name in names]
    assert held == [True, True, True, False]


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("${file(a.yml)} ${file( ./b.yml ):x.y, 'z'}", ["a.yml", "./b.yml"]),
        ("${self:x, file('c.json')}", ["c.json"]),
        ("${{file(d.yml)}}", ["d.yml"]),
        ("${file(e.${opt:x, strToBool(${y})}.yml)}", ["e.${opt:x, strToBool(${y})}.yml"]),
        ("profile(a.yml) file(b.yml) ${file(c", []),
        ("é ${file(f.yml)}", ["f.yml"]),
    ],
)
def test_included_paths(text: str, paths: list[str]) -> None:
    assert file_paths(text.encode()) == paths


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *((text, True) for text in (YAML, JSON, TOML, CODE, "export default {\n  ...base,\n  service,\n}")),
        *((text, False) for text in (HANDLER, TABLE, "services:\n  a: {path: a}\n", "service: x\n")),
    ],
)
def test_marks_of_a_service(text: str, expected: bool) -> None:
    assert is_service(text.encode()) is expected


def test_compose_names_its_services(tmp_path: Path) -> None:
    compose = (
        "services:\n  shop: {path: shop}\n  staff: {path: ./staff, config: prod.yml}\n  old: {path: old}\n"
    )
    put(
        tmp_path,
        {"serverless-compose.yml": compose, "shop/serverless.ts": CODE, "shop/serverless.toml": TOML},
    )
    put(tmp_path, {"staff/prod.yml": YAML, "staff/serverless.yml": YAML, "old/template.yaml": TABLE})
    made, found = run(tmp_path, "serverless-compose.yml")
    assert made == [
        "serverless shop/serverless.toml",
        "serverless staff/prod.yml",
        "cloudformation old/template.yaml",
    ]
    assert (found.errors, found.skipped) == ([], [])
    made, found = run(tmp_path, ".")
    assert len(made) == 4
    assert found.passed_over == 1


@pytest.mark.parametrize(
    ("text", "line", "cause"),
    [
        ("services:\n  shop: {path: nowhere}\n", 2, "the service 'shop' has no configuration in 'nowhere'"),
        ("services:\n  shop: {}\n", 2, "the service 'shop' has no configuration in ''"),
        ("services:\n  shop: {path: ../out}\n", 2, "the service 'shop' has no configuration in '../out'"),
        ("services: {}\n", None, "it names no services"),
        ("[]", None, "it names no services"),
        ("services: [", 1, "the file ends"),
    ],
)
def test_compose_that_names_none(text: str, line: int | None, cause: str, tmp_path: Path) -> None:
    put(tmp_path, {"in/serverless-compose.yml": text, "out/serverless.yml": YAML})
    found = discover([str(tmp_path / "in" / "serverless-compose.yml")], root=str(tmp_path / "in"))
    assert list(found.templates()) == []
    [error] = found.errors
    assert cause in error.cause
    assert (error.line, bool(error.advice)) == (line, True)


def test_many_parts_of_one_service_are_looked_up_fast(tmp_path: Path) -> None:
    names = [f"resources/table{index}.yml" for index in range(100)]
    listed = "".join(f"  - ${{file({name})}}\n" for name in names)
    put(tmp_path, {"serverless.yml": YAML + "resources:\n" + listed, **dict.fromkeys(names, TABLE)})
    began = time.process_time()
    made, found = run(tmp_path, ".")
    assert (made, found.passed_over) == (["serverless serverless.yml"], 100)
    assert time.process_time() - began < 5
