"""Which framework a service is packaged with, by what it says and by what it uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from scopedown.source.discovery import parse
from scopedown.source.reader import Reader
from scopedown.source.tree import Document, Mapping
from scopedown.template.serverless.framework import Framework, detect


def told(text: str, folder: Path | None = None) -> Framework:
    root = parse(Document("serverless.yml", "service: gym\nprovider: {name: aws}\n" + text))
    assert isinstance(root, Mapping)
    return detect(root, str(folder or ""), Reader(str(folder)) if folder is not None else None)


@pytest.mark.parametrize(
    ("range_", "version"),
    [
        ("'3'", (3, 99)),
        ("^3.38.0", (3, 99)),
        ("~3.38.0", (3, 38)),
        ("2.72.4", (2, 72)),
        ("'>=1.1.0 <2.0.0'", (1, 99)),
        ("'>=2.0.0 <4.0.0'", (3, 99)),
        ("'>=1.26.0'", (3, 99)),
        ("'2 || 3'", (3, 99)),
        ("~4.39.1", (4, 39)),
        ("'4'", (4, 99)),
        ("'*'", (3, 99)),
        ("3.0.0-pre.1", (3, 0)),
    ],
)
def test_the_version_that_is_declared(range_: str, version: tuple[int, int]) -> None:
    found = told(f"frameworkVersion: {range_}\n")
    assert (found.name, found.major, found.minor, found.known) == ("serverless", *version, True)


def test_without_a_word_it_is_version_three() -> None:
    found = told("functions: {join: {handler: a.b}}\n")
    assert (found.name, found.major, found.known) == ("serverless", 3, False)


@pytest.mark.parametrize(
    "text",
    [
        "stages: {default: {params: {a: b}}}\n",
        "functions: {join: {handler: a.b, iam: {role: {statements: []}}}}\n",
        "functions: {join: {handler: a.b, iamRoleStatements: []}}\n",
    ],
)
def test_keys_that_only_version_four_reads(text: str) -> None:
    assert told(text).is_v4


def test_statements_of_a_function_beside_plugins_are_a_plugin_s() -> None:
    assert not told("plugins: [x]\nfunctions: {join: {handler: a.b, iamRoleStatements: []}}\n").is_v4


def test_the_fork_is_known_by_its_package(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"devDependencies": {"osls": "^4.1.0"}}')
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "package.json").write_text('{"name": "api"}')
    root = parse(Document("serverless.yml", "service: gym\nprovider: {name: aws}\n"))
    assert isinstance(root, Mapping)
    found = detect(root, str(tmp_path / "api"), Reader(str(tmp_path)))
    assert (found.name, found.major, found.semantics) == ("osls", 4, 3)


def test_a_package_file_that_is_none_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{")
    assert told("", tmp_path).major == 3
