"""The words of ``match`` and the values that each accepts; ``clauses`` says what they mean."""

from __future__ import annotations

from ..catalog import LEVELS
from .finding import SEVERITIES
from .schema import Choice, Fields, Flag, Many, Number, Words

TEXTS = Many(Words())
_LEVELS = Many(Choice(*LEVELS))
_KINDS = Many(
    Choice(
        "inline",
        "policy",
        "role-policy",
        "managed-policy",
        "sam-inline",
        "sam-template",
        "managed-arn",
        "generated",
    )
)
CLAUSE = Fields(
    {
        "effect": Choice("Allow", "Deny"),
        "action": Fields(
            {
                "is": Many(Choice("star", "service_star", "service_glob", "glob", "literal", "not")),
                "covers_any": TEXTS,
                "level_any": _LEVELS,
                "level_only": _LEVELS,
                "more_than": Number(),
                "variants": Flag(),
                "within": TEXTS,
            }
        ),
        "resource": Fields(
            {
                "is": Many(Choice("star", "type_star", "prefix", "named", "unscoped", "not")),
                "only": Many(Choice("star", "type_star", "prefix", "named", "unscoped", "not", "unresolved")),
                "covers_any": TEXTS,
                "scopable": Choice("all", "some", "any"),
                "scopable_levels": _LEVELS,
                "besides": TEXTS,
            }
        ),
        "condition": Fields({"has": TEXTS, "lacks": TEXTS, "narrows": Flag(), "surely_narrows": Flag()}),
        "carrier": Fields({"kind": _KINDS, "managed_any": TEXTS, "generated": Flag(), "synthesised": Flag()}),
        "role": Fields({"assumed_by_only": TEXTS}, ("assumed_by_only",)),
    }
)
CLAUSE.fields["all"] = CLAUSE.fields["any"] = Many(CLAUSE, single=False)
CLAUSE.fields["unless"] = CLAUSE
AT = Choice("action", "resource", "statement", "carrier")
_POLICIES = Many(Choice("identity", "resource", "trust"))
MATCH = Fields({"at": AT, "policies": _POLICIES, **CLAUSE.fields}, ("at",))
MILDER = Many(Fields({"severity": Choice(*SEVERITIES), "when": CLAUSE}, ("severity", "when")), single=False)
