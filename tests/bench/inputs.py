"""Writes the templates that are measured: a folder and a size come in, files go out, every byte generated."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

PER_UNIT = 10  # resources in templates/unit.yaml
_TEMPLATES = Path(__file__).parent / "templates"
_NAMES = ("Create", "Read", "Change", "Cancel", "Report")
_SCOPED = {"ACTION": "[dynamodb:GetItem, dynamodb:PutItem]", "RESOURCE": "!GetAtt OrdersTable.Arn"}
_BROAD = {"ACTION": "s3:*", "RESOURCE": "'*'"}
STATEMENTS = 10  # of each role
CONDITIONS = 64
_VERBS = ("s3:GetObject", "s3:PutObject", "'s3:Put*'", "s3:DeleteObject", "'s3:Get*'")
_EDGE = """\
  Edge:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Version: '2012-10-17', Statement: {Effect: Allow, Action: 's3:*', Resource: '*'}}"""
EXTERNAL = """\
AWSTemplateFormatVersion: '2010-09-09'
Resources:
  Shared:
    Type: AWS::S3::Bucket
  SharedPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Shared
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: {AWS: '*'}
            Action: s3:GetObject
            Resource: !Sub '${Shared.Arn}/*'
            Condition:
              StringEquals: {aws:PrincipalOrgID: o-a1b2c3d4e5}
"""


def sam_text(broad: int) -> str:
    """A SAM template of five functions, ``broad`` of them with s3:* on every resource."""
    parts = [_template("sam_head.yaml")]
    for n, name in enumerate(_NAMES):
        words = {"NAME": name, "MODULE": name.lower()} | (_BROAD if n < broad else _SCOPED)
        parts.append(_template("sam_function.yaml", **words))
    return "".join(parts)


def sam_project(folder: Path, broad: int) -> Path:
    """Writes such a template with the source of its handlers; returns the template's path."""
    for name in _NAMES:
        _written(folder / "src" / f"{name.lower()}.py", _template("handler.py.txt"))
    return _written(folder / "template.yaml", sam_text(broad))


def many(folder: Path, count: int) -> Path:
    """Writes ``count`` SAM templates of five functions, in folders of ten; returns the folder."""
    text = sam_text(1)
    for n in range(count):
        _written(folder / f"team{n // 10:03d}" / f"service{n:04d}.yaml", text)
    return folder


def stack_text(units: int) -> str:
    """A CloudFormation template of ten resources a unit, in every fifth of them sqs:* on one queue."""
    parts = [_template("head.yaml")]
    for n in range(units):
        action = "'sqs:*'" if n % 5 == 0 else "sqs:SendMessage"
        parts.append(_template("unit.yaml", N=str(n), ACTION=action))
    return "".join(parts)


def megabyte(folder: Path) -> tuple[Path, Path]:
    """Writes large stacks, a million bytes of YAML and a million of JSON; returns both paths."""
    return (
        _written(folder / "large.yaml", stack_text(_units(stack_text, 1_000_000))),
        _written(folder / "large.json", _stack_json(_units(_stack_json, 1_000_000))),
    )


def long_form(text: str) -> dict[str, Any]:
    """The content of a template in YAML, every short tag as the function it stands for."""
    content: dict[str, Any] = yaml.load(text, _Loader)
    return content


def _stack_json(units: int) -> str:
    return json.dumps(long_form(stack_text(units)), indent=2)


def _units(write: Callable[[int], str], size: int) -> int:
    return size // (len(write(11)) - len(write(10)))


