"""What a suggestion is: replacement statements, where they go and what speaks for them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..source.tree import Span


class Need:
    """A grant that something is seen to use.

    Args:
        action: "s3:GetObject".
        resource: the resource as it would stand in Fn::Sub, or None where it could not be linked.
        evidence: the places that show it, each with a word on what is seen there.
    """

    __slots__ = ("action", "evidence", "resource")

    def __init__(self, action: str, resource: str | None, evidence: list[tuple[Span, str]]) -> None:
        self.action = action
        self.resource = resource
        self.evidence = evidence


class Suggestion:
    """The best answer that the evidence allows.

    Args:
        tier: complete, partial, weak or none.
        replaces: the stretch of the template that the text would stand for; None: nothing is replaced.
        statements: long-form CloudFormation JSON; empty for a tier that has nothing to write.
        text: the statements in the template's own style, ready to paste.
        needs: what the suggestion is built from.
        removed: access level to the actions that would go.
        kept_unproven: actions kept although nothing shows that they are used.
        note: one line that says what the suggestion assumes or what stands in the way.
    """

    __slots__ = ("kept_unproven", "needs", "note", "removed", "replaces", "statements", "text", "tier")

    def __init__(
        self,
        tier: str,
        replaces: Span | None,
        statements: list[dict[str, Any]],
        text: str,
        needs: list[Need] | None = None,
        removed: dict[str, list[str]] | None = None,
        kept_unproven: list[str] | None = None,
        note: str = "",
    ) -> None:
        self.tier = tier
        self.replaces = replaces
        self.statements = statements
        self.text = text
        self.needs = needs or []
        self.removed = removed or {}
        self.kept_unproven = kept_unproven or []
        self.note = note
