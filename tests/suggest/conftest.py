"""Templates as suggestions see them: read, asked for one statement, replaced and read again."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from scopedown.iam.breadth import Facts
from scopedown.iam.policy import Statement
from scopedown.source.json_reader import parse_json
from scopedown.source.tree import Document, Mapping
from scopedown.source.yaml_reader import parse_yaml
from scopedown.suggest.suggestion import Suggestion
from scopedown.suggest.wiring import suggest
from scopedown.template import cloudformation
from scopedown.template.stack import Stack

from .services import Read, Service


class Template:
    """A template and its statements."""

    def __init__(self, text: str) -> None:
        self.text = textwrap.dedent(text).lstrip("\n")
        format = "json" if self.text.startswith("{") else "yaml"
        self.document = Document(f"template.{format}", self.text, format)
        root = parse_json(self.document) if format == "json" else parse_yaml(self.document)[0]
        assert isinstance(root, Mapping)
        dialect = "sam" if "AWS::Serverless" in self.text else "cloudformation"
        self.stack: Stack = cloudformation.read(self.document, root, dialect)

    def statement(self, action: str) -> Statement:
        """The statement that has an action."""
        for statement in self.stack.statements:
            if any(element.text.display() == action for element in statement.actions):
                return statement
        raise AssertionError(f"no statement with {action}")

    def suggest(self, action: str) -> Suggestion | None:
        """The suggestion for the statement that has an action."""
        statement = self.statement(action)
        return suggest(self.stack, statement, Facts(statement))

    def must(self, action: str) -> Suggestion:
        """The same where there is one."""
        found = self.suggest(action)
        assert found is not None
        return found

    def applied(self, action: str) -> Template:
        """The template after the replacement."""
        found = self.must(action)
        assert found.replaces is not None
        text = self.text
        return Template(text[: found.replaces.start] + found.text + text[found.replaces.end :])


@pytest.fixture
def template() -> Callable[[str], Template]:
    """Reads a template."""
    return Template


@pytest.fixture
def service(tmp_path: Path) -> Read:
    """Reads a service; further files by keyword, ``iam_yml`` for iam.yml."""

    def read(text: str, **more: str) -> Service:
        files = {name.replace("__", "/").replace("_y", ".y"): body for name, body in more.items()}
        return Service(tmp_path, {"serverless.yml": text, **files})

    return read


def shown(text: str) -> str:
    """Expected text, as it stands in a template: only the first line feed and the last go."""
    return text.strip("\n")
