"""Findings and what goes with them: labels, suppressed findings and things that could not be resolved."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..source.tree import Span
    from ..suggest.suggestion import Suggestion
    from ..template.cdk.origin import Origin

SEVERITIES = ("error", "high", "medium", "low", "info")
CONFIDENCES = ("high", "medium", "low")


class Label:
    """A pointed-at stretch of source; ``kind`` is primary, related or hidden."""

    __slots__ = ("kind", "span", "text")

    def __init__(self, span: Span, text: str = "", kind: str = "primary") -> None:
        self.span = span
        self.text = text
        self.kind = kind


class Finding:
    """One result of one rule at one place.

    Args:
        rule: the rule's id.
        severity: one of SEVERITIES.
        confidence: one of CONFIDENCES.
        message: who may do what, on what.
        labels: exactly one of them primary.
        resource: logical id or function name that owns the place.
        path: the place as keys from the template's root ("Resources.X.Properties.Policies[0]…").
        guard: the condition under which it holds, in words; None for always.
        identity: what the fingerprint hashes beside rule and owner: kind of carrier, canonical text.
        cause: findings of equal cause are folded into the first that ``covers`` it (see the engine).

    ``origin`` is what made the resource, where the CDK synthesised the template.
    """

    __slots__ = (
        "cause",
        "confidence",
        "folded_into",
        "guard",
        "identity",
        "labels",
        "message",
        "ordinal",
        "origin",
        "path",
        "resource",
        "rule",
        "severity",
        "suggestion",
    )

    def __init__(
        self,
        rule: str,
        severity: str,
        confidence: str,
        message: str,
        labels: list[Label],
        resource: str | None,
        path: str,
        guard: str | None = None,
        identity: tuple[str, ...] = (),
        cause: object = None,
        suggestion: Suggestion | None = None,
    ) -> None:
        if [label.kind for label in labels].count("primary") != 1:
            raise ValueError(f"a finding of {rule} needs exactly one primary label")
        self.rule = rule
        self.severity = severity
        self.confidence = confidence
        self.message = message
        self.labels = labels
        self.resource = resource
        self.path = path
        self.guard = guard
        self.identity = identity
        self.cause = cause
        self.suggestion = suggestion
        self.ordinal = 0
        self.folded_into: Finding | None = None
        self.origin: Origin | None = None

    @property
    def primary(self) -> Label:
        """The label that says where the finding is."""
        return next(label for label in self.labels if label.kind == "primary")


def fingerprint(finding: Finding) -> str:
    """Version 1 of a finding's fingerprint, in hexadecimal: no line numbers, no path."""
    import hashlib

    parts = ("v1", finding.rule, finding.resource or "", *finding.identity, str(finding.ordinal))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


class Unresolved:
    """Something that could not be decided: never taken for fine, never taken for a wildcard."""

    __slots__ = ("path", "reason", "resource", "span", "what")

    def __init__(self, what: str, reason: str, span: Span, resource: str | None, path: str) -> None:
        self.what = what
        self.reason = reason
        self.span = span
        self.resource = resource
        self.path = path


class Suppressed:
    """A finding that someone silenced, with the reason and the place of the comment."""

    __slots__ = ("finding", "reason", "span")

    def __init__(self, finding: Finding, reason: str, span: Span) -> None:
        self.finding = finding
        self.reason = reason
        self.span = span
