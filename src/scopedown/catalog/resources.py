"""CloudFormation resource types, SAM policy templates and AWS managed policies, by name."""

from __future__ import annotations

import json

from . import store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_cfn: dict[str, dict[str, Any]] = {}
_sam: dict[str, PolicyTemplate] = {}
_managed: dict[str, str] = {}
_removed: set[str] = set()


class CfnType:
    """One CloudFormation resource type.

    `ref` is what Ref returns: "name", "id", "arn", "url" or "unknown". `arn` is the ARN's template, whose
    placeholders are AWS's (`${BucketName}`); `service` and `resource_type` name the IAM resource type
    that the resource is one of. `arn_attribute` is the GetAtt that returns the ARN, also where Ref
    returns it as well. The ARN that GetAtt returns for AWS::Logs::LogGroup ends in ":*", unlike its
    template.
    """

    __slots__ = ("arn", "arn_attribute", "attributes", "name", "ref", "resource_type", "service")

    def __init__(self, name: str, row: list[Any]) -> None:
        self.name = name
        self.ref: str = row[0]
        self.arn: str | None = row[1]
        self.service: str | None = row[2]
        self.resource_type: str | None = row[3]
        self.arn_attribute: str | None = row[4]
        self.attributes: tuple[str, ...] = tuple(row[5])

    def __repr__(self) -> str:
        return f"CfnType({self.name!r})"


def cfn_type(name: str) -> CfnType | None:
    """The resource type of a name such as "AWS::S3::Bucket"; None for custom and unknown ones."""
    parts = name.split("::")
    if len(parts) != 3:
        return None
    shard = parts[1].lower()
    if shard not in _cfn:
        _cfn[shard] = store.read_shard("cfn", shard) or {}
    row = _cfn[shard].get(name)
    if isinstance(row, list):
        row = _cfn[shard][name] = CfnType(name, row)
    return row


class PolicyTemplate:
    """One SAM policy template: its parameters' names and its statements as AWS SAM defines them."""

    __slots__ = ("name", "parameters", "statements")

    def __init__(self, name: str, row: dict[str, Any]) -> None:
        self.name = name
        self.parameters: tuple[str, ...] = tuple(row["parameters"])
        self.statements: tuple[dict[str, Any], ...] = tuple(row["statements"])

    def __repr__(self) -> str:
        return f"PolicyTemplate({self.name!r})"


def _load_sam() -> dict[str, PolicyTemplate]:
    if not _sam:
        rows = json.loads(store.read_text("sam_policy_templates.json"))
        _sam.update({name: PolicyTemplate(name, row) for name, row in rows.items()})
    return _sam


def sam_policy_template(name: str) -> PolicyTemplate | None:
    """The SAM policy template of a name such as "DynamoDBCrudPolicy"; names are case-sensitive in SAM."""
    return _load_sam().get(name)


def sam_policy_template_names() -> tuple[str, ...]:
    """Every SAM policy template's name, sorted."""
    return tuple(_load_sam())


def _load_managed() -> dict[str, str]:
    if not _managed:
        into_removed = False
        for line in store.read_text("managed_policies.txt").splitlines():
            if line.startswith("#"):
                into_removed = True
                continue
            name = line.rsplit("/", 1)[-1]
            _managed[name] = line
            if into_removed:
                _removed.add(name)
    return _managed


def managed_policy_path(name: str) -> str | None:
    """An AWS managed policy's name with its path, "service-role/AWSLambdaBasicExecutionRole", as in its ARN.

    Withdrawn policies have one too (see `managed_policy_removed`); None when the name is not known.
    """
    return _load_managed().get(name)


def managed_policy_removed(name: str) -> bool:
    """Whether AWS has withdrawn the managed policy, so that attaching it fails at deployment."""
    return name in _load_managed() and name in _removed


def managed_policy_names() -> tuple[str, ...]:
    """The names of the AWS managed policies of today, sorted."""
    return tuple(name for name in _load_managed() if name not in _removed)
