"""Included files: paths, formats, places in them, what is refused; and ``.env`` files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scopedown.source.tree import Scalar
from scopedown.template.serverless.variables.dotenv import parse

from .variable_services import (
    OSLS,
    V1,
    V3,
    V4,
    Framework,
    Given,
    at,
    either,
    hole,
    in_folder,
    notes,
    plain,
    variables,
)

HEAD = "service: bakery\nprovider: {name: aws, stage: dev}\n"


def asked(folder: Path, expression: str, files: dict[str, str], framework: Framework = V3) -> object:
    """What an expression is in a service with these files."""
    main = HEAD + f"custom:\n  asked: {expression}\n"
    return plain(at(in_folder(folder, {**files, "serverless.yml": main}, framework), "custom", "asked"))


@pytest.mark.parametrize("framework", [V1, V3, V4, OSLS])
def test_parsed_files(tmp_path: Path, framework: Framework) -> None:
    files = {
        "a.yml": "ovens: [{name: small}, {name: big}]\narn: !GetAtt Oven.Arn\n",
        "b.json": '{"key": {"deep": "x"}}',
        "c.tfstate": '{"outputs": {"arn": {"value": "y"}}}',
        "d.txt": "plain ${self:service}\n",
        "sub/e.yaml": "- 1\n- 2\n",
    }
    for expression, expected in (
        ("${file(a.yml):ovens.1.name}", "big"),
        ("${file(./a.yml):ovens.0}", {"name": "small"}),
        ("${file(a.yml):arn}", {"Fn::GetAtt": "Oven.Arn"}),
        ("${file(b.json):key.deep}", "x"),
        ("${file(b.json)}", {"key": {"deep": "x"}}),
        ("${file(c.tfstate):outputs.arn.value}", "y"),
        ("${file(d.txt)}", "plain bakery\n"),
        ("${file(sub/e.yaml)}", ["1", "2"]),
    ):
        assert asked(tmp_path, expression, files, framework) == expected


def test_indexes_in_brackets_are_for_version_4(tmp_path: Path) -> None:
    files = {"a.yml": "ovens: [{name: small}, {name: big}]"}
    assert asked(tmp_path, "${file(a.yml):ovens[1].name}", files, V4) == "big"
    assert asked(tmp_path, "${file(a.yml):ovens[1].name}", files, V3) == hole("file(a.yml):ovens[1].name")


def test_what_is_missing_leaves_the_fallback(tmp_path: Path) -> None:
    files = {"a.yml": "x: 1", "empty.yml": ""}
    assert asked(tmp_path, "${file(no.yml), 'f'}", files) == "f"
    assert asked(tmp_path, "${file(a.yml):y.z, 'f'}", files) == "f"
    assert asked(tmp_path, "${file(empty.yml), 'f'}", files) == "f"
    assert asked(tmp_path, '${file(cfg.${sls:stage}.yml):a.b, "x"}', {"cfg.dev.yml": "a: {b: y}"}) == "y"
    assert asked(tmp_path, '${file(cfg.${sls:stage}.yml):a.c, "x"}', {}) == "x"


@pytest.mark.parametrize("name", ["a.js", "a.cjs", "a.mjs", "a.ts"])
def test_programs_are_not_run(tmp_path: Path, name: str) -> None:
    files = {name: "module.exports = 1"}
    assert asked(tmp_path, f"${{file({name}):x}}", files, V4) == hole(f"file({name}):x")
    assert asked(tmp_path, f"${{file({name}):x, 'f'}}", files, V4) == either(
        f"file({name}):x has a value", f"file({name}):x", "f"
    )


def test_paths_and_self_belong_to_the_service(tmp_path: Path) -> None:
    files = {
        "parts/a.yml": "name: ${self:service}\nmore: ${file(parts/b.yml)}\nwrong: ${file(b.yml), 'no'}\n",
        "parts/b.yml": "deep: ${self:custom.asked.name}!\n",
    }
    assert asked(tmp_path, "${file(parts/a.yml)}", files) == {
        "name": "bakery",
        "more": {"deep": "bakery!"},
        "wrong": "no",
    }


def test_places_in_an_included_file(tmp_path: Path) -> None:
    main = HEAD + "functions:\n  bake:\n    role: ${file(a.yml):roles.baker}\n    env: ${file(a.yml):env}\n"
    files = {"serverless.yml": main, "a.yml": "roles:\n  baker: 'arn:x'\nenv:\n  A: t-${sls:stage}\n"}
    found = in_folder(tmp_path, files)
    role, env = at(found, "functions", "bake", "role"), at(found, "functions", "bake", "env", "A")
    assert isinstance(role, Scalar)
    assert isinstance(env, Scalar)
    assert (role.value, role.span.path, role.span.line) == ("arn:x", str(tmp_path / "a.yml"), 2)
    assert (env.value, env.span.path, env.span.line) == ("t-dev", str(tmp_path / "a.yml"), 4)
    assert found.written(role).span.path == str(tmp_path / "serverless.yml")
    assert [document.path for document in found.documents] == [str(tmp_path / "a.yml")]


def test_a_custom_section_from_a_file_that_refers_to_itself(tmp_path: Path) -> None:
    main = HEAD + "custom: ${file(custom.yml)}\nfunctions: {a: {name: '${self:custom.full}'}}\n"
    custom = "name: rye\nfull: ${self:custom.name}-${sls:stage}\nagain: ${self:custom.full}\n"
    found = in_folder(tmp_path, {"serverless.yml": main, "custom.yml": custom})
    assert plain(at(found, "custom")) == {"name": "rye", "full": "rye-dev", "again": "rye-dev"}
    assert plain(at(found, "functions", "a", "name")) == "rye-dev"
    assert notes(found) == []


def test_files_that_include_each_other_end(tmp_path: Path) -> None:
    files = {"a.yml": "b: ${file(b.yml)}", "b.yml": "a: ${file(a.yml)}"}
    found = in_folder(tmp_path, {**files, "serverless.yml": HEAD + "custom: ${file(a.yml)}"})
    assert [reason for _, reason in notes(found)] == ["it refers to itself; the framework stops there"]


# -- what is not read --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "where", ["../secret.yml", "/etc/passwd", "../../../../../../etc/passwd", "link.yml"]
)
def test_nothing_outside_the_root_is_read(tmp_path: Path, where: str) -> None:
    (tmp_path / "secret.yml").write_text("a: 1")
    folder = tmp_path / "service"
    folder.mkdir()
    os.symlink(tmp_path / "secret.yml", folder / "link.yml")
    found = in_folder(folder, {"serverless.yml": HEAD + f"custom: {{a: '${{file({where})}}'}}"})
    assert plain(at(found, "custom", "a")) == hole(f"file({where})")
    ((what, reason),) = notes(found)
    assert what == f"file({where})"
    assert "outside the root" in reason


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yml")
    (tmp_path / "folder").mkdir()
    (tmp_path / "bad.yml").write_text("a: [1\n")
    (tmp_path / "bad.json").write_text("{a: 1}")
    (tmp_path / "bytes.txt").write_bytes(b"\0\1")
    names = ("pipe.yml", "folder", "bad.yml", "bad.json", "bytes.txt")
    custom = "".join(f"  a{number}: ${{file({name})}}\n" for number, name in enumerate(names))
    found = in_folder(tmp_path, {"serverless.yml": HEAD + "custom:\n" + custom})
    reasons = dict(notes(found))
    assert plain(at(found, "custom")) == {f"a{n}": hole(f"file({name})") for n, name in enumerate(names)}
    assert "device, pipe or socket" in reasons["file(pipe.yml)"]
    assert "folder, not a file" in reasons["file(folder)"]
    assert "(line " in reasons["file(bad.yml)"]
    assert "(line 1)" in reasons["file(bad.json)"]
    assert reasons["file(bytes.txt)"] == "this is a binary file"


def test_the_home_folder_is_not_read(tmp_path: Path) -> None:
    assert asked(tmp_path, "${file(~/x.yml), 'f'}", {}) == "f"
    found = in_folder(tmp_path, {"serverless.yml": HEAD + "custom: {a: '${file(~/x.yml)}'}"}, V1)
    assert notes(found) == [("file(~/x.yml)", "the home folder is not read")]


def test_without_a_reader_no_file_is_read() -> None:
    found = variables("service: gym\ncustom: {a: '${file(a.yml)}'}")
    assert notes(found) == [("file(a.yml)", "files beside this one are not read")]


# -- .env --------------------------------------------------------------------------------------------

ENV = {".env": "A=1\nB=base\n", ".env.dev": "B=dev\n", "extra.env": "C=3\n"}


def envs(folder: Path, top: str, framework: Framework, given: Given | None = None) -> object:
    main = HEAD + top + "custom: ['${env:A, null}', '${env:B, null}', '${env:C, null}']\n"
    found = in_folder(folder, {**ENV, "serverless.yml": main}, framework, given)
    return [each if isinstance(each, str) else None for each in plain(at(found, "custom"))]


@pytest.mark.parametrize("framework", [V3, OSLS])
def test_dotenv_is_read_where_it_is_asked_for(tmp_path: Path, framework: Framework) -> None:
    assert envs(tmp_path, "", framework) == [None, None, None]
    assert envs(tmp_path, "useDotenv: false\n", framework) == [None, None, None]
    assert envs(tmp_path, "useDotenv: true\n", framework) == [None, "dev", None]
    assert envs(tmp_path, "useDotenv: true\n", framework, Given("prod")) == ["1", "base", None]


def test_dotenv_of_version_4(tmp_path: Path) -> None:
    assert envs(tmp_path, "", V4) == ["1", "dev", None]
    assert envs(tmp_path, "useDotenv: false\n", V4) == [None, None, None]
    assert envs(tmp_path, "useDotenv: true\n", V4) == ["1", "dev", None]
    assert envs(tmp_path, "useDotenv: extra.env\n", V4) == ["1", "dev", "3"]
    assert envs(tmp_path, "useDotenv: ['extra.env']\n", V4) == ["1", "dev", "3"]


def test_the_environment_wins_over_dotenv(tmp_path: Path) -> None:
    given = Given(env={"A": "mine"})
    assert envs(tmp_path, "", V4, given) == ["mine", "dev", "null"]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("A=1\nexport B = two words  # note\n# C=3\n\nnonsense\n", {"A": "1", "B": "two words"}),
        ("A='x # y'\nB=\"a\\nb\" # c\nC=`q`\n", {"A": "x # y", "B": "a\nb", "C": "q"}),
        ('A="one\ntwo"\nB=2', {"A": "one\ntwo", "B": "2"}),
        ("A=1\nB=${A}2\nC=$A-x\nD=${NO:-d}\nE=\\$A", {"A": "1", "B": "12", "C": "1-x", "D": "d", "E": "$A"}),
        ("A=${HOME}/x", {"A": None}),
        ("A=\nB=''", {"A": "", "B": ""}),
        ("A='open\nB=1", {"A": "'open", "B": "1"}),
        ("A: 1\r\nB=2\r\n", {"A": "1", "B": "2"}),
    ],
)
def test_the_format_of_dotenv(text: str, read: dict[str, str | None]) -> None:
    assert parse(text) == read
