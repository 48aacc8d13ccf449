"""``scopedown check`` from the outside: exit codes, stdin, files, and streams that misbehave."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scopedown import engine
from scopedown.cli.check import exit_code
from scopedown.engine import Report
from scopedown.rulebook.finding import Unresolved
from scopedown.source.tree import InputError

from ..conftest import ROOT, Command
from ..report import samples

BAD = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  OrdersFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: orders.handler
      CodeUri: s3://packages/orders.zip
      Policies:
        - Statement:
            - Effect: Allow
              Action: s3:*
              Resource: !Sub arn:${AWS::Partition}:s3:::orders/*
"""
GOOD = BAD.replace("s3:*", "s3:GetObject")
SCHEMA = json.loads((ROOT / "src/scopedown/report/schema.json").read_text("utf-8"))


def made(severities: str = "", **settings: Any) -> Report:
    """A report with findings of some severities."""
    report = Report()
    report.templates = 1
    template = samples.document()
    for severity in severities.split():
        report.findings.append(samples.finding(samples.span(template, "s3:*"), severity=severity))
    for name, value in settings.items():
        setattr(report, name, value)
    return report


WRONG = [InputError("a.yaml", "broken")]
OPEN = [Unresolved("x", "y", samples.span(samples.document(), "s3:*"), None, "")]


@pytest.mark.parametrize(
    ("report", "settings", "code"),
    [
        (made(), {}, 0),
        (made("low info"), {}, 0),
        (made("medium"), {}, 1),
        (made("error"), {}, 1),
        (made("medium"), {"fail_on": "high"}, 0),
        (made("info"), {"fail_on": "info"}, 1),
        (made("high"), {"min_severity": "error"}, 1),
        (made("high"), {"exit_zero": True}, 0),
        (made("high", errors=WRONG), {}, 2),
        (made("high", errors=WRONG), {"exit_zero": True}, 2),
        (made("", internal=["x"]), {"exit_zero": True}, 2),
        (made("", templates=0), {}, 2),
        (made("", templates=0), {"exit_zero": True}, 2),
        (made("", templates=0), {"hook": True}, 0),
        (made("", unresolved=OPEN), {}, 0),
        (made("", unresolved=OPEN), {"strict": True}, 1),
        (made("", unresolved=OPEN), {"strict": True, "exit_zero": True}, 0),
        (made("", skipped=[("a", "b")]), {}, 0),
        (made("", skipped=[("a", "b")]), {"strict": True}, 1),
    ],
)
def test_exit_codes(report: Report, settings: dict[str, object], code: int) -> None:
    assert exit_code(report, samples.options(**settings)) == code


def test_unsure_findings_fail_the_run_under_pedantic_only() -> None:
    report = made("high")
    report.findings[0].confidence = "low"
    assert exit_code(report, samples.options()) == 0
    assert exit_code(report, samples.options(pedantic=True)) == 1


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.yaml"
    path.write_text(BAD, "utf-8")
    return path


def test_a_finding_is_told_and_fails_the_run(
    scopedown: Command, bad: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bad.parent)
    run = scopedown("check", "bad.yaml")
    assert run.code == 1
    assert run.err == ""
    lines = run.out.splitlines()
    assert lines[0] == "bad.yaml:12:23  high  service-star"
    source = lines.index("   12 │               Action: s3:*")
    assert "may call every S3 action" in " ".join(lines[1:source])
    assert lines[source + 1].startswith("      │                       ^^^^")
    assert lines[-1].startswith("1 finding (1 high) · ")
    assert "1 template" in lines[-1]


def test_a_template_without_findings(scopedown: Command, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD, "utf-8")
    run = scopedown("check", tmp_path / "good.yaml")
    assert run.code == 0
    assert run.out.startswith("no findings")


def test_json_is_what_its_schema_says(scopedown: Command, bad: Path) -> None:
    run = scopedown("check", "--format", "json", bad)
    assert run.code == 1
    Draft202012Validator(SCHEMA).validate(run.report)
    assert run.rules == {"service-star"}


def test_stdin(scopedown: Command) -> None:
    run = scopedown("check", "-", "--stdin-filename", "infra/app.yaml", stdin=BAD)
    assert run.code == 1
    assert run.out.startswith("infra/app.yaml:12:23  high  service-star")
    assert scopedown("check", "-", stdin=BAD).out.startswith("<stdin>:12:23")


@pytest.mark.parametrize("text", ["", "just: data\n", "\0\0", "a: [\n", '{"a": '])
def test_stdin_that_is_no_template(scopedown: Command, text: str) -> None:
    run = scopedown("check", "-", stdin=text)
    assert run.code == 2
    assert "Traceback" not in run.out + run.err
    assert "<stdin>" in run.out


def test_one_bad_file_does_not_hide_the_rest(scopedown: Command, bad: Path) -> None:
    (bad.parent / "missing").mkdir()
    run = scopedown("check", bad, bad.parent / "nowhere.yaml")
    assert run.code == 2
    assert "service-star" in run.out
    assert "nowhere.yaml  error  no such file" in run.out


