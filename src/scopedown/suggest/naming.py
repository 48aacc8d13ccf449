"""One line for the reader: what to name in place of a wildcard, where the template cannot say it."""

from __future__ import annotations

import re

from ..iam.arn import fields_of
from ..iam.pattern import covers
from ..source.tree import Mapping, Scalar
from ..values.text import Text, Wildcard
from .arns import text_of
from .placeholders import generated, main_types, noun, split, type_arn, with_placeholder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..catalog import Action
    from ..iam.breadth import ActionFact
    from ..template.stack import Stack
    from .wiring import Wiring

_CAPITALS = re.compile(r"[A-Z]{2,}(?:_[A-Z]+)*(?![A-Za-z:])")
# More ARNs than this are no longer one line.
_MANY = 3
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


def advice(wiring: Wiring, wildcards: list[ActionFact], unnamed: dict[str, Action]) -> list[str]:
    """What to name, in words.

    Args:
        wiring: the statement.
        wildcards: its action patterns that only the reader can replace.
        unnamed: the actions whose resource only the reader knows.
    """
    lines = [_actions(wiring, wildcards)] if wildcards else []
    asked: dict[str, list[str]] = {}
    late: dict[str, str] = {}
    for action in unnamed.values():
        name = ""
        types = list(main_types(action))
        for type, template in types:
            text = _placed(wiring, with_placeholder(template, type))
            if not _possible(wiring, text):
                continue
            if not generated(action, template, type):
                # The catalog has no name to fill in: it stands beside the database that it is needed for.
                name = noun(template, type) or name
                texts = asked.setdefault(name, [])
                if text not in texts:
                    texts.append(text)
            elif len(types) == 1 and (anyone := type_arn(action)) is not None:
                late[type.replace("-", " ")] = _placed(wiring, ":".join(anyone))
    lines += _resources(wiring, asked)
    for name, text in list(late.items())[:_MANY]:
        if not asked and not wildcards and not _stands(wiring, text):
            lines.append(f"each {name} gets its id at run time; at least write {text}")
    return lines


def _actions(wiring: Wiring, wildcards: list[ActionFact]) -> str:
    shown = [fact.element.text.display() for fact in wildcards]
    if shown == ["*"]:
        if not wiring.linking.wide:
            return "name the actions it needs"
        handed = ", ".join(dict.fromkeys(link.resource.id for link in wiring.linking.links))
        return "name the actions and resources it needs" + (f"; it is handed {handed}" if handed else "")
    if len(shown) > 1:
        return f"name the actions it needs of {', '.join(shown[:-1])} and {shown[-1]}"
    (fact,) = wildcards
    few = " and ".join(_telling(fact.expands))
    if not few:
        return f"name the actions it needs instead of {shown[0]}"
    return f"name the actions it needs; {shown[0]} matches {len(fact.expands)}, also {few}"


def _telling(actions: list[Action]) -> list[str]:
    """Two actions that show how far a wildcard reaches: one that changes permissions, one that deletes.

    Of several the one with the shortest name, which is the one that people know.
    """
    permissions = [each.full for each in actions if each.level == "Permissions management"]
    deletions = [each.full for each in actions if each.name.startswith("Delete")]
    found = [min(names, key=len) for names in (permissions, deletions) if names]
    return list(dict.fromkeys(found))


def _resources(wiring: Wiring, asked: dict[str, list[str]]) -> list[str]:
    texts = [text for found in asked.values() for text in found]
    if not texts:
        return []
    if len(texts) > _MANY or len(asked) > _MANY:
        names = list(asked)
        listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        return [f"name the {listed}"] if len(names) <= 2 * _MANY else []
    return [f"name the {name}: {_said(wiring.stack, found)}" for name, found in asked.items()]


def _said(stack: Stack, texts: list[str]) -> str:
    """ARNs to fill in, with the parameter that may hold one."""
    said = " and ".join(texts)
    service = split(texts[0])[2]
    for name, value in _defaults(stack):
        if value.startswith("arn:") and value.split(":")[2:3] == [service]:
            return f"{said} (parameter {name} holds an ARN)"
    return said + (", unless it sends text messages, which need *" if service == "sns" else "")


def filled(wiring: Wiring, action: Action) -> list[tuple[str, str]]:
    """The ARNs that an action needs, each with the capitals in it that the reader replaces."""
    found = []
    for type, template in main_types(action):
        text = _placed(wiring, with_placeholder(template, type))
        if generated(action, template, type):
            return []
        if _possible(wiring, text):
            capitals = _CAPITALS.findall(text)
            found.append((text, capitals[-1] if capitals else ""))
    return found if any(name for _, name in found) else []


def _possible(wiring: Wiring, arn: str) -> bool:
    """Whether some old resource may cover an ARN; ``table/*`` covers no database."""
    inner = text_of(arn, wiring.stack.resolver)
    return any(covers(element.text, inner) is not False for element in wiring.linking.wide)


def _placed(wiring: Wiring, arn: str) -> str:
    """An ARN with the partition, region and account of the old resource, where that says them.

    Where it leaves region and account open and a parameter of the template names a region or an ARN of the
    service, they stay open for the reader too.
    """
    fields = split(arn)
    for element in wiring.linking.wide:
        old = fields_of(element.text)
        if old is not None and old[2] == [fields[2]]:
            for at in (1, 3, 4):
                if fields[at] and old[at] and not any(isinstance(part, Wildcard) for part in old[at]):
                    fields[at] = Text(tuple(old[at])).display()
    elsewhere = _elsewhere(wiring.stack, fields[2])
    for at, own, word in ((3, "${AWS::Region}", "REGION"), (4, "${AWS::AccountId}", "ACCOUNT_ID")):
        if word in elsewhere and fields[at] == own and not _says(wiring, own):
            fields[at] = word
    return ":".join(fields)


def _says(wiring: Wiring, name: str) -> bool:
    """Whether an old resource names the own region or account itself."""
    return any(name in element.text.display() for element in wiring.linking.wide)


def _elsewhere(stack: Stack, service: str) -> tuple[str, ...]:
    """What may differ from the stack's own: a parameter's default is a region, or an ARN of the service."""
    found: tuple[str, ...] = ()
    for _, value in _defaults(stack):
        if value.startswith("arn:") and value.split(":")[2:3] == [service]:
            return "REGION", "ACCOUNT_ID"
        if _REGION.fullmatch(value):
            found = ("REGION",)
    return found


def _defaults(stack: Stack) -> Iterable[tuple[str, str]]:
    """The parameters that have a plain default."""
    parameters = stack.root.get("Parameters")
    for name, parameter in parameters.entries if isinstance(parameters, Mapping) else ():
        default = parameter.get("Default") if isinstance(parameter, Mapping) else None
        if isinstance(default, Scalar):
            yield name.value, default.value


def _stands(wiring: Wiring, arn: str) -> bool:
    """Whether an old resource is that narrow already."""
    shown = arn.replace("${AWS::Partition}", "aws")
    return any(
        element.text.display().replace("${AWS::Partition}", "aws") == shown for element in wiring.linking.wide
    )
