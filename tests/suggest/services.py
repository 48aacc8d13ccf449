"""Services as files, what a run over them answers, and two of them that several tests use."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

from scopedown import engine
from scopedown.config import Options
from scopedown.rulebook.finding import Finding
from scopedown.suggest.suggestion import Suggestion

Read = Callable[..., "Service"]

SHARED = """
    service: chat
    frameworkVersion: '3'
    provider:
      name: aws
      iamRoleStatements:
        - Effect: Allow
          Action: [{actions}]
          Resource: {resource}
    functions:
      send:
        handler: rooms.send
        events:
          - {event}
      list: {{handler: rooms.list}}
"""
BAKERY = """
    service: bakery
    frameworkVersion: '{version}'
    {plugins}
    provider:
      name: aws
      region: eu-west-1
      tracing:
        lambda: true
      iam:
        role:
          statements:
            - Sid: Orders
              Effect: Allow
              Action:
                - dynamodb:GetItem
                - dynamodb:PutItem
              Resource: !GetAtt OrdersTable.Arn
            - Effect: Allow
              Action: dynamodb:*
              Resource: arn:aws:dynamodb:${{self:provider.region}}:*:table/${{self:custom.menu}}
            - Effect: Allow
              Action:
                - sqs:SendMessage
                - ses:SendEmail
              Resource: '*'
            - Effect: Deny
              Action: s3:DeleteBucket
              Resource: '*'
    functions:
      order:
        handler: orders.add
        environment:
          ORDERS: !Ref OrdersTable
          OVEN: !Ref OvenQueue
        events:
          - websocket: $default
      menu:
        handler: menu.show
        environment:
          MENU: ${{self:custom.menu}}
      bake:
        handler: oven.bake
        events:
          - sqs:
              arn: !GetAtt OvenQueue.Arn
    custom:
      menu: ${{self:service}}-${{sls:stage}}-menu
    resources:
      Resources:
        OrdersTable:
          Type: AWS::DynamoDB::Table
        OvenQueue:
          Type: AWS::SQS::Queue
"""


class Service:
    """Files of one or several services, and what a run over them finds."""

    def __init__(self, folder: Path, files: dict[str, str]) -> None:
        self.folder = folder
        for name, text in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        options = Options()
        options.paths = [str(folder)]
        options.format = "json"  # text tells, and so works out, one role of many only
        self.report = engine.check(options)
        assert not self.report.internal
        assert not self.report.errors, [str(error) for error in self.report.errors]

    def findings(self, rule: str = "") -> Iterator[Finding]:
        """The findings that have an answer, of one rule or of all but those on roles."""
        for finding in self.report.findings:
            wanted = finding.rule == rule if rule else finding.rule != "sls-provider-role"
            if wanted and finding.suggestion is not None:
                yield finding

    def answers(self, rule: str = "") -> list[Suggestion]:
        """Their answers, each once."""
        found = {id(each.suggestion): each.suggestion for each in self.findings(rule)}
        return [each for each in found.values() if each is not None]

    def texts(self, rule: str = "") -> list[str]:
        return [textwrap.dedent(answer.text) for answer in self.answers(rule)]


def shown(text: str) -> str:
    return textwrap.dedent(text).strip("\n")
