"""Stacks of services given as text, for what plugins and built-in sections add."""

from __future__ import annotations

import textwrap

from scopedown.source.discovery import parse
from scopedown.source.tree import Document, Mapping
from scopedown.template import cloudformation
from scopedown.template.stack import Stack

from ..stacks import short

TOP = "service: gym\nframeworkVersion: '3'\nprovider:\n  name: aws\n"


def stack_of(text: str, top: str = TOP) -> Stack:
    """The stack of a service; ``top`` comes before its text."""
    document = Document("serverless.yml", top + textwrap.dedent(text))
    root = parse(document)
    assert isinstance(root, Mapping)
    return cloudformation.read(document, root, "serverless")


def says(stack: Stack, role: str) -> list[str]:
    """What a role lets do, a line for each statement, without the logs of the shared role."""
    lines = [short(statement) for statement in stack.all_roles[role].all_statements]
    return [line for line in lines if role != "IamRoleLambdaExecution" or " logs:" not in line]


def places(stack: Stack, role: str) -> list[tuple[str, str, str, int]]:
    """(kind, owner, path, line) of every statement of a role."""
    return [
        (each.carrier.kind, each.carrier.owner, each.path, each.node.span.line)
        for each in stack.all_roles[role].all_statements
    ]


def used_by(stack: Stack, role: str) -> list[tuple[str, str]]:
    """(type, path) of everything that a role is handed to."""
    return [(use.type, use.path) for use in stack.all_roles[role].assumed_by]


def trusted(stack: Stack, role: str) -> list[str]:
    """The services that may assume a role."""
    found = stack.all_roles[role].resource
    assert found is not None
    assert found.properties is not None
    document = found.properties.get("AssumeRolePolicyDocument")
    assert isinstance(document, Mapping)
    (statement,) = stack.resolver.members(document.get("Statement"))
    assert isinstance(statement[0], Mapping)
    principal = statement[0].get("Principal")
    assert isinstance(principal, Mapping)
    return [element.text.display() for element in stack.resolver.elements(principal.get("Service"))]


def told(stack: Stack) -> list[tuple[str, str, int]]:
    """(what, reason, line) of every note."""
    return [(note.what, note.reason, note.span.line) for note in [*stack.notes, *stack.whole.notes]]