def test_errors_go_to_stderr_beside_json(scopedown: Command, tmp_path: Path) -> None:
    run = scopedown("check", "--format", "json", tmp_path / "nowhere.yaml")
    assert run.code == 2
    assert run.report["errors"][0]["message"]
    assert run.err.startswith("scopedown: ")
    assert run.err.count("\n") == 1


def test_nothing_to_check(scopedown: Command, tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text("a: 1\n", "utf-8")
    run = scopedown("check", tmp_path)
    assert run.code == 2
    assert "nothing to check: no template in" in run.err
    assert "(1 file skipped); name a template" in run.err
    assert run.out == ""


def test_several_reports_of_one_run(scopedown: Command, bad: Path) -> None:
    first, second = bad.parent / "a.json", bad.parent / "b.sarif"
    run = scopedown(
        "check", bad, "--format", "json", "--output", first, "--format", "sarif", "--output", second
    )
    assert run.code == 1
    assert run.out == ""
    assert run.err.startswith("scopedown: 1 finding (1 high)")
    assert json.loads(first.read_text("utf-8"))["findings"]
    assert json.loads(second.read_text("utf-8"))["runs"][0]["results"]
    assert sorted(path.name for path in bad.parent.iterdir()) == ["a.json", "b.sarif", "bad.yaml"]


def test_text_in_a_file_has_no_colours(scopedown: Command, bad: Path) -> None:
    target = bad.parent / "report.txt"
    scopedown("check", bad, "--output", target)
    assert "\x1b" not in target.read_text("utf-8")
    assert "│" in target.read_text("utf-8")


def test_colours_when_asked_for(scopedown: Command, bad: Path) -> None:
    assert "\x1b[" not in scopedown("check", bad).out
    assert "\x1b[" in scopedown("check", bad, "--color", "always").out


def test_a_file_keeps_its_mode(scopedown: Command, bad: Path) -> None:
    target = bad.parent / "a.json"
    target.write_text("old", "utf-8")
    target.chmod(0o640)
    scopedown("check", bad, "--format", "json", "--output", target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert json.loads(target.read_text("utf-8"))


@pytest.mark.parametrize("name", ["no/such/folder/a.json", "."])
def test_a_file_that_cannot_be_written(
    scopedown: Command, bad: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(bad.parent)
    run = scopedown("check", "bad.yaml", "--format", "json", "--output", name, "--quiet")
    assert run.code == 2
    assert run.err.startswith(f"scopedown: cannot write '{name}': ")
    assert run.err.count("\n") == 1
    assert [path.name for path in bad.parent.iterdir()] == ["bad.yaml"]


def test_a_device_is_written_through(scopedown: Command, bad: Path) -> None:
    assert scopedown("check", bad, "--output", os.devnull).code == 1
    assert not stat.S_ISREG(os.stat(os.devnull).st_mode)


def test_an_unexpected_error_is_one_line(
    scopedown: Command, bad: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("x\x1b")

    monkeypatch.setattr(engine, "check", fail)
    run = scopedown("check", bad)
    assert run.code == 2
    assert run.err.startswith("scopedown: internal error in check: KeyError: 'x\\x1b'; please report")
    monkeypatch.setenv("SCOPEDOWN_DEBUG", "1")
    assert "Traceback" in scopedown("check", bad).err


def test_interrupted(scopedown: Command, bad: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "check", stop)
    assert scopedown("check", bad).code == 130


def test_a_terminal_that_knows_only_ascii(
    scopedown: Command, bad: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    bad.write_text(BAD.replace("orders/*", "bücher/*").replace("s3:*", "s3:*  # ü"), "utf-8")
    monkeypatch.setattr(sys, "stdout", stream)
    run = scopedown("check", bad)
    stream.flush()
    text = stream.buffer.getvalue().decode("ascii")
    assert run.code == 1
    assert "   12 |               Action: s3:*" in text
    assert "^^^^" in text


def process(*arguments: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    """The command line as a process of its own."""
    command = [sys.executable, "-m", "scopedown", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **settings)


def test_a_reader_that_goes_away(bad: Path) -> None:
    many = bad.parent / "many"
    many.mkdir()
    for number in range(60):
        (many / f"{number}.yaml").write_text(BAD, "utf-8")
    command = f'"{sys.executable}" -m scopedown check "{many}" | head -1'
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_full_disk_behind_stdout(bad: Path) -> None:
    command = [sys.executable, "-m", "scopedown", "check", str(bad)]
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60
        )
    assert done.returncode == 2
    assert done.stderr == (
        "scopedown: cannot write to standard output: no space left on device; try --output FILE\n"
    )


def test_as_a_module(bad: Path) -> None:
    done = process("check", str(bad))
    assert done.returncode == 1
    assert "service-star" in done.stdout


def test_no_text_report_is_imported_for_json(bad: Path) -> None:
    program = (
        "import sys\nfrom scopedown.cli import main\n"
        f"main(['check', '--format', 'json', {str(bad)!r}])\n"
        "print([n for n in sys.modules if n.startswith('scopedown.report')], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert "scopedown.report.json" in done.stderr
    assert "scopedown.report.text" not in done.stderr
    assert "scopedown.report.sarif" not in done.stderr
