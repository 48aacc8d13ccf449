"""``grants`` for programs: one complete, versioned JSON document (``grants_schema.json`` beside this module).

Blocks come in, a dict or its JSON text goes out. Texts of the template are as it writes them, with
intrinsics in the form of Fn::Sub.
"""

from __future__ import annotations

import json

from .. import __version__, catalog
from ..template.people import Person, kind_of
from . import grants_words as words
from .escape import escape
from .grants import Block, Hidden, Wearing, users
from .grants_entry import Entry
from .json import name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..iam.policy import Carrier, Condition, Statement
    from ..source.tree import InputError, Span
    from ..values.guard import Guard
    from ..values.text import Element
    from .grants_asked import Asked

# Raised when a field goes or changes its meaning; new fields do not raise it.
VERSION = 1
# A grant of more actions than this gives their number alone.
LONGEST = 1000


def render(
    blocks: list[Block], asked: Asked, errors: list[InputError], skipped: list[tuple[str, str]]
) -> str:
    """The document as text: ASCII, two blanks of indentation, a newline at the end."""
    return json.dumps(document(blocks, asked, errors, skipped), indent=2) + "\n"


def document(
    blocks: list[Block], asked: Asked, errors: list[InputError], skipped: list[tuple[str, str]]
) -> dict[str, Any]:
    """The document; ``grants_schema.json`` describes it.

    Args:
        blocks: what is told, of all templates.
        asked: the question, empty where everything is told.
        errors: input that could not be used.
        skipped: (path, reason) of files that were left out although they bear a template's marks.
    """
    return {
        "version": VERSION,
        "tool": {"name": "scopedown", "version": __version__},
        "catalogDate": str(catalog.manifest()["date"]),
        "asked": {"action": asked.action or None, "resource": asked.resource or None} if asked else None,
        "functions": [_function(block) for block in blocks if block.function is not None],
        "roles": [
            {**_worn(worn), **_start(block.span)}
            for block in blocks
            if block.function is None
            for worn in block.worn
        ],
        "skipped": [{"file": name(path), "reason": escape(reason)} for path, reason in skipped],
        "errors": [
            {"file": name(error.path), "line": error.line, "message": escape(str(error.cause))}
            for error in errors
        ],
    }


def _function(block: Block) -> dict[str, Any]:
    return {
        "function": escape(block.label),
        "id": escape(block.function.id) if block.function is not None else None,
        **_start(block.span),
        "answer": block.answer or None,
        "roles": [_worn(worn) for worn in block.worn],
    }


def _start(span: Span) -> dict[str, Any]:
    return {"file": name(span.path), "line": span.line}


def _worn(worn: Wearing) -> dict[str, Any]:
    return {
        "role": escape(worn.role.label),
        "principal": kind_of(worn.role),
        "origin": _origin(worn),
        "guard": _guard(worn.guard),
        "sharedWith": [escape(label) for label in worn.shared],
        "usedBy": [
            {
                "resource": escape(use.resource.id),
                "type": escape(use.type),
                "path": escape(use.path),
                **_start(use.node.span),
            }
            for use in users(worn)
        ],
        "boundary": [
            {
                **_carrier(each.carrier),
                "visible": each.visible,
                "guard": None if worn.role.guard.implies(each.guard) else _guard(each.guard),
                **_start(each.carrier.node.span),
            }
            for each in worn.role.boundary
        ],
        "groups": _people(worn.role.groups) if isinstance(worn.role, Person) else [],
        "members": _people(worn.role.members) if isinstance(worn.role, Person) else [],
        "answer": worn.answer or None,
        "grants": [_grant(entry) for entry in worn.entries],
        "unresolved": [_hidden(hidden) for hidden in worn.hidden],
    }


def _people(others: list[tuple[Person, Guard]]) -> list[dict[str, Any]]:
    return [{"name": escape(one.label), "guard": _guard(guard)} for one, guard in others]


def _origin(worn: Wearing) -> dict[str, Any]:
    role, resource = worn.role, worn.role.resource
    packaged = role.stack.packaged if role.stack is not None else None
    made = role.generated or (packaged is not None and role.key in packaged.roles)
    kind = "generated" if made else "external" if resource is None else "resource"
    return {
        "kind": "unattached" if worn.loose else kind,
        "resource": escape(resource.id) if resource is not None else None,
        "type": escape(resource.type) if resource is not None else None,
        "file": name(resource.key.span.path) if resource is not None else None,
        "line": resource.key.span.line if resource is not None else None,
    }


def _grant(entry: Entry) -> dict[str, Any]:
    grant, statement = entry.grant, entry.statement
    levels = words.by_level(entry.reached)
    return {
        "answer": entry.answer or None,
        "actions": _elements(entry.actions),
        "notActions": _elements(entry.not_actions),
        "resources": _elements(grant.resources),
        "notResources": _elements(grant.not_resources),
        "conditions": [_condition(condition) for condition in grant.conditions],
        "guard": _guard(entry.guard),
        "levels": levels if len(entry.reached) <= LONGEST else None,
        "levelCounts": {level: len(names) for level, names in levels.items()},
        "unknownActions": [words.text(element.text) for element in entry.unknown],
        "limits": [_limit("deny", one) for one in grant.denies]
        + [_limit("boundary", one) for one in grant.boundary or ()],
        "sid": escape(statement.sid) or None,
        **_start(entry.span),
        "path": escape(statement.path),
        "carrier": _carrier(statement.carrier),
    }


def _elements(elements: list[Element] | None) -> list[dict[str, Any]] | None:
    if elements is None:
        return None
    return [
        {
            "text": words.text(element.origin),
            "value": words.text(element.text),
            "via": escape(element.via) or None,
            "guard": _guard(element.guard),
        }
        for element in elements
    ]


def _condition(condition: Condition) -> dict[str, Any]:
    values = [words.text(value.text) for value in condition.values]
    return {"operator": escape(condition.operator), "key": escape(condition.key), "values": values}


def _guard(guard: Guard) -> str | None:
    return None if guard.is_always else escape(guard.display()) or None


def _limit(kind: str, statement: Statement) -> dict[str, Any]:
    return {
        "kind": kind,
        "actions": _elements(statement.actions if statement.not_actions is None else None),
        "notActions": _elements(statement.not_actions or []),
        "resources": _elements(statement.resources if statement.not_resources is None else None),
        "notResources": _elements(statement.not_resources or []),
        "conditions": [_condition(condition) for condition in statement.conditions],
        "guard": _guard(statement.guard),
        **_start(statement.node.span),
        "path": escape(statement.path),
    }


def _carrier(carrier: Carrier) -> dict[str, Any]:
    return {
        "kind": carrier.kind,
        "name": words.named(carrier) if carrier.name or carrier.element is not None else None,
        "owner": escape(carrier.owner),
        "cause": escape(words.cause(carrier)) if carrier.kind == "generated" else None,
    }


def _hidden(hidden: Hidden) -> dict[str, Any]:
    return {
        "what": escape(hidden.what),
        "reason": escape(hidden.reason),
        "file": name(hidden.span.path) if hidden.span is not None else None,
        "line": hidden.span.line if hidden.span is not None else None,
        "path": escape(hidden.path),
    }
