"""What joins resources to roles: SAM connectors and the properties that take a role, by resource type."""

from __future__ import annotations

import json

from . import store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_connectors: dict[str, list[Any]] = {}
_resources: dict[str, list[Any]] = {}
_roles: dict[str, list[str]] = {}


class Connector:
    """What SAM makes of a connector between two resource types.

    `mechanism` is "AWS_IAM_ROLE_MANAGED_POLICY", "AWS_LAMBDA_PERMISSION", "AWS_SQS_QUEUE_POLICY" or
    "AWS_SNS_TOPIC_POLICY"; `on_source` tells whose role or policy it is; `categories` holds for Read and
    Write the statements, or the properties of the Lambda permission, with `%{Source.Arn}` and the like.
    """

    __slots__ = ("categories", "mechanism", "on_source")

    def __init__(self, row: list[Any]) -> None:
        self.mechanism: str = row[0]
        self.on_source: bool = row[1]
        self.categories: dict[str, Any] = row[2]


def _load() -> None:
    if not _connectors:
        rows = json.loads(store.read_text("connectors.json"))
        _resources.update(rows.pop("resources"))
        _connectors.update(rows)


def connector(source: str, destination: str) -> Connector | None:
    """The connector between two CloudFormation resource types, None where SAM supports none."""
    _load()
    row = _connectors.get(f"{source} {destination}")
    return Connector(row) if row is not None else None


def connectors() -> tuple[tuple[str, str], ...]:
    """Every pair (source, destination) of resource types that SAM can connect."""
    _load()
    return tuple(
        (source, destination) for source, _, destination in (key.partition(" ") for key in _connectors)
    )


def connected(type: str) -> tuple[str, dict[str, Any]]:
    """How a connector refers to a resource of a type.

    Returns:
        The property with its role ("Targets" for the one of a rule's target, "" for none), and what Arn, Url,
        Id, Name and Qualifier are, `%{logicalId}` standing for the resource.
    """
    _load()
    role, outputs = _resources.get(type, ("", {}))
    return role, outputs


def role_properties(type: str) -> tuple[str, ...]:
    """The paths of a resource type's properties that take a role's ARN or name.

    "Key[]" goes through the members of a list, "*" through the values of a mapping.
    """
    if not _roles:
        _roles.update(json.loads(store.read_text("role_properties.json")))
    return tuple(_roles.get(type, ()))
