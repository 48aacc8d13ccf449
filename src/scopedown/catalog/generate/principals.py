"""Service principals and account ids of AWS services, from what packages and AWS's own policies name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .layout import compact, record_lines
from .managed import documents
from .overlay_files import overlay
from .sources import Sources

# Keys whose value is a service principal.
KEYS = {
    "iam:passedtoservice",
    "iam:awsservicename",
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
}
SHAPE = re.compile(r"([a-z0-9-]+(?:\.[a-z0-9-]+)*)\.amazonaws\.com")
LINKED_ROLE = re.compile(r"aws-service-role/([a-z0-9.-]+\.amazonaws\.com)")
# Tables of region-info to what the accounts are for.
ACCOUNTS = {
    "ELBV2_ACCOUNTS": "elastic load balancing log delivery",
    "DLC_REPOSITORY_ACCOUNTS": "deep learning container images",
    "APPMESH_ECR_ACCOUNTS": "app mesh container images",
}


def _values(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key.lower() in KEYS:
                yield from [value] if isinstance(value, str) else value
            else:
                yield from _values(value)
    elif isinstance(node, list):
        for each in node:
            yield from _values(each)


def _names(sources: Sources) -> set[str]:
    """The first parts of principals, "lambda" of "lambda.amazonaws.com"."""
    table = documents(sources)
    named = [value for policy in table.values() for value in _values(policy.get("Document"))]
    named += LINKED_ROLE.findall(compact(table))
    named += [f"{name}.amazonaws.com" for name in overlay("principals")["names"]]
    entities = sources["@aws-cdk/region-info"].read("package/lib/aws-entities.js").decode()
    listed = re.search(r"AWS_SERVICES = \[(.*?)\]", entities, re.DOTALL)
    named += [f"{name}.amazonaws.com" for name in re.findall(r"'([\w.-]+)'", listed[1] if listed else "")]
    matches = (SHAPE.fullmatch(name) for name in named)
    return {match[1] for match in matches if match}


def _accounts(sources: Sources) -> dict[str, str]:
    text = sources["@aws-cdk/region-info"].read("package/build-tools/fact-tables.js").decode()
    found: dict[str, str] = {}
    for table, purpose in ACCOUNTS.items():
        body = re.search(rf"exports\.{table} = \{{(.*?)\}};", text, re.DOTALL)
        for account in re.findall(r"'(\d{12})'", body[1] if body else ""):
            found[account] = purpose
    return found


def files(sources: Sources) -> dict[str, str]:
    """`principals.json`: the principals' first parts, and account id to purpose."""
    accounts = _accounts(sources)
    records = {"accounts": dict(sorted(accounts.items())), "services": sorted(_names(sources))}
    return {"principals.json": record_lines(records)}
