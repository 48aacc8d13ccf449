"""Examples of rule files as templates: one statement, written once, is rendered into every dialect.

Tests, ``explain`` and ``rules test`` use the same rendering. A line that ends in ``# expect: <rule id>`` is
to be flagged by that rule, every other line is to stay silent.
"""

from __future__ import annotations

import json
import re
from textwrap import indent

import yaml

from .index import load_index
from .loader import RuleFile, expectations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

_ROLE = """\
Resources:
  ExampleRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {Service: lambda.amazonaws.com}
            Action: sts:AssumeRole
"""
_INLINE = """\
      Policies:
        - PolicyName: example
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
"""
_ARNS = """\
      ManagedPolicyArns:
"""
_FUNCTION = """\
  ExampleFunction:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: example.handler
      Role: !GetAtt ExampleRole.Arn
      Code: {S3Bucket: packages, S3Key: example.zip}
"""
_SAM = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  ExampleFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: example.handler
      CodeUri: src/
      Policies:
"""
_SERVICE = """\
service: example
frameworkVersion: '3'
provider:
  name: aws
  runtime: python3.13
  iam:
    role:
"""
_SERVICE_STATEMENTS = """\
      statements:
"""
_SERVICE_ARNS = """\
      managedPolicies:
"""
_SERVICE_FUNCTION = """\
functions:
  example:
    handler: example.handler
"""
_POLICY = """\
Version: '2012-10-17'
Statement:
"""
# What a document that stands alone has none of: there is no template whose names it could refer to.
_INTRINSIC = re.compile(r"!(?:[A-Z]\w+)|Fn::|\bRef:|\$\{AWS::")
_SAM_STATEMENT = """\
        - Version: '2012-10-17'
          Statement:
"""


class Rendered:
    """One example as a template.

    Args:
        name: the example's name, with the form it is rendered in where there are several.
        path: a file name that fits the text.
        text: the template.
        expected: (line, rule id) of every finding that the example asks for.
    """

    __slots__ = ("expected", "name", "path", "text")

    def __init__(self, name: str, path: str, text: str, expected: set[tuple[int, str]]) -> None:
        self.name = name
        self.path = path
        self.text = text
        self.expected = expected


def render(rule: RuleFile) -> Iterator[Rendered]:
    """Every example of a rule in every dialect that it applies to."""
    for example in rule.words["examples"]:
        if "template" in example:
            text = example["template"]
            path = "template.json" if text.lstrip().startswith("{") else "template.yaml"
            if example.get("dialect") == "serverless":
                path = "serverless.yml"
            yield Rendered(example["name"], path, text, _expected(text, example))
        else:
            dialects = [example["dialect"]] if "dialect" in example else rule.words["dialects"]
            yield from _forms(example, dialects)


def _forms(example: dict[str, Any], dialects: list[str]) -> Iterator[Rendered]:
    name = example["name"]
    if "cloudformation" in dialects:
        text = _ROLE
        text += _INLINE + _item(example, 14) if "statement" in example else _ARNS + _listed(example)
        text += _FUNCTION
        expected = _expected(text, example)
        yield Rendered(f"{name} [cloudformation]", "template.yaml", text, expected)
        lines, where = as_json(text)
        moved = {(where[line], rule) for line, rule in expected}
        yield Rendered(f"{name} [cloudformation, JSON]", "template.json", lines, moved)
    if "sam" in dialects:
        text = _SAM + (_SAM_STATEMENT + _item(example, 12) if "statement" in example else _listed(example))
        yield Rendered(f"{name} [sam]", "template.yaml", text, _expected(text, example))
    if "serverless" in dialects:
        yield _service(example)
    if "policy" in dialects and "statement" in example and not _INTRINSIC.search(example["statement"]):
        yield _document(example)


def _service(example: dict[str, Any]) -> Rendered:
    """An example as a service whose only function has the provider's role."""
    if "statement" in example:
        # The framework would take an IAM policy variable for one of its own.
        text = _SERVICE + _SERVICE_STATEMENTS + _item(example, 8).replace("${aws:", "\\${aws:")
    else:
        text = _SERVICE + _SERVICE_ARNS + _listed(example)
    text += _SERVICE_FUNCTION
    return Rendered(f"{example['name']} [serverless]", "serverless.yml", text, _expected(text, example))


def _document(example: dict[str, Any]) -> Rendered:
    """An example as a policy document in a file of its own; of other rules those that read such files."""
    text = _POLICY + _item(example, 2)
    reading = {rule.id for rule in load_index() if "policy" in rule.dialects}
    lines, where = as_json(text)
    expected = {(where[line], rule) for line, rule in _expected(text, example) if rule in reading}
    return Rendered(f"{example['name']} [policy]", "policy.json", lines, expected)


def _item(example: dict[str, Any], depth: int) -> str:
    """A statement as an entry of a list that stands ``depth`` columns in."""
    lines = indent(example["statement"], " " * (depth + 2))
    return " " * depth + "- " + lines[depth + 2 :]


def _listed(example: dict[str, Any]) -> str:
    return indent(example["policies"], " " * 8)


def _expected(text: str, example: dict[str, Any]) -> set[tuple[int, str]]:
    found = {(entry["line"], entry["rule"]) for entry in example.get("expect", ())}
    for number, line in enumerate(text.splitlines(), 1):
        found.update((number, rule) for rule in expectations(line))
    return found


def as_json(text: str) -> tuple[str, dict[int, int]]:
    """A YAML template as JSON, flow collections on one line, and which line became which."""
    writer = _Writer()
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    assert root is not None
    writer.write(root, "", 0, "")
    return "\n".join(writer.lines) + "\n", writer.where


class _Writer:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.where: dict[int, int] = {}

    def write(self, node: yaml.nodes.Node, head: str, depth: int, comma: str) -> None:
        """Writes a node behind ``head``; block collections take one line per entry."""
        pad = "  " * depth
        block = isinstance(node, yaml.CollectionNode) and not node.flow_style and node.tag.startswith("tag:")
        if not block:
            self.lines.append(pad + head + json.dumps(_value(node)) + comma)
            self.where.setdefault(node.start_mark.line + 1, len(self.lines))
            return
        is_map = isinstance(node, yaml.MappingNode)
        self.lines.append(pad + head + ("{" if is_map else "["))
        for number, entry in enumerate(node.value):
            key, value = entry if is_map else (None, entry)
            if key is not None:
                self.where[key.start_mark.line + 1] = len(self.lines) + 1
            name = json.dumps(key.value) + ": " if key is not None else ""
            self.write(value, name, depth + 1, "," if number + 1 < len(node.value) else "")
        self.lines.append(pad + ("}" if is_map else "]") + comma)


def _value(node: yaml.nodes.Node) -> Any:
    if not node.tag.startswith("tag:"):
        name = node.tag[1:]
        plain = _untagged(node)
        if name == "GetAtt" and isinstance(plain, str):
            plain = plain.split(".", 1)
        return {name if name in ("Ref", "Condition") else f"Fn::{name}": plain}
    return _untagged(node)


def _untagged(node: yaml.nodes.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        return {key.value: _value(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_value(item) for item in node.value]
    return node.value
