"""The options of ``check``: two ways to read a line that agree, and one line for every mistake."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scopedown.cli.arguments import parse
from scopedown.cli.check import FLAGS, plain
from scopedown.config import Options

from ..conftest import Command


def settings(options: Options) -> dict[str, object]:
    return {name: getattr(options, name) for name in Options.__slots__}


WORDS = st.lists(st.sampled_from([*FLAGS, "a.yaml", "folder", "b c.json"]), max_size=6)


@given(WORDS)
def test_the_short_way_reads_what_argparse_reads(words: list[str]) -> None:
    short = plain(words)
    if short is not None:
        assert settings(short) == settings(parse(words))


@pytest.mark.parametrize("word", ["-", "--", "--format=json", "--hel", "-x", "--no-such", "--stric"])
def test_all_else_is_left_to_argparse(word: str) -> None:
    assert plain([word]) is None


def test_defaults() -> None:
    assert settings(parse([])) == settings(Options())


def test_every_option() -> None:
    found = parse(
        "a --select service-star,resource-star --select admin-star --ignore no-concurrency-limit b "
        "--exclude x --exclude y --param K=V --param L=a=b --root . --stdin-filename n --min-severity low "
        "--color never --fail-on high --hook --strict".split()
    )
    assert found.paths == ["a", "b"]
    assert found.select == ["service-star", "resource-star", "admin-star"]
    assert found.ignore == ["no-concurrency-limit"]
    assert found.exclude == ["x", "y"]
    assert found.params == {"K": "V", "L": "a=b"}
    assert (found.root, found.stdin_filename, found.min_severity) == (".", "n", "low")
    assert (found.color, found.fail_on, found.hook, found.strict) == ("never", "high", True, True)


def test_names_that_look_like_options() -> None:
    assert parse(["--strict", "--", "-odd.yaml"]).paths == ["-odd.yaml"]


@pytest.mark.parametrize(
    ("line", "stdout", "files"),
    [
        ("", "text", []),
        ("--format json", "json", []),
        ("--format json --output a", "", [("json", "a")]),
        ("--output a --format json", "", [("json", "a")]),
        ("--output a", "", [("text", "a")]),
        ("--format json --output a --format sarif --output b", "", [("json", "a"), ("sarif", "b")]),
        ("--format text --format sarif --output b", "text", [("sarif", "b")]),
        ("--format sarif --output b --format text", "text", [("sarif", "b")]),
        ("--format json --output - --format sarif --output b", "json", [("sarif", "b")]),
        ("--format json --output a --output b", "", [("json", "a"), ("text", "b")]),
        ("--output out.json --output x/out.SARIF", "", [("json", "out.json"), ("sarif", "x/out.SARIF")]),
        ("--output out.sarif.json", "", [("sarif", "out.sarif.json")]),
        ("--output out.txt --output out.html", "", [("text", "out.txt"), ("text", "out.html")]),
        ("--format sarif --output out.json", "", [("sarif", "out.json")]),
    ],
)
def test_formats_and_files_are_paired(line: str, stdout: str, files: list[tuple[str, str]]) -> None:
    found = parse(line.split())
    assert (found.format, found.outputs) == (stdout, files)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--select servic-star", "unknown rule 'servic-star'; did you mean 'service-star'?"),
        ("--ignore zzzzzz", "unknown rule 'zzzzzz'; 'scopedown rules' lists all"),
        ("--select ,", "a list of rules is empty"),
        ("--format xml", "unknown format 'xml'; there are text, json, sarif"),
        ("--format json --format sarif", "two formats for standard output"),
        ("--param K", "--param 'K' is not of the form K=V"),
        ("- a.yaml", "'-' (stdin) cannot stand beside other paths"),
        ("--root no/such/folder", "--root 'no/such/folder' is not a folder"),
        ("--quiet --verbose", "exclude each other"),
        ("--fail-on never", "invalid choice"),
        ("--stric", "unrecognized arguments"),
        ("--output", "expected one argument"),
    ],
)
def test_bad_usage_is_one_line_and_2(scopedown: Command, line: str, words: str) -> None:
    run = scopedown("check", *line.split())
    assert run.code == 2
    assert run.out == ""
    assert words in run.err
    assert run.err.startswith("scopedown check: ")
    assert run.err.endswith("see 'scopedown check --help'\n")
    assert run.err.count("\n") == 1


def test_help_names_every_option(scopedown: Command) -> None:
    run = scopedown("check", "--help")
    assert run.code == 0
    for flag in (*FLAGS, "--select", "--format", "--output", "--fail-on", "--param", "--stdin-filename"):
        assert flag in run.out
    for words in ("sarif for code scanning", "unless NO_COLOR is set", "they still count for", "pre-commit"):
        assert words in " ".join(run.out.split())
