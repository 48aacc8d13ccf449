"""Every template that this project shows or writes is valid: fixtures, rule examples, suggestions pasted.

cfn-lint says so, in one process for all of them, since its start-up is what costs; only its errors count.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scopedown.config import Options
from scopedown.engine import check_text
from scopedown.rulebook.examples import render
from scopedown.rulebook.loader import load_rules

from .bench import inputs
from .conftest import ROOT

PROGRAM = "import sys; from cfnlint.runner import main; sys.exit(main())"
# (start of a template's name, cfn-lint rule): why that error is in order.
IN_ORDER: dict[tuple[str, str], str] = {}


class Template:
    """A template with a name that says where it comes from."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    @property
    def is_json(self) -> bool:
        return self.text.lstrip().startswith("{")


def shown() -> Iterator[Template]:
    for path in sorted((ROOT / "fixtures").rglob("template.*")):
        yield Template(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
    for rule in load_rules():
        for example in render(rule):
            # A policy document is no template, and a service one that cfn-lint does not know.
            if not example.path.startswith(("policy", "serverless")):
                yield Template(f"{rule.id}::{example.name}", example.text)
    yield Template("bench::sam", inputs.sam_text(broad=5))
    yield Template("bench::stack", inputs.stack_text(2))
    yield Template("bench::external", inputs.EXTERNAL)


def pasted(template: Template) -> Iterator[Template]:
    """The template with the text of each suggestion in the place of what it replaces."""
    options = Options()
    options.pedantic = True
    report = check_text("template.json" if template.is_json else "template.yaml", template.text, options)
    seen = {template.text}
    for finding in report.findings:
        answer = finding.suggestion
        if answer is None or answer.replaces is None or not answer.text:
            continue
        span = answer.replaces
        text = span.document.text[: span.start] + answer.text + span.document.text[span.end :]
        if text not in seen:
            seen.add(text)
            yield Template(f"{template.name} + {finding.rule}, {answer.tier}", text)


def everything() -> list[Template]:
    templates = list(shown())
    return templates + [copy for template in templates for copy in pasted(template)]


def errors(templates: list[Template], folder: Path) -> list[str]:
    """cfn-lint's errors on these templates, as "name:line: rule message"."""
    names = {}
    for n, template in enumerate(templates):
        path = folder / f"{n:04d}.{'json' if template.is_json else 'yaml'}"
        path.write_text(template.text, encoding="utf-8")
        names[str(path)] = template.name
    command = [sys.executable, "-c", PROGRAM, "--format", "json", "--ignore-checks", "W", "I", "--", *names]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    assert done.stdout.strip(), done.stderr
    found = []
    for match in json.loads(done.stdout):
        name, rule = names[match["Filename"]], match["Rule"]["Id"]
        if not any(name.startswith(start) and rule == known for start, known in IN_ORDER):
            line = match["Location"]["Start"]["LineNumber"]
            found.append(f"{name}:{line}: {rule} {match['Message']}")
    return found


@pytest.fixture(scope="module")
def templates() -> list[Template]:
    return everything()


def test_there_is_something_to_validate(templates: list[Template]) -> None:
    names = " ".join(template.name for template in templates)
    for part in ("fixtures/projects/orders", "service-star::", ", partial"):
        assert part in names


def test_every_template_is_valid(templates: list[Template], tmp_path: Path) -> None:
    found = errors(templates, tmp_path)
    assert not found, "\n".join(found)
