"""The check of a role of one function's own: its statements come in, a reason against them goes out.

Whatever it allows, the shared role allows; whatever that denies, it denies.
"""

from __future__ import annotations

from .replacement import INLINE_QUOTA, _flat, _length, _plain, _Proof

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..iam.policy import Statement
    from ..template.stack import Role, Stack


def widens(role: Role, suggested: list[dict[str, Any]], stack: Stack) -> str:
    """Why statements cannot be a function's own, in words; "" where they are proved.

    Args:
        role: the role that the function shares now.
        suggested: the statements of its own role in long form.
        stack: the template.
    """
    if not _known or _known[0].role is not role:
        _known[:] = [_Shared(role, stack)]
    for statement in suggested:
        why = _known[0].refuses(statement)
        if why:
            return why
    written = {_flat(statement) for statement in suggested}
    for each in role.statements:
        if each.effect == "Deny" and _plain(each.node) not in written:
            return "a Deny of the shared role is missing"
    return "" if sum(map(_length, suggested)) <= INLINE_QUOTA else "the policy would be too large"


class _Shared:
    """What a shared role grants; functions have most of their statements in common."""

    def __init__(self, role: Role, stack: Stack) -> None:
        self.role = role
        originals = [each for each in role.all_statements if each.guard.is_always]
        self._kept = {_plain(each.node) for each in originals}
        self._grants = [_Proof(each, stack) for each in originals if _is_plain_grant(each)]
        self._reasons: dict[str, str] = {}

    def refuses(self, statement: dict[str, Any]) -> str:
        """Why no statement of the role grants what a suggested one grants; "" where one does."""
        text = _flat(statement)
        if text not in self._reasons:
            self._reasons[text] = self._compared(statement, text)
        return self._reasons[text]

    def _compared(self, statement: dict[str, Any], text: str) -> str:
        effects = [value for key, value in statement.items() if key.lower() == "effect"]
        if effects == ["Deny"] or text in self._kept:
            return ""
        why = "the shared role grants nothing"
        for grant in self._grants:
            why = grant.statement(statement)
            if not why:
                break
        return why


_known: list[_Shared] = []  # the role that was asked for last


def _is_plain_grant(statement: Statement) -> bool:
    return statement.effect == "Allow" and statement.not_actions is None and statement.not_resources is None
