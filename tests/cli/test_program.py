"""The console command: what it prints, how it ends, and what it leaves as it was."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TEMPLATE = """\
Resources:
  Till:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: '2012-10-17', Statement: []}
      Policies:
        - PolicyName: till
          PolicyDocument:
            Version: '2012-10-17'
            Statement: {Effect: Allow, Action: 's3:*', Resource: '*'}
"""
COMMAND = "from scopedown.cli import program; program()"
# As if PyYAML had been built without libyaml: the parser in Python needs the expressions that waited.
PURE = "import sys; sys.modules['yaml._yaml'] = None; " + COMMAND


def run(*arguments: str, program: str = COMMAND, stdout: int = subprocess.PIPE) -> Any:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "till.yaml"
    path.write_text(TEMPLATE)
    return path


def test_prints_all_of_its_report_and_ends_with_its_code(template: Path) -> None:
    done = run("check", str(template))
    assert done.returncode == 1
    assert done.stdout.endswith("1 template\n") and "s3:*" in done.stdout
    assert run("check", "--exit-zero", str(template)).returncode == 0
    assert run("check", str(template.parent / "none.yaml")).returncode == 2


def test_prints_what_python_dash_m_prints(template: Path) -> None:
    for words in (["check", "--format", "json", str(template)], ["grants", str(template)], ["--version"]):
        ordinary = subprocess.run(
            [sys.executable, "-m", "scopedown", *words], capture_output=True, text=True, check=False
        )
        done = run(*words)
        assert (done.stdout, done.stderr, done.returncode) == (
            ordinary.stdout,
            ordinary.stderr,
            ordinary.returncode,
        )
        assert done.stdout


def test_reads_the_same_without_libyaml(template: Path) -> None:
    template.write_text(TEMPLATE + "  Day: {Type: 'AWS::SNS::Topic', Properties: {Since: 2024-01-31}}\n")
    fast = run("check", "--format", "json", str(template))
    pure = run("check", "--format", "json", str(template), program=PURE)
    assert fast.stdout == pure.stdout and fast.stdout and pure.returncode == 1


def test_expressions_compile_as_ever_once_the_parsers_are_there() -> None:
    program = (
        "import re, sys; before = re.compile; from scopedown.cli import _import_parsers; _import_parsers();"
        "import yaml; print(re.compile is before, type(yaml.reader.Reader.NON_PRINTABLE) is re.Pattern,"
        " yaml.safe_load('[2024-01-31, 1.5, yes, 0x1f, ~, 12:30:45]'))"
    )
    done = run(program=program)
    assert done.stdout == "True False [datetime.date(2024, 1, 31), 1.5, True, 31, None, 45045]\n"


def test_reader_that_went_away_ends_it_quietly(template: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = run("explain", "admin-star", stdout=writer)
    finally:
        os.close(writer)
    assert "Traceback" not in done.stderr
