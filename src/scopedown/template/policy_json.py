"""Policy documents in files of their own, as deployment scripts and other tools attach them.

The document is an identity policy, a trust policy or a resource policy by what its statements hold; nothing
says to whom it is attached, so its one carrier belongs to no role.
"""

from __future__ import annotations

from ..iam.policy import Carrier, read_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..iam.policy import Statement
    from .stack import Stack


def read(stack: Stack) -> None:
    """Adds the statements of an identity policy to the stack; those of others wait in ``beside``."""
    statements = _statements(stack)
    if _kind(statements) == "policy":
        stack.statements += statements


def beside(stack: Stack) -> list[Statement]:
    """The statements of a trust or resource policy; empty where the document is neither."""
    statements = _statements(stack)
    return statements if _kind(statements) != "policy" else []


def _statements(stack: Stack) -> list[Statement]:
    carrier = Carrier("policy", _name(stack.document.path), stack.root, "")
    statements = read_document(stack.root, stack.resolver, carrier)
    carrier.kind = _kind(statements)
    for statement in statements:
        statement.path = statement.path.lstrip(".")
    return statements


def _kind(statements: list[Statement]) -> str:
    """With a principal it is a trust policy (sts:AssumeRole…) or a resource policy, else one of identity."""
    held = [statement for statement in statements if _has_principal(statement)]
    if not held:
        return "policy"
    actions = [element.text.display().lower() for statement in held for element in statement.actions]
    assumed = bool(actions) and all(action.startswith("sts:") for action in actions)
    return "trust" if assumed else "resource-policy"


def _has_principal(statement: Statement) -> bool:
    return any(key.value.lower() in ("principal", "notprincipal") for key, _ in statement.node.entries)


def _name(path: str) -> str:
    """The file's name without its folder: nothing else names the policy."""
    return path.rpartition("/")[2]
