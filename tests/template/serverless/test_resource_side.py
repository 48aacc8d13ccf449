"""Resource policies of services: open URLs, shared layers, and the policy of the REST API."""

from __future__ import annotations

from pathlib import Path

import pytest

from scopedown.iam.policy import Statement
from scopedown.source.discovery import parse
from scopedown.source.reader import Reader, find_root
from scopedown.source.tree import Mapping
from scopedown.template import cloudformation
from scopedown.template.stack import Stack

from .plugged import TOP, stack_of, told


def short(statement: Statement) -> tuple[str, str, str, int]:
    """Owner, action, path and line."""
    actions = ",".join(each.text.display() for each in statement.actions)
    return statement.carrier.owner, actions, statement.path, statement.node.span.line


def conditions(stack: Stack) -> list[tuple[str, str, list[str]]]:
    """(operator, key, values) of all conditions."""
    return [
        (each.operator, each.key, [value.text.display() for value in each.values])
        for statement in stack.resource_policies
        for each in statement.conditions
    ]


@pytest.mark.parametrize("url", ["true", "{}", "{cors: true}", "{authorizer: none}"])
def test_a_url_is_open_to_everybody(url: str) -> None:
    stack = stack_of(f"functions:\n  order:\n    handler: index.order\n    url: {url}\n")
    assert [short(each) for each in stack.resource_policies] == [
        ("order", "lambda:InvokeFunctionUrl", "functions.order.url", 8)
    ]
    assert conditions(stack) == [("StringEquals", "lambda:FunctionUrlAuthType", ["NONE"])]
    assert [each.text.display() for each in stack.resource_policies[0].resources] == [
        "${OrderLambdaFunction}"
    ]


@pytest.mark.parametrize("url", ["{authorizer: aws_iam}", "false", "null"])
def test_a_url_that_is_closed_or_absent_opens_nothing(url: str) -> None:
    stack = stack_of(f"functions:\n  order:\n    handler: index.order\n    url: {url}\n")
    assert stack.resource_policies == []


def test_a_layer_is_shared_with_accounts_and_with_everybody() -> None:
    stack = stack_of("layers:\n  dough-mix:\n    path: mix\n    allowedAccounts: ['*', '111122223333']\n")
    path = "layers.dough-mix.allowedAccounts"
    assert [short(each) for each in stack.resource_policies] == [
        ("layers.dough-mix", "lambda:GetLayerVersion", f"{path}[0]", 8),
        ("layers.dough-mix", "lambda:GetLayerVersion", f"{path}[1]", 8),
    ]
    (everybody, account) = stack.resource_policies
    assert getattr(everybody.principals, "value", None) == "*"
    assert [each.text.display() for each in account.resources] == ["${DoughDashmixLambdaLayer}"]


POLICY = """\
  apiGateway:
    resourcePolicy:
      - Effect: Allow
        Principal: '*'
        Action: execute-api:Invoke
        Resource: execute-api:/*
        Condition: {IpAddress: {'aws:SourceIp': [203.0.113.0/24]}}
"""
API = "functions:\n  order: {handler: index.order, events: [{http: GET /orders}]}\n"


def test_the_policy_of_the_rest_api_is_the_authors() -> None:
    stack = stack_of(API, TOP + POLICY)
    path = "provider.apiGateway.resourcePolicy[0]"
    assert [short(each) for each in stack.resource_policies] == [("provider", "execute-api:Invoke", path, 7)]
    assert conditions(stack) == [("IpAddress", "aws:SourceIp", ["203.0.113.0/24"])]


def test_the_older_key_counts_where_the_newer_is_missing() -> None:
    old = "  resourcePolicy: [{Effect: Deny, Principal: '*', Action: 'execute-api:*', Resource: '*'}]\n"
    stack = stack_of(API, TOP + old)
    assert [short(each)[2] for each in stack.resource_policies] == ["provider.resourcePolicy[0]"]
    both = stack_of(API, TOP + old + POLICY)
    assert [short(each)[2] for each in both.resource_policies] == ["provider.apiGateway.resourcePolicy[0]"]


def test_there_is_no_policy_without_a_rest_api() -> None:
    assert stack_of("functions: {order: {handler: index.order}}\n", TOP + POLICY).resource_policies == []


def test_a_policy_that_is_no_list_is_told() -> None:
    stack = stack_of(API, TOP + "  apiGateway: {resourcePolicy: open}\n")
    assert stack.resource_policies == []
    assert told(stack) == [("resource policy", "it is no list that is known here", 5)]


def test_version_2_has_no_urls() -> None:
    top = TOP.replace("'3'", "'2'")
    assert stack_of("functions: {order: {handler: a.b, url: true}}\n", top).resource_policies == []


@pytest.mark.parametrize(("package", "actions"), [("serverless", 1), ("osls", 2)])
def test_osls_adds_a_second_permission(package: str, actions: int, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text(f'{{"devDependencies": {{"{package}": "3.40.0"}}}}', "utf-8")
    path = tmp_path / "serverless.yml"
    path.write_text(
        "service: bakery\nprovider: {name: aws}\nfunctions: {order: {handler: a.b, url: true}}\n", "utf-8"
    )
    reader = Reader(find_root(str(path)))
    document = reader.read(str(path))
    root = parse(document)
    assert isinstance(root, Mapping)
    stack = cloudformation.read(document, root, "serverless", reader=reader)
    both = ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]
    assert [short(each)[1] for each in stack.resource_policies] == both[:actions]
