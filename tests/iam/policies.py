"""Policies as text for these tests: YAML comes in, statements go out."""

from __future__ import annotations

from textwrap import indent

from scopedown.iam.policy import Carrier, Statement, read_document
from scopedown.source.tree import Document, Mapping
from scopedown.source.yaml_reader import parse_yaml
from scopedown.values.intrinsics import Resolver

HEAD = """\
Parameters:
  Open: {Type: String}
  Stage: {Type: String, AllowedValues: [dev, prod]}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Table: {Type: AWS::DynamoDB::Table}
  Log: {Type: AWS::Logs::LogGroup}
Document:
  Version: '2012-10-17'
  Statement:
"""


def statements(*texts: str, version: str = "2012-10-17") -> list[Statement]:
    """The statements of a policy, each given as YAML."""
    body = "".join("    - " + indent(text, " " * 6)[6:] + "\n" for text in texts)
    head = HEAD.replace("2012-10-17", version)
    (root,) = parse_yaml(Document("policy.yaml", head + body, "yaml"))
    assert isinstance(root, Mapping)
    document = root.get("Document")
    assert document is not None
    return read_document(document, Resolver(root), Carrier("inline", "Role", document, "Document"))


def allow(action: str = "s3:GetObject", resource: str = "'*'", more: str = "") -> str:
    """An Allow statement."""
    return f"Effect: Allow\nAction: {action}\nResource: {resource}\n{more}"


def deny(action: str = "s3:GetObject", resource: str = "'*'", more: str = "") -> str:
    """A Deny statement."""
    return f"Effect: Deny\nAction: {action}\nResource: {resource}\n{more}"
