"""sls-version-date: a policy Version without quotes, which the framework turns into a point in time."""

from __future__ import annotations

import re

from ..source.tree import Mapping, Scalar, Sequence
from ..values.intrinsics import scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..rulebook.context import Context
    from ..rulebook.finding import Finding
    from ..source.tree import Node
    from ..template.serverless.service import Service

_DATE = r"20\d\d-\d\d-\d\d"


def check(context: Context) -> Iterator[Finding]:
    """One finding per document whose Version is read as a date."""
    packaged = context.stack.packaged
    if packaged is None or not _reads_dates(packaged.service):
        return
    if not any(_dates(document.text) for document in context.stack.documents):
        return
    resources = packaged.template.get("Resources")
    for id, resource in resources.entries if isinstance(resources, Mapping) else ():
        for version, path in _versions(resource, f"resources.Resources.{id.value}"):
            yield context.finding(
                version,
                f"the framework deploys this Version as {version.value}T00:00:00.000Z, which IAM refuses",
                resource=id.value,
                path=path,
                identity=("version", path),
                note="write it in quotes",
            )


def _reads_dates(service: Service) -> bool:
    """Whether the framework's YAML parser makes dates: all but osls from version 4 on."""
    framework = service.framework
    return service.document.path.endswith((".yml", ".yaml")) and not (
        framework.name == "osls" and framework.major >= 4
    )


def _dates(text: str) -> bool:
    """Whether a year follows a Version without quotes; else there is nothing to walk through."""
    for after in text.split("Version")[1:]:
        colon = after.lstrip("'\"")
        if colon.startswith(":") and colon[1:].lstrip(" \t").startswith("20"):
            return True
    return False


def _versions(node: Node, path: str) -> Iterator[tuple[Scalar, str]]:
    if isinstance(node, Mapping):
        version = node.get("Version")
        plain = isinstance(version, Scalar) and version.style == ""
        if plain and node.get("Statement") is not None and re.fullmatch(_DATE, scalar(version)):
            assert isinstance(version, Scalar)
            yield version, f"{path}.Version"
        for key, value in node.entries:
            yield from _versions(value, f"{path}.{key.value}")
    elif isinstance(node, Sequence):
        for number, item in enumerate(node.items):
            yield from _versions(item, f"{path}[{number}]")
