"""What a rule works with: the stack, its options, and the two things it can produce."""

from __future__ import annotations

from ..source.tree import Node, Span
from .finding import Finding, Label, Unresolved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ..template.stack import Stack
    from .index import Rule


class Context:
    """What a check is given.

    Args:
        stack: the template.
        rule: the rule that runs.
        options: what the configuration says for the rule's options; the others keep their defaults.
    """

    __slots__ = ("options", "rule", "stack")

    def __init__(self, stack: Stack, rule: Rule, options: dict[str, Any] | None = None) -> None:
        self.stack = stack
        self.rule = rule
        self.options = {**rule.options, **(options or {})}

    def finding(
        self,
        where: Node | Span,
        message: str,
        *,
        resource: str | None,
        path: str,
        guard: str = "",
        identity: tuple[str, ...] = (),
        related: Iterable[tuple[Node | Span, str]] = (),
        note: str = "",
        severity: str | None = None,
        confidence: str | None = None,
        cause: object = None,
    ) -> Finding:
        """A finding of this rule.

        Args:
            where: what to underline.
            message: who may do what, on what.
            resource: logical id or function name that owns the place.
            path: the place as keys from the template's root.
            guard: the condition under which it holds, in words; "" for always.
            identity: what the fingerprint hashes beside rule and owner.
            related: further places, each with a word on what is there.
            note: the words at the underlined place.
            severity, confidence: where they differ from the rule's.
            cause: what it has in common with the findings it may be folded with.
        """
        labels = [Label(_span(where), note)]
        labels += [Label(_span(place), text, "related") for place, text in related]
        return Finding(
            self.rule.id,
            severity or self.rule.severity,
            confidence or self.rule.confidence,
            message,
            labels,
            resource,
            path,
            guard or None,
            identity,
            cause,
        )

    def unresolved(
        self, what: str, reason: str, where: Node | Span, resource: str | None, path: str
    ) -> Unresolved:
        """A record that something could not be decided: ``what`` it is about and the ``reason``."""
        return Unresolved(what, reason, _span(where), resource, path)


def several(names: list[str], shown: int = 3) -> str:
    """Some names in words: "a", "a and b" (``shown`` permitting), "a, b and 3 more"."""
    if len(names) <= shown:
        head, last = names[:-1], names[-1:]
    else:
        head, last = names[:shown], [f"{len(names) - shown} more"]
    return " and ".join([", ".join(head), *last] if head else last)


def _span(where: Node | Span) -> Span:
    return where if isinstance(where, Span) else where.span
