"""Grants in words: statements, conditions and carriers come in; phrases that a reviewer reads go out."""

from __future__ import annotations

from .. import catalog
from ..iam.breadth import action_breadth
from ..iam.slots import Narrowed
from ..template.serverless.naming import CUSTOM_RESOURCES_ROLE
from ..values.text import Hole, Text
from .escape import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..catalog import Action
    from ..iam.policy import Carrier, Condition
    from ..source.tree import Span
    from ..template.people import Person
    from ..template.serverless.packaged import MadeRole
    from ..template.stack import Function, Stack
    from ..values.guard import Guard
    from ..values.text import Element

# The order in which access is told: what does most harm first.
LEVELS = ("Permissions management", "Write", "Tagging", "Read", "List")
# What an operator says between key and values, and its negation's joiner.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
_OPERATORS = {
    "stringequals": "is",
    "stringnotequals": "is not",
    "stringequalsignorecase": "is, in any case,",
    "stringnotequalsignorecase": "is not, in any case,",
    "stringlike": "is",
    "stringnotlike": "is not",
    "arnequals": "is",
    "arnlike": "is",
    "arnnotequals": "is not",
    "arnnotlike": "is not",
    "numericequals": "is",
    "numericnotequals": "is not",
    "numericlessthan": "is less than",
    "numericlessthanequals": "is at most",
    "numericgreaterthan": "is more than",
    "numericgreaterthanequals": "is at least",
    "dateequals": "is",
    "datenotequals": "is not",
    "datelessthan": "is before",
    "datelessthanequals": "is at or before",
    "dategreaterthan": "is after",
    "dategreaterthanequals": "is at or after",
    "bool": "is",
    "binaryequals": "is",
    "ipaddress": "is in",
    "notipaddress": "is not in",
}
_LITERAL = ("stringequals", "stringnotequals")  # a * in their values is just a character
_SETS = {"forallvalues": "every value of {}", "foranyvalue": "some value of {}"}
_MANY = 6
_CARRIERS = {
    "inline": "inline policy of {owner}",
    "policy": "policy {owner}",
    "role-policy": "role policy {owner}",
    "managed-policy": "managed policy {owner}",
    "sam-inline": "inline policy of {owner}",
    "sam-template": "SAM policy template {name}",
    "managed-arn": "AWS managed policy {name}",
    "resource-policy": "resource policy {owner}",
}


def by_level(actions: list[Action]) -> dict[str, list[str]]:
    """Full names of actions under their access levels, gravest level first; empty levels are left out."""
    levels: dict[str, list[str]] = {level: [] for level in LEVELS}
    for action in actions:
        levels[action.level].append(action.full)
    return {level: names for level, names in levels.items() if names}


def counted(actions: list[Action]) -> str:
    """How many actions of each level: "2 write, 3 read"."""
    return ", ".join(f"{len(names):,} {level.lower()}" for level, names in by_level(actions).items())


def services(actions: list[Action]) -> str:
    """The same for each service: "s3: 2 write, 3 read; sqs: 1 write"."""
    groups: dict[str, list[Action]] = {}
    for action in actions:
        groups.setdefault(action.service, []).append(action)
    if len(groups) == len(catalog.services()):
        return f"every service: {counted(actions)}"
    if len(groups) > _MANY:
        return f"{len(groups)} services: {counted(actions)}"
    return "; ".join(f"{service}: {counted(members)}" for service, members in groups.items())


def pattern(element: Element, matched: list[Action]) -> str:
    """An action as the author wrote it, with what it stands for where it is not one action's name.

    Args:
        element: the action.
        matched: the known actions that it matches and that can take effect.
    """
    shown = text(element.text)
    breadth, _ = action_breadth(element.text)
    notes = []
    if breadth == "unresolved":
        notes.append("unresolved")
    elif breadth == "literal":
        if not matched:
            notes.append(_idle(shown))
    else:
        notes.append(
            f"{len(matched):,} action{'' if len(matched) == 1 else 's'}" if matched else _idle(shown)
        )
    if element.via and not isinstance(element, Narrowed):
        notes.append(escape(element.via))
    return f"{shown} ({', '.join(notes)})" if notes else shown


def _idle(shown: str) -> str:
    """Why an action or pattern reaches nothing."""
    if catalog.count(shown):
        return "no effect on this resource"
    return "withdrawn by AWS" if catalog.retired(shown) else "not a known action"


def resource(element: Element, statement: Guard) -> str:
    """A resource as the author wrote it, with its guard where that is narrower than the statement's."""
    told = text(element.origin)
    if isinstance(element, Narrowed):
        told = text(element.text)
    elif element.via:
        value = f" = {text(element.text)}" if element.origin != element.text else ""
        told += f"{value} ({escape(element.via)})"
    elif element.text.literal == "*":
        told = "* (every resource)"
    if not statement.implies(element.guard):
        told += f" (when {escape(element.guard.display())})"
    return told


