"""Broken services: a text and a source of chance come in, the text with one or several faults goes out."""

from __future__ import annotations

import json
import random
import re
from typing import Any

from scopedown.source.discovery import parse
from scopedown.source.tree import Document, InputError, Mapping, Node, Scalar, Sequence

# What stands where something else should: in flow style, so that it fits anywhere in YAML, JSON and code.
VALUES = (
    'null 0 1 -1 1.5 true false [] {} [[]] [null] [0] [{}] \'\' \'*\' \'x\' "${" "${}" "${:}" "${file("'
    ' "${self:}" "${self:custom}" "${self:provider}" "${self:functions}" "${self:resources}"'
    ' "${opt:x}" "${opt:x,\'y\'}" "${env:X}a" "${param:x}" "${file(serverless.yml)}"'
    ' "${file(none.yml):a.b,null}" "${ssm:/a}" "${sls:stage}" "${strToBool(1)}" "${git:sha1}"'
    ' "${file(./${self:custom.x}.yml)}" "#{AWS::AccountId}" "${AWS::Region}" "${aws:username}"'
    ' {"Ref":"X"} {"Ref":null} {"Ref":[]} {"Ref":{}} {"Fn::GetAtt":["X","Arn"]} {"Fn::GetAtt":[]}'
    ' {"Fn::GetAtt":null} {"Fn::GetAtt":"X"} {"Fn::Sub":"${X}"} {"Fn::Sub":[]} {"Fn::Sub":["${A}",{"A":{}}]}'
    ' {"Fn::Join":["",[]]} {"Fn::Join":[]} {"Fn::Join":["",{"Ref":"X"}]} {"Fn::If":["C",{},[]]} {"Fn::If":[]}'
    ' {"Fn::If":["C",{"Ref":"AWS::NoValue"},"x"]} {"Ref":"AWS::NoValue"} {"Fn::ImportValue":{}}'
    ' {"Fn::Select":[0,[]]} {"Fn::Split":[1,2]} {"Fn::FindInMap":["A","B"]} {"Fn::Variable":"x"} {"Fn::No":1}'
    ' {"Fn::ForEach::A":["B",[],{}]} {"Fn::Transform":{"Name":"AWS::Include"}} {"x":{"y":[1,{"z":null}]}}'
    ' [{"Effect":"Allow","Action":"*","Resource":"*"}] {"Effect":"Allow","Action":"*","Resource":"*"}'
    ' {"Effect":null,"Action":null,"Resource":null} 012345678901 2012-10-17 yes "\\u0000" "\\ud800" "\\u202e"'
    ' {"statements":0} {"role":{"statements":[0]}} {"Type":1} {"Type":"AWS::IAM::Role","Properties":[]}'
    ' {"Resources":{"R":null}} {"":""} {"...":1} "arn:" "arn:aws:sqs:::" "arn:aws:kinesis:a:b:stream/x"'
).split()
_TOKENS = re.compile(r"[\w.:/*-]+|\$\{|[{}\[\],:'\"!&|>#-]")
_CHARS = "\n \t{}[]:,-'\"!&*|>#$%@`~\\?\0\u00e9\u2028\U0001f600ax0=();/"


def nodes(root: Node | None) -> list[Node]:
    """Every value of a tree but the root; keys are not among them."""
    found: list[Node] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        children = node.items if isinstance(node, Sequence) else []
        children = [value for _, value in node.entries] if isinstance(node, Mapping) else children
        found += children
        waiting += children
    return found


def plain(node: Node) -> Any:
    """A value as JSON data; plain scalars that JSON knows keep their type."""
    if isinstance(node, Mapping):
        return {key.value: plain(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    assert isinstance(node, Scalar)
    if node.style == "" and node.value in ("true", "false", "null", "", "~"):
        return {"true": True, "false": False}.get(node.value)
    if node.style == "" and re.fullmatch(r"-?(0|[1-9]\d{0,8})", node.value):
        return int(node.value)
    return node.value


class Mutator:
    """Makes broken forms of one text.

    Args:
        name: the file's name, which tells its format.
        text: the text.
    """

    def __init__(self, name: str, text: str) -> None:
        self.text = text
        try:
            document = Document(name, text, "json" if text.lstrip()[:1] in ("{", "[") else "yaml")
            self.nodes = [node for node in nodes(parse(document)) if node.document is document]
        except InputError:
            self.nodes = []
        self.lines = text.splitlines(keepends=True)
        self.tokens = [match.span() for match in _TOKENS.finditer(text)]

    def mutated(self, chance: random.Random) -> str:
        """One broken text."""
        ways = (self._subtree, self._subtree, self._subtree, self._swap, self._line, self._token, self._bytes)
        way = chance.choice(ways if self.nodes else ways[4:])
        return way(chance)

    def _subtree(self, chance: random.Random) -> str:
        """Wrong types at one to three settings."""
        text = self.text
        chosen = sorted(
            chance.sample(self.nodes, min(len(self.nodes), chance.choice((1, 1, 1, 2, 3)))), key=_end
        )
        for node in reversed(chosen):
            if node.end <= len(text):
                text = text[: node.start] + chance.choice(VALUES) + text[node.end :]
        return text

    def _swap(self, chance: random.Random) -> str:
        """One value in the place of another."""
        at, other = chance.choice(self.nodes), chance.choice(self.nodes)
        value = json.dumps(plain(other))
        return self.text[: at.start] + value + self.text[at.end :]

    def _line(self, chance: random.Random) -> str:
        lines = list(self.lines)
        at = chance.randrange(len(lines))
        way = chance.randrange(5)
        if way == 0:
            del lines[at]
        elif way == 1:
            lines.insert(at, chance.choice(lines))
        elif way == 2:
            lines[at] = "  " + lines[at]
        elif way == 3:
            lines[at] = lines[at].removeprefix("  ")
        else:
            to = min(len(lines), at + chance.randrange(1, 8))
            cut = lines[at:to]
            del lines[at:to]
            where = chance.randrange(len(lines) + 1)
            lines[where:where] = cut
        return "".join(lines)

    def _token(self, chance: random.Random) -> str:
        start, end = chance.choice(self.tokens)
        one, two = chance.choice(self.tokens)
        new = chance.choice((self.text[one:two], chance.choice(VALUES), ""))
        return self.text[:start] + new + self.text[end:]

    def _bytes(self, chance: random.Random) -> str:
        text = self.text
        for _ in range(chance.choice((1, 1, 2, 5))):
            at = chance.randrange(len(text) + 1)
            text = text[:at] + chance.choice(("", chance.choice(_CHARS))) + text[at + chance.randrange(3) :]
        return text


def _end(node: Node) -> int:
    return node.start