def resources(folder: Path, count: int) -> Path:
    """Writes a stack of ``count`` resources; returns its path."""
    return _written(folder / f"resources{count:05d}.yaml", stack_text(count // PER_UNIT))


def roles(folder: Path, count: int) -> Path:
    """Writes a stack of ``count`` roles with ten statements each, a Deny among them; returns its path."""
    parts = [_template("head.yaml")]
    for n in range(count):
        parts.append(_template("role.yaml", N=str(n), CONDITION="", BOUNDARY="!Ref AWS::NoValue"))
        parts += [_statement(n, number) for number in range(STATEMENTS)]
    return _written(folder / f"roles{count:05d}.yaml", "".join(parts))


def conditions(folder: Path, count: int) -> Path:
    """Writes a stack of ``count`` roles under 64 conditions, in Condition, Fn::If and permissions boundary;
    returns its path."""
    names = [f"Has{n}" for n in range(CONDITIONS)]
    lines = ["AWSTemplateFormatVersion: '2010-09-09'", "Parameters:"]
    lines += [
        f"  Feature{n}: {{Type: String, AllowedValues: [none, some, all]}}" for n in range(CONDITIONS // 2)
    ]
    lines += ["Conditions:"]
    for n, name in enumerate(names):
        half = n // 2
        other = f"{{Condition: {names[n - 1]}}}, {{Condition: {names[n - 2]}}}"
        test = f"!Equals [!Ref Feature{half}, some]" if n % 2 == 0 else f"!Or [{other}]"
        lines.append(f"  {name}: {test if n != 1 else '!Equals [!Ref Feature0, all]'}")
    lines += ["Resources:", _EDGE]
    for n in range(count):
        one, two, three = (names[(n + step) % CONDITIONS] for step in (0, 7, 21))
        bound = f"!If [{three}, !Ref Edge, !Ref AWS::NoValue]"
        lines.append(
            _template("role.yaml", N=str(n), CONDITION=f"    Condition: {one}\n", BOUNDARY=bound).rstrip()
        )
        branch = f"!If [{two}, s3:PutObject, 's3:Put*']"
        lines.append(_statement(n, 1).replace("s3:PutObject", branch).rstrip())
    return _written(folder / f"conditions{count:05d}.yaml", "\n".join(lines) + "\n")


def _statement(n: int, number: int) -> str:
    effect = "Deny" if number == STATEMENTS - 1 else "Allow"
    verb = _VERBS[number % len(_VERBS)]
    resource = f"arn:aws:s3:::bucket-{n}/{number}/*"
    return f"              - {{Effect: {effect}, Action: {verb}, Resource: '{resource}'}}\n"


def service(folder: Path, count: int) -> list[Path]:
    """Writes a service of the Serverless Framework whose functions, statements and resources stand in files
    of their own: a laundry with ``count`` functions, every other one behind a queue.

    Returns:
        The paths of all files, the configuration first.
    """
    functions: list[str] = []
    statements: list[str] = []
    resources = ["Resources:"]
    for n in range(count):
        event = f"sqs: !GetAtt Basket{n}.Arn" if n % 2 == 0 else f"httpApi: 'POST /wash/{n}'"
        functions.append(_template("service_function.yaml", N=str(n), EVENT=event))
        resources.append(_template("service_resources.yaml", N=str(n)).rstrip())
        if n % 5 == 0:
            statements.append(_template("service_statement.yaml", N=str(n)))
    return [
        _written(folder / "serverless.yml", _template("service.yaml")),
        _written(folder / "functions.yml", "".join(functions)),
        _written(folder / "statements.yml", "".join(statements)),
        _written(folder / "resources.yml", "\n".join(resources) + "\n"),
    ]


def external_principals(folder: Path) -> Path:
    """Writes a template whose bucket policy admits principals of other accounts under a condition."""
    return _written(folder / "external.yaml", EXTERNAL)


def _template(name: str, **words: str) -> str:
    text = (_TEMPLATES / name).read_text(encoding="utf-8")
    for word, value in words.items():
        text = text.replace(f"@{word}@", value)
    return text


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


class _Loader(yaml.SafeLoader):
    pass


def _function(loader: _Loader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        raise ValueError(f"!{suffix} over a mapping is not generated here")
    if suffix == "GetAtt":
        value = value.split(".")
    return {suffix if suffix == "Ref" else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _function)
