"""Service principals and AWS's own accounts: a name or account id comes in, what it is goes out."""

from __future__ import annotations

import json
import re

from . import store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_tables: dict[str, Any] = {}
_SHAPE = re.compile(r"([a-z0-9-]+(?:\.[a-z0-9-]+)*)\.(?:amazonaws\.com(?:\.cn)?|amazonaws\.eu)")
_REGION = re.compile(r"\.[a-z]{2,4}(?:-[a-z]+)+-\d+$")


def is_service_principal(name: str) -> bool | None:
    """Whether a name is the principal of an AWS service, "lambda.amazonaws.com".

    Returns:
        True for a known one, also in its form for a region ("states.eu-west-1.amazonaws.com") or for China;
        None for one that has the form and is not known; False for what cannot be one. AWS publishes no list:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-services
    """
    match = _SHAPE.fullmatch(name.lower())
    if match is None:
        return False
    service = _REGION.sub("", match[1])
    return True if service in _load()["services"] else None


def service_account(account: str) -> str | None:
    """What an account of AWS itself is for ("elastic load balancing log delivery"), or None.

    Only accounts that a public package lists; those of Redshift, CloudTrail and others are not among them.
    """
    purpose: str | None = _load()["accounts"].get(account)
    return purpose


def _load() -> dict[str, Any]:
    if not _tables:
        _tables.update(json.loads(store.read_text("principals.json")))
        _tables["services"] = frozenset(_tables["services"])
    return _tables
