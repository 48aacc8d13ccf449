"""Services given as text, and short forms of the roles that their framework makes."""

from __future__ import annotations

import textwrap
from pathlib import Path

from scopedown.source.discovery import parse
from scopedown.source.reader import Reader
from scopedown.source.tree import Document, Mapping, Node, Sequence
from scopedown.template.serverless import reading
from scopedown.template.serverless.packaged import MadeRole, Packaged, Said, Written

SHARED = "IamRoleLambdaExecution"
CUSTOM = "IamRoleCustomResourcesLambdaExecution"
LOGS = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/lambda/"


def package(text: str, version: str = "3") -> Packaged:
    """A service as that version of the Serverless Framework packages it."""
    document = Document("serverless.yml", f"frameworkVersion: '{version}'\n" + textwrap.dedent(text))
    root = parse(document)
    assert isinstance(root, Mapping)
    return reading.package(document, root, None, None)


def service(functions: str, provider: str = "", more: str = "", version: str = "3") -> Packaged:
    """A bakery with these functions; every part is YAML."""
    text = "service: bakery\nprovider:\n  name: aws\n" + textwrap.indent(textwrap.dedent(provider), "  ")
    text += "\nfunctions:\n" + textwrap.indent(textwrap.dedent(functions), "  ")
    return package(text + "\n" + textwrap.dedent(more), version)


def osls(folder: Path, text: str, major: int) -> Packaged:
    """A service as osls packages it, which is told by package.json."""
    (folder / "package.json").write_text(f'{{"devDependencies": {{"osls": "{major}"}}}}', encoding="utf-8")
    path = folder / "serverless.yml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    reader = Reader(str(folder))
    document = reader.read(str(path))
    root = parse(document)
    assert isinstance(root, Mapping)
    return reading.package(document, root, None, reader)


def say(value: object) -> str:
    """A value of a statement in one line: strings as they are, functions as their short tags."""
    if isinstance(value, Mapping):
        value = {key.value: node for key, node in value.entries}
    if isinstance(value, Sequence):
        value = value.items
    if isinstance(value, list):
        return ",".join(say(each) for each in value)
    if isinstance(value, dict):
        if "Effect" in value:
            return line(value)
        ((name, argument),) = value.items()
        if name == "Fn::Join":
            delimiter, parts = argument if isinstance(argument, list) else argument.items
            parts = parts if isinstance(parts, list) else parts.items
            return say(delimiter).join(say(part) for part in parts)
        if name == "Fn::Sub":
            return say(argument)
        return f"{name.removeprefix('Fn::')}({say(argument)})"
    return str(getattr(value, "value", value))


def line(statement: object) -> str:
    """A statement in one line."""
    if isinstance(statement, Mapping):
        statement = {key.value: node for key, node in statement.entries}
    assert isinstance(statement, dict)
    effect, actions = say(statement["Effect"]), say(statement["Action"])
    more = " if " + str(statement["Condition"]) if "Condition" in statement else ""
    return f"{effect} {actions} on {say(statement['Resource'])}{more}"


def lines(packaged: Packaged, role: str = SHARED) -> list[str]:
    """What a role's policy says, in order."""
    found: list[str] = []
    for part in packaged.roles[role].policies:
        found += [line(node) for node in part.node.items] if isinstance(part, Written) else [line(part.value)]
    return found


def added(packaged: Packaged, role: str = SHARED) -> list[str]:
    """What the framework says in a role besides logs."""
    parts = packaged.roles[role].policies
    return [line(each.value) for each in parts if isinstance(each, Said) and each.name != "logs"]


def causes(packaged: Packaged, role: str = SHARED) -> list[tuple[str, str]]:
    """(path, text at the cause) of what the framework says in a role besides logs."""
    parts = packaged.roles[role].policies
    return [(each.path, at(each.cause)) for each in parts if isinstance(each, Said) and each.name != "logs"]


def at(node: Node) -> str:
    """The text that a node points at."""
    return node.span.text


def managed(role: MadeRole) -> list[str]:
    """The managed policies of a role, in order."""
    found: list[str] = []
    for part in role.managed:
        found += [say(node) for node in part.node.items] if isinstance(part, Written) else [part.name]
    return found


def notes(packaged: Packaged) -> list[tuple[str, str, str]]:
    """(what, reason, path) of every note."""
    return [(what, reason, path) for what, reason, _, _, path in packaged.notes]
