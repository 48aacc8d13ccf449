"""Stacks of templates given as text, and short forms of what a role may do."""

from __future__ import annotations

import textwrap

from scopedown.iam.policy import Statement
from scopedown.source.discovery import from_text
from scopedown.template import cloudformation
from scopedown.template.stack import Stack


def stack_of(template: str) -> Stack:
    """The stack of a template; a SAM template says so by its transform or its resources."""
    (found,) = from_text("template.yaml", textwrap.dedent(template)).templates()
    return cloudformation.read(found.document, found.root, found.dialect)


def sam(resources: str) -> Stack:
    """The stack of a SAM template with these resources."""
    body = textwrap.indent(textwrap.dedent(resources), "  ")
    return stack_of("Transform: AWS::Serverless-2016-10-31\nResources:\n" + body)


def short(statement: Statement) -> str:
    """Effect, actions and resources in one line."""
    actions = ",".join(element.text.display() for element in statement.actions)
    resources = ",".join(element.text.display() for element in statement.resources)
    return f"{statement.effect} {actions} on {resources}"


def carriers(stack: Stack, role: str) -> list[tuple[str, str, str]]:
    """(kind, name, path below the resource) of everything a role has."""
    return [
        (each.kind, each.name, each.path.partition(".Properties.")[2])
        for each in stack.all_roles[role].all_carriers
    ]


def inline(stack: Stack, role: str) -> list[str]:
    """The statements of a role that come from no managed policy."""
    return [
        short(statement)
        for each in stack.all_roles[role].brought
        if each.carrier.kind != "managed-arn" and not each.carrier.name.startswith("AWS")
        for statement in each.statements
    ]