def text(value: Text) -> str:
    """A text as it would stand in Fn::Sub; what cannot stand there is shown as ⟨what it is⟩."""
    if all(hole.display is not None for hole in value.holes):
        return escape(value.display())
    shown = []
    for part in value.parts:
        if isinstance(part, Hole) and part.display is None:
            shown.append(f"⟨{part.identity}⟩")
        else:
            shown.append(Text((part,)).display())
    return escape("".join(shown))


def condition(found: Condition) -> str:
    """A condition as a phrase after "if": "s3:prefix is reports/*"."""
    word = found.operator.lower()
    subject = escape(found.key)
    quantifier, colon, rest = word.partition(":")
    empty = ""
    if colon and quantifier in _SETS:
        word = rest
        subject = _SETS[quantifier].format(subject)
        empty = " (or there is none)" if quantifier == "forallvalues" else ""
    optional = word.endswith("ifexists")
    if optional:
        word = word.removesuffix("ifexists")
        empty = " (or is absent)"
    values = [text(value.text) for value in found.values]
    if word == "null":
        absent = {"true": "is absent", "false": "is present"}
        return f"{subject} {absent.get(values[0].lower() if len(values) == 1 else '', 'may be absent')}"
    verb = _OPERATORS.get(word)
    if verb is None:
        return f"{escape(found.operator)} {subject} {', '.join(values)}"
    if word in _LITERAL:
        values = [f'literally "{value}"' if "*" in value or "?" in value else value for value in values]
    return f"{subject} {verb} {_joined(values, ' not' in verb)}{empty}"


def _joined(values: list[str], negated: bool) -> str:
    shown = values[:_MANY] + ([f"{len(values) - _MANY} more"] if len(values) > _MANY else [])
    return (" and not " if negated else " or ").join(value or '""' for value in shown) or "(no value)"


def carrier(found: Carrier, home: str = "") -> str:
    """What brings a grant, in words: "inline policy of ApiRole", "added by SAM for event Upload".

    Args:
        found: the carrier.
        home: logical id of what it is told under, which is then not named again.
    """
    if found.kind == "generated":
        policy = f"AWS managed policy {managed(found)}, " if managed(found) else ""
        return escape(policy + cause(found))
    words = _CARRIERS.get(found.kind, found.kind.replace("-", " ") + " of {owner}")
    if found.kind == "inline" and found.path.startswith(("provider.", "functions.")):
        return escape(found.path)  # a service lists statements and has no document of its own there
    if found.owner == home:
        words = words.removesuffix(" of {owner}")
    return words.format(owner=escape(found.owner), name=named(found))


def named(found: Carrier) -> str:
    """The name of a policy as the author wrote it: the ARN or parameter where it is attached by that."""
    if found.element is not None and (not found.name or found.element.via):
        return text(found.element.origin)
    return escape(found.name or found.owner)


def cause(found: Carrier) -> str:
    """Why SAM or the Serverless Framework adds a policy, by the place that makes it do so."""
    keys = found.path.split(".")
    if keys[0] not in ("Resources", "Globals"):
        setting = found.path if len(keys) > 1 else ""
        return "added by the framework" + (f" for {escape(setting)}" if setting else "")
    for section, words in (("Events", "added by SAM for event"), ("Connectors", "connector")):
        if section in keys[:-1]:
            return f"{words} {keys[keys.index(section) + 1]}"
    if len(keys) == 2 and keys[1] != found.owner:
        return f"connector {keys[1]}"
    return f"added by SAM for {'.'.join(keys[3:])}" if len(keys) > 3 else "added by SAM"


def made(found: MadeRole, function: Function | None) -> str:
    """A role that the Serverless Framework makes: of one function, or of all without one of their own."""
    if function is not None and found.owner == function.label:
        return f"made by the framework for {escape(found.owner)}"
    if found.id == CUSTOM_RESOURCES_ROLE:
        return "made by the framework for functions of its own, which set up what CloudFormation cannot"
    if function is None:
        return "made by the framework"
    return f"{escape(found.label)}, made by the framework"


def whole(stack: Stack) -> str:
    """What people call the text that all this is read from."""
    return "service" if stack.packaged is not None else "template"


def person(found: Person, home: str) -> list[str]:
    """What a user or group is: outside the template or service (``home``), in which groups, with which
    members."""
    told = [f"outside the {home}"] if found.external else []
    for word, others in (("in", found.groups), ("with", found.members)):
        if others:
            told.append(f"{word} " + ", ".join(_when(one.label, guard, found) for one, guard in others))
    return told or [f"a {found.kind} of the {home}"]


def _when(label: str, guard: Guard, home: Person) -> str:
    return label if home.guard.implies(guard) else f"{label} (when {guard.display()})"


def full_name(found: Carrier) -> str:
    """A managed policy as it is attached: by name, ARN or expression."""
    return text(found.element.origin) if found.element is not None else named(found)


def managed(found: Carrier) -> str:
    """The name of the AWS managed policy that a carrier attaches, "" for anything else."""
    if found.kind == "managed-arn":
        return found.name
    return found.name if found.kind == "generated" and catalog.managed_policy_path(found.name) else ""


def place(span: Span, file: str) -> str:
    """A span's line, with its file where that is another one."""
    return f"line {span.line}" if span.path == file else f"{escape(span.path)}:{span.line}"
