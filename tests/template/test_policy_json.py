"""Policy documents in files of their own: what kind they are, and what is said of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scopedown.source.discovery import discover, from_text
from scopedown.template import cloudformation
from scopedown.template.stack import Stack

from ..conftest import Command

ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
QUEUE = {"Effect": "Allow", "Action": "sqs:SendMessage", "Principal": "*", "Resource": "*"}


def stack_of(*statements: dict[str, Any]) -> Stack:
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    (template,) = from_text("deploy/policy.json", text).templates()
    assert template.dialect == "policy"
    return cloudformation.read(template.document, template.root, template.dialect)


def test_without_principals_it_is_an_identity_policy() -> None:
    stack = stack_of(ALLOW)
    (statement,) = stack.statements
    assert (statement.carrier.kind, statement.carrier.owner) == ("policy", "policy.json")
    assert statement.path == "Statement[0]"
    assert not stack.resource_policies


@pytest.mark.parametrize(("statement", "kind"), [(TRUST, "trust"), (QUEUE, "resource-policy")])
def test_with_principals_it_is_judged_as_none(statement: dict[str, Any], kind: str) -> None:
    stack = stack_of(statement)
    assert not stack.statements
    assert [each.carrier.kind for each in stack.resource_policies] == [kind]


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ('{"Statement": {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}}', "policy"),
        ("Version: '2012-10-17'\nStatement:\n  - {Effect: Allow, Action: 's3:*', Resource: '*'}\n", "policy"),
        ('{"Statement": []}', None),
        ('{"Statement": [{"Effect": "Allow"}]}', None),
        ('{"Statement": "SELECT 1", "Effect": "none"}', None),
        ('{"Statement": [{"Effect": "Allow", "Action": "a:b"}, "text"]}', None),
    ],
)
def test_what_counts_as_a_policy(text: str, dialect: str | None) -> None:
    found = [template.dialect for template in from_text("x.json", text).templates()]
    assert found == ([dialect] if dialect else [])


def test_a_walk_finds_policies(tmp_path: Path) -> None:
    (tmp_path / "role.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [ALLOW]}))
    (tmp_path / "other.json").write_text('{"Statement": "none"}')
    found = discover([str(tmp_path)])
    assert [template.dialect for template in found.templates()] == ["policy"]
    assert not found.errors


def test_a_finding_names_file_and_line(scopedown: Command) -> None:
    run = scopedown.check(json.dumps({"Statement": [ALLOW]}, indent=1), name="uploads.json")
    (service, resource) = run.findings
    assert (service["rule"], service["line"]) == ("service-star", 5)
    assert resource["foldedInto"] is not None
    assert "uploads.json" in service["message"]
