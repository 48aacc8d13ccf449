"""Properties that take a role: the registry schemas that cfn-lint carries in, paths for each type out.

The schemas label most of them with a format; the rest is told by the property's name, and six that have no
"role" in theirs are listed here.
"""

from __future__ import annotations

import re
from typing import Any

from .cfn import SCHEMAS
from .layout import record_lines
from .sources import Archive, Sources

LABEL = "AWS::IAM::Role.Arn"
NAMED = re.compile(r"((^role|[a-z0-9]role)(arns?|name)?|^iamroles)$", re.IGNORECASE)
# Labelled or named like a role of IAM, but none: a filter's value, a speaker, a role inside another system.
NOT_ROLES = tuple(
    """AWS::InspectorV2::Filter AWS::IAM:: AWS::Transcribe::Call AWS::Bedrock::Prompt
    AWS::Serverless::Connector""".split()
)
NEITHER = frozenset(
    """LdapServerMetadata.RoleName LdapServerMetadata.UserRoleName Members[].Role TargetRole
    Configuration.ArgoCd.RbacRoleMappings[].Role AdvancedSecurityOptions.SAMLOptions.MasterBackendRole
    SnowflakeDestinationConfiguration.SnowflakeRoleConfiguration.SnowflakeRole""".split()
)
UNNAMED = {
    "AWS::Cognito::IdentityPoolRoleAttachment": "Roles.*",
    "AWS::ApiGateway::Authorizer": "AuthorizerCredentials",
    "AWS::ApiGateway::Method": "Integration.Credentials",
    "AWS::ApiGatewayV2::Api": "CredentialsArn",
    "AWS::ApiGatewayV2::Authorizer": "AuthorizerCredentialsArn",
    "AWS::ApiGatewayV2::Integration": "CredentialsArn",
    "AWS::EC2::FlowLog": "DeliverLogsPermissionArn",
}
_DEPTH = 9


def files(sources: Sources) -> dict[str, str]:
    """`role_properties.json`: type to the paths of its properties that take a role's ARN or name."""
    archive = sources["cfn-lint"]
    records: dict[str, list[str]] = {}
    for name, digest in _schemas(archive).items():
        if name.startswith(NOT_ROLES):
            continue
        schema = archive.json(f"{SCHEMAS}/resources/{digest}.json")
        found = set(_walk(schema, schema.get("properties", {}), "", ()))
        read_only = {
            path.removeprefix("/properties/").replace("/", ".")
            for path in schema.get("readOnlyProperties", ())
        }
        if name in UNNAMED:
            found.add(UNNAMED[name])
        if paths := sorted(found - read_only - NEITHER):
            records[name] = paths
    return {"role_properties.json": record_lines(records)}


def _schemas(archive: Archive) -> dict[str, str]:
    digests: dict[str, str] = {}
    for region in archive.names(f"{SCHEMAS}/providers/*.json"):
        digests |= archive.json(region)
    digests |= archive.json(f"{SCHEMAS}/providers/us-east-1.json")
    return {name: digest for name, digest in digests.items() if name.startswith("AWS::")}


def _walk(root: dict[str, Any], properties: dict[str, Any], path: str, seen: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for name, value in properties.items():
        found += _visit(root, name, value, f"{path}{name}", seen)
    return found


def _visit(root: dict[str, Any], name: str, value: Any, path: str, seen: tuple[str, ...]) -> list[str]:
    if not isinstance(value, dict) or len(seen) > _DEPTH:
        return []
    reference = value.get("$ref", "")
    if reference:
        if reference in seen:
            return []
        target = root.get("definitions", {}).get(reference.rsplit("/", 1)[-1], {})
        labelled = {**target, "format": value.get("format", target.get("format"))}
        return _visit(root, name, labelled, path, (*seen, reference))
    found = []
    if value.get("format") == LABEL or (NAMED.search(name) and _is_text(value)):
        return [path]
    if isinstance(value.get("items"), dict):
        found += _visit(root, name, value["items"], f"{path}[]", seen)
    if isinstance(value.get("properties"), dict):
        found += _walk(root, value["properties"], f"{path}.", seen)
    for pattern in (value.get("patternProperties") or {}).values():
        found += _visit(root, name, pattern, f"{path}.*", seen)
    for alternative in (*value.get("oneOf", ()), *value.get("anyOf", ()), *value.get("allOf", ())):
        found += _visit(root, name, alternative, path, seen) if isinstance(alternative, dict) else []
    return found


def _is_text(value: dict[str, Any]) -> bool:
    kinds = value.get("type", "string")
    return "string" in (kinds if isinstance(kinds, list) else [kinds])
