"""No answer to a service grants what the service did not, whatever the service is."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scopedown import engine
from scopedown.config import Options
from scopedown.proof.expand import expanded, text_of
from scopedown.proof.redundancy import loss
from scopedown.proof.splitting import widens
from scopedown.rulebook.examples import render
from scopedown.rulebook.loader import load_rules
from scopedown.source.tree import Document, Mapping
from scopedown.source.yaml_reader import parse_yaml
from scopedown.suggest.original import long_form
from scopedown.suggest.suggestion import Suggestion
from scopedown.template import cloudformation
from scopedown.template.stack import Stack

from .services import BAKERY, SHARED


def stack_of(text: str) -> Stack:
    document = Document("serverless.yml", text)
    root = parse_yaml(document)[0]
    assert isinstance(root, Mapping)
    return cloudformation.read(document, root, "serverless")


def said(statements: list[dict[str, Any]], stack: Stack) -> set[tuple[str, str]]:
    """What statements allow, as (action, resource) with references spelled out."""
    found = set()
    for statement in statements:
        listed = [
            value if isinstance(value, list) else [value]
            for value in (statement["Action"], statement["Resource"])
        ]
        for action in listed[0]:
            for resource in listed[1]:
                found.add((action.lower(), expanded(text_of(resource, stack), stack).display()))
    return found


def pasted(text: str, answer: Suggestion) -> set[tuple[str, str]]:
    """What stands in the place of a suggestion once it is pasted and read again."""
    assert answer.replaces is not None
    start = answer.replaces.start
    after = stack_of(text[:start] + answer.text + text[answer.replaces.end :])
    nodes = {
        (each.node.start, each.node.end): each.node
        for each in after.statements
        if start <= each.node.start < start + len(answer.text)
    }
    return said([long_form(node) for node in nodes.values()], after)


EXAMPLES = [
    pytest.param(example.text, id=f"{rule.id}::{example.name}")
    for rule in load_rules()
    for example in render(rule)
    if example.path.endswith("serverless.yml")
]


@pytest.mark.parametrize("text", EXAMPLES)
def test_no_answer_to_an_example_widens(text: str) -> None:
    report = engine.check_text("serverless.yml", text, Options())
    stack = stack_of(text)
    for finding in report.findings:
        answer = finding.suggestion
        if answer is None or not answer.text:
            continue
        if finding.rule == "sls-provider-role":
            assert widens(stack.roles["IamRoleLambdaExecution"], answer.statements, stack) == ""
        elif answer.replaces is not None:
            assert pasted(text, answer) == said(answer.statements, stack)


TABLES = ("Orders", "Menu", "Staff")
ACTIONS = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:*", "sqs:SendMessage", "s3:GetObject")
RESOURCES = (
    "'*'",
    "!GetAtt Orders.Arn",
    "arn:aws:dynamodb:${self:provider.region}:*:table/*",
    "arn:aws:dynamodb:eu-west-1:*:table/bakery-menu",
)


@st.composite
def services(draw: st.DrawFn) -> str:
    version = draw(st.sampled_from(("1.83.0", "2.20.0", "2.72.0", "3", "4")))
    plugins = draw(st.sampled_from(("[]", "[serverless-pseudo-parameters]")))
    lines = [f"service: bakery\nframeworkVersion: '{version}'\nplugins: {plugins}\nprovider:\n  name: aws"]
    lines += ["  region: eu-west-1\n  iamRoleStatements:"]
    for _ in range(draw(st.integers(1, 3))):
        actions = draw(st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=3, unique=True))
        effect = draw(st.sampled_from(("Allow", "Allow", "Allow", "Deny")))
        resource = draw(st.sampled_from(RESOURCES))
        listed = ", ".join(f"'{action}'" for action in actions)
        lines += [f"    - Effect: {effect}\n      Action: [{listed}]\n      Resource: {resource}"]
    lines += ["functions:"]
    for name in ("show", "drop", "bake"):
        handed = draw(st.lists(st.sampled_from((*TABLES, "Oven", "Photos")), max_size=2, unique=True))
        named = "".join(f"      {each.upper()}: !Ref {each}\n" for each in handed)
        lines += [
            f"  {name}:\n    handler: {name}.main\n    environment:\n      LEVEL: debug\n{named}".rstrip()
        ]
    lines += ["resources:\n  Resources:"]
    lines += [f"    {name}:\n      Type: AWS::DynamoDB::Table" for name in TABLES]
    lines += ["      Properties:\n        TableName: bakery-staff"]
    lines += ["    Oven: {Type: AWS::SQS::Queue}\n    Photos: {Type: AWS::S3::Bucket}"]
    return "\n".join(lines) + "\n"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(services())
def test_no_answer_to_a_service_widens(text: str) -> None:
    report = engine.check_text("serverless.yml", text, Options())
    assert not report.internal
    assert not report.errors
    stack = stack_of(text)
    role = stack.roles["IamRoleLambdaExecution"]
    denied = [long_form(each.node) for each in role.statements if each.effect == "Deny"]
    for finding in report.findings:
        answer = finding.suggestion
        if answer is None:
            continue
        if finding.rule == "sls-provider-role":
            assert answer.tier in ("weak", "none")
            assert widens(role, answer.statements, stack) == ""
            if answer.text:
                assert [each for each in answer.statements if each["Effect"] == "Deny"] == denied
        elif answer.replaces is not None:
            assert pasted(text, answer) == said(answer.statements, stack)


def test_the_proofs_refuse_what_is_not_so() -> None:
    text = textwrap.dedent(SHARED).format(
        actions="'execute-api:ManageConnections'", resource="'*'", event="websocket: send"
    )
    stack = stack_of(text)
    role = stack.roles["IamRoleLambdaExecution"]
    (own,) = role.statements
    assert loss(own, stack) == ""
    other = stack_of(text.replace("websocket: send", "httpApi: GET /"))
    assert loss(other.roles["IamRoleLambdaExecution"].statements[0], other) == (
        "execute-api:ManageConnections on arn:${AWS::Partition}:execute-api:*:*:*/*/*/@connections/* "
        "would be lost"
    )
    wide = {"Effect": "Allow", "Action": ["execute-api:Invoke"], "Resource": "*"}
    assert widens(role, [wide], stack).startswith("execute-api:Invoke is not among the original actions")
    bakery = stack_of(textwrap.dedent(BAKERY).format(version="3", plugins=""))
    assert (
        widens(bakery.roles["IamRoleLambdaExecution"], [], bakery) == "a Deny of the shared role is missing"
    )
