"""Compares what the SAM reader says of a template with what is said of its translation by AWS SAM itself.

The translator (a test dependency) turns a SAM template into CloudFormation without a network; both are read
and the statements of every role of every function must be the same.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any

from scopedown.source.discovery import Template, from_text
from scopedown.source.tree import Mapping, Node, Scalar, Sequence
from scopedown.template import cloudformation
from scopedown.template.stack import Function, Role, Stack
from scopedown.values.guard import Guard

_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?$")
_WORDS: dict[str, Any] = {
    "true": True,
    "false": False,
    "null": None,
    "~": None,
    "": None,
    "yes": True,
    "no": False,
}
# What packaging would upload: the translator accepts no path of the author's machine.
_LOCAL = ("CodeUri", "ContentUri", "DefinitionUri", "SchemaUri", "Location", "CodeArtifact")
_IMAGE = "111122223333.dkr.ecr.us-east-1.amazonaws.com/image:1"

Signature = tuple[Any, ...]


class Refused(Exception):
    """The translator does not translate a template; the message says why."""


class _NoPolicies:
    """No list of managed policies is downloaded; the translator's own has their names."""

    def load(self) -> dict[str, str]:
        """No further names."""
        return {}


def plain(node: Node) -> Any:
    """A located tree as the values that the translator works on: dates stay text."""
    if isinstance(node, Mapping):
        if len(node.entries) == 1 and node.entries[0][0].value == "Fn::GetAtt":
            argument = plain(node.entries[0][1])
            return {"Fn::GetAtt": argument.split(".", 1) if isinstance(argument, str) else argument}
        return {key.value: plain(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    assert isinstance(node, Scalar)
    if node.style:
        return node.value
    if node.value.lower() in _WORDS:
        return _WORDS[node.value.lower()]
    if _NUMBER.match(node.value):
        return float(node.value) if "." in node.value else int(node.value)
    return node.value


def packaged(template: dict[str, Any]) -> dict[str, Any]:
    """The template as packaging makes it: places in a bucket where the author has paths."""
    sections = template.get("Globals") or {}
    blocks = [block for block in sections.values() if isinstance(block, dict)]
    for resource in (template.get("Resources") or {}).values():
        properties = resource.get("Properties") if isinstance(resource, dict) else None
        if not isinstance(properties, dict) or not str(resource.get("Type")).startswith("AWS::Serverless::"):
            continue
        blocks.append(properties)
        kind = properties.get("PackageType") or (sections.get("Function") or {}).get("PackageType")
        if resource["Type"] == "AWS::Serverless::Function":
            known = set(properties | (sections.get("Function") or {}))
            if kind == "Image":
                properties["ImageUri"] = _IMAGE
                continue
            if not {"CodeUri", "InlineCode"} & known:
                properties["CodeUri"] = "s3://bucket/key"
            # Fragments that a build joins have them in another file; permissions do not depend on them.
            for name, value in (("Runtime", "python3.13"), ("Handler", "app.handler")):
                if name not in known:
                    properties[name] = value
    for block in blocks:
        for name in _LOCAL:
            if isinstance(block.get(name), str) and not block[name].startswith(("s3://", "https://")):
                block[name] = (
                    "https://bucket.s3.amazonaws.com/key" if name == "Location" else "s3://bucket/key"
                )
    return template


def translate(template: Template) -> Stack:
    """The stack of a SAM template's translation.

    Raises:
        Refused: the translator does not accept the template, or needs a network for it.
    """
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    logging.getLogger("samtranslator").setLevel(logging.CRITICAL)
    text = plain(template.root)
    for resource in (text.get("Resources") or {}).values():
        place = (resource.get("Properties") or {}).get("Location") if isinstance(resource, dict) else None
        if isinstance(place, dict) and "ApplicationId" in place:
            raise Refused("an application of the public repository needs a network")
    from samtranslator.model.exceptions import InvalidDocumentException
    from samtranslator.translator.transform import transform

    try:
        made = transform(packaged(text), {}, _NoPolicies())
    except InvalidDocumentException as error:
        raise Refused("; ".join(sorted(cause.message for cause in error.causes))) from error
    except Exception as error:
        raise Refused(f"{type(error).__name__}: {error}") from error
    (found,) = from_text(f"{template.path}.json", json.dumps(made, indent=1)).templates()
    return cloudformation.read(found.document, found.root, "cloudformation")


# -- what is compared ------------------------------------------------------------------------------------


def _guard(guard: Guard) -> Any:
    return "overflow" if guard.overflow else frozenset(guard.terms)


def _texts(elements: Any, fold: bool = False) -> Any:
    if elements is None:
        return None
    shown = [(element.text.display(), _guard(element.guard)) for element in elements]
    return frozenset((text.lower() if fold else text, guard) for text, guard in shown)


def of_role(role: Role) -> dict[Signature, str]:
    """Every statement of a role as a comparable value, with a word on its carrier."""
    found: dict[Signature, str] = {}
    for each in role.brought:
        if not each.visible:
            name = each.carrier.arn.display() if each.carrier.arn is not None else each.carrier.name
            found[("unseen", name, _guard(each.carrier.guard))] = each.carrier.kind
        for statement in each.statements:
            signature = (
                statement.effect,
                _texts([*statement.actions, *statement.denied], True),
                _texts(statement.not_actions, True),
                _texts(statement.resources),
                _texts(statement.not_resources),
                frozenset((c.operator, c.key, _texts(c.values)) for c in statement.conditions),
                _guard(statement.guard),
            )
            found[signature] = f"{each.carrier.kind} {each.carrier.name}".strip()
    return found


def of_function(function: Function) -> dict[Signature, str]:
    """Everything that a function may do, with the roles that let it."""
    found = {}
    for role, guard, _ in function.roles:
        found[("role", role.key, _guard(guard))] = "role"
        for signature, carrier in of_role(role).items():
            found[(role.key, *signature)] = carrier
    return found


def differences(ours: dict[Signature, str], theirs: dict[Signature, str]) -> list[str]:
    """One line for each statement that only one side has."""
    only = [("only in SAM", key, ours[key]) for key in ours.keys() - theirs.keys()]
    only += [("only in the translation", key, theirs[key]) for key in theirs.keys() - ours.keys()]
    return sorted(f"{where}: {carrier}: {_shown(key)}" for where, key, carrier in only)


def _shown(signature: Any) -> str:
    if isinstance(signature, frozenset | tuple):
        parts = (
            sorted(_shown(part) for part in signature)
            if isinstance(signature, frozenset)
            else [_shown(part) for part in signature]
        )
        return "(" + ", ".join(part for part in parts if part != "(())") + ")"
    return str(signature)


class Comparison:
    """What was compared: counts, refusals with their reasons, and differences with their places."""

    def __init__(self) -> None:
        self.functions = self.equal = self.roles = self.equal_roles = 0
        self.templates = 0
        self.refused: list[tuple[str, str]] = []
        self.differences: list[tuple[str, str, list[str]]] = []
        self.role_differences: list[tuple[str, str, list[str]]] = []

    def template(self, template: Template) -> None:
        """Compares one SAM template with its translation."""
        sam = cloudformation.read(template.document, template.root, "sam")
        try:
            made = translate(template)
        except Refused as refusal:
            self.refused.append((template.path, str(refusal)))
            return
        self.templates += 1
        theirs = {function.id: function for function in made.functions}
        for function in sam.functions:
            self.functions += 1
            other = theirs.get(function.id)
            lines = ["not in the translation"]
            if other is not None:
                lines = differences(of_function(function), of_function(other))
            if lines:
                self.differences.append((template.path, function.id, lines))
            else:
                self.equal += 1
        self._roles(template.path, sam, made)

    def _roles(self, path: str, sam: Stack, made: Stack) -> None:
        """The roles besides: of schedules, state machines, deployments."""
        ours = {key: role for key, role in sam.all_roles.items() if not role.external}
        theirs = {key: role for key, role in made.all_roles.items() if not role.external}
        for key in sorted(ours.keys() | theirs.keys()):
            self.roles += 1
            one, other = (
                of_role(side[key]) if key in side else {("no role", key): ""} for side in (ours, theirs)
            )
            lines = differences(one, other)
            if lines:
                self.role_differences.append((path, key, lines))
            else:
                self.equal_roles += 1


# -- a corpus ----------------------------------------------------------------------------------------------


def templates(folder: Path) -> list[Template]:
    """The SAM templates that a corpus's index names."""
    found = []
    for row in (folder / "index.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(row)
        path = folder / entry["repo"].replace("/", "+") / entry["path"]
        if entry["kind"] in ("sam", "cloudformation", "cfn") and path.is_file():
            read = from_text(str(path.relative_to(folder)), path.read_bytes())
            found += [
                template for template in read.templates() if template.dialect in ("sam", "cloudformation")
            ]
    return found


def resolution(stacks: list[Stack]) -> list[str]:
    """How many statements are fully resolved, and the commonest reasons for those that are not."""
    total = resolved = 0
    reasons: Counter[str] = Counter()
    for stack in stacks:
        for statement in stack.statements:
            total += 1
            holes = {
                _reason(hole.kind, hole.identity, hole.values)
                for element in (*statement.actions, *statement.resources)
                for hole in element.text.holes
            } - {""}
            reasons.update(holes)
            resolved += not holes
        reasons.update(f"{note.what.partition(' ')[0]}: {note.reason}" for note in stack.notes)
    share = resolved / total if total else 1
    lines = [f"{total} statements, {resolved} fully resolved ({share:.1%})"]
    return lines + [f"  {count:6d} {reason}" for reason, count in reasons.most_common(10)]


def _reason(kind: str, identity: str, values: tuple[str, ...]) -> str:
    if kind == "parameter":
        return "" if values else "a parameter without a default"
    if kind != "unknown":
        return ""
    function = re.match(r"\{(Fn::[A-Za-z:]+|Ref)", identity)
    return function.group(1).strip(":") if function else "a name that the template does not define"


def run(folder: Path, misses: bool) -> bool:
    """Compares a whole corpus and prints the counts; True where nothing differs."""
    comparison = Comparison()
    found = templates(folder)
    stacks = [cloudformation.read(t.document, t.root, t.dialect) for t in found]
    for template in found:
        if template.dialect == "sam":
            comparison.template(template)
    reasons = Counter(_class(reason) for _, reason in comparison.refused)
    print(
        f"{comparison.templates} SAM templates translated, {len(comparison.refused)} refused\n"
        f"{comparison.functions} functions: {comparison.equal} equal, {len(comparison.differences)} differ\n"
        f"{comparison.roles} roles: {comparison.equal_roles} equal, {len(comparison.role_differences)} differ"
    )
    print("refused:")
    print("\n".join(f"  {count:6d} {reason}" for reason, count in reasons.most_common(3)))
    print("\n".join(resolution(stacks)))
    if misses:
        for path, id, lines in (*comparison.differences, *comparison.role_differences):
            print(f"{path} {id}\n  " + "\n  ".join(lines))
        print("\n".join(f"REFUSED {path}: {reason}" for path, reason in comparison.refused))
    return not comparison.differences and not comparison.role_differences


def _class(reason: str) -> str:
    """A refusal without the names in it."""
    first = reason.partition(";")[0]
    return re.sub(r"'[^']*'|\[[^\]]*\]|\{[^}]*\}", "…", first)[:110]
