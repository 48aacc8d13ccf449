"""Cloud assemblies: what the CDK writes beside a template it synthesises (``cdk.out``).

A template's path and a Reader come in; the construct of each resource, the line of the app that made it and
the files of nested stacks come out. Nothing is opened before one of these is asked for, the app never is.

https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html and
https://docs.aws.amazon.com/cdk/api/v2/docs/cloud-assembly-schema-readme.html
"""

from __future__ import annotations

import json
import os
import re

from ...source.tree import InputError, Mapping, Scalar, Sequence
from .origin import Origin, places_in
from .paths import NESTED, NESTED_STACK, own_paths, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ...source.reader import Reader
    from ...source.tree import Node
    from ..stack import Resource, Stack

ENDING = ".template.json"

_STACK, _ASSETS = "aws:cloudformation:stack", "cdk:asset-manifest"
_FILE, _ASSET = "aws:cdk:templateFile", "aws:cdk:asset"
_HASH = re.compile(r"[0-9a-f]{64}")


class Assembly:
    """The cloud assembly around one template; a folder without a manifest has nothing to tell.

    What of the assembly cannot be read is left out: it names things and decides nothing.

    Args:
        path: the template.
        root: its tree.
        reader: opens the assembly's files.
    """

    __slots__ = ("_artifacts", "_metadata", "_paths", "folder", "name", "reader", "root")

    def __init__(self, path: str, root: Mapping, reader: Reader) -> None:
        self.folder, self.name = os.path.split(path)
        self.root = root
        self.reader = reader
        self._artifacts: dict[str, Any] | None = None
        self._metadata: dict[str, list[dict[str, Any]]] = {}
        self._paths: dict[str, str] | None = None

    @property
    def artifacts(self) -> dict[str, Any]:
        """The artifacts of the manifest by id; none where there is no manifest of the CDK."""
        if self._artifacts is None:
            manifest = self._json("manifest.json")
            known = "version" in manifest and isinstance(manifest.get("artifacts"), dict)
            self._artifacts = manifest["artifacts"] if known else {}
        return self._artifacts

    def construct(self, id: str) -> str:
        """The path of a resource's construct as people write it, "" where the assembly does not say."""
        return construct(self.path(id))

    def path(self, id: str) -> str:
        """The path of a resource's construct as the CDK writes it, "" where the assembly does not say."""
        if self._paths is None:
            self._paths = self._read_paths()
        return self._paths.get(id, "")

    def origin(self, id: str) -> Origin | None:
        """What made a resource; None where the assembly does not say."""
        path = self.path(id)
        if not path:
            return None
        own = places_in(self._metadata[path])
        around = path.removesuffix("/Resource")
        while "/" in around[1:]:
            around = around.rpartition("/")[0]
            places = places_in(self._metadata.get(f"{around}/Resource", []))
            if places and not own:
                # The CDK's own code made it; the app made the construct around it.
                return Origin(construct(path), places, construct(around))
            if len(places) > len(own) and (places[0].line, places[0].file) == (own[0].line, own[0].file):
                # The CDK records a few frames only; those of the construct around it go on where they end.
                return Origin(construct(path), places)
        return Origin(construct(path), own)

    def nested(self, resource: Resource) -> str:
        """The file of the template that a resource of type AWS::CloudFormation::Stack deploys as an asset.

        "" where none is known; whether the file exists is not asked.
        """
        node = resource.node
        name = _asset_path(node) or self._template_file(resource.id) or self._by_hash(node)
        if not name.endswith(ENDING) or os.path.basename(name) != name:
            return ""
        return os.path.join(self.folder, name) if self.artifacts else ""

    def _template_file(self, id: str) -> str:
        match = NESTED_STACK.fullmatch(self.path(id))
        entries = self._metadata.get(match["scope"], []) if match else []
        return next((text(entry.get("data")) for entry in entries if entry.get("type") == _FILE), "")

    def _by_hash(self, node: Mapping) -> str:
        """The asset whose hash stands in the TemplateURL."""
        properties = node.get("Properties")
        url = properties.get("TemplateURL") if isinstance(properties, Mapping) else None
        hashes = {found for each in _scalars(url) for found in _HASH.findall(each)}
        files = (
            {files[each] for files in self._assets() for each in hashes if each in files} if hashes else set()
        )
        return files.pop() if len(files) == 1 else ""

    def _assets(self) -> Iterator[dict[str, str]]:
        """Files by hash: of every list of assets, and of the metadata, where older versions had them."""
        for artifact in self._of_type(_ASSETS):
            listed = _mapping(self._json(text(_properties(artifact).get("file"))).get("files"))
            for key, asset in listed.items():
                yield {key: text(_mapping(_mapping(asset).get("source")).get("path"))}
        for artifact in self._of_type(_STACK):
            for entries in _mapping(artifact.get("metadata")).values():
                for data in (
                    _mapping(entry.get("data")) for entry in _entries(entries) if entry.get("type") == _ASSET
                ):
                    yield {text(data.get(key)): text(data.get("path")) for key in ("id", "sourceHash")}

    def _of_type(self, kind: str) -> list[dict[str, Any]]:
        found = [_mapping(artifact) for artifact in self.artifacts.values()]
        return [artifact for artifact in found if artifact.get("type") == kind]

    def _read_paths(self) -> dict[str, str]:
        """Logical id to path, for the template's resources; fills the metadata too."""
        for artifact in self._of_type(_STACK):
            if self.name.endswith(NESTED) or _properties(artifact).get("templateFile") == self.name:
                metadata = _mapping(artifact.get("metadata"))
                beside = text(artifact.get("additionalMetadataFile"))
                metadata = {**metadata, **(self._json(beside) if beside else {})}
                self._metadata = {path: _entries(entries) for path, entries in metadata.items()}
                found = own_paths(self._metadata, self.name, self.root)
                if found:
                    return found
        self._metadata = {}
        return {}

    def _json(self, name: str) -> dict[str, Any]:
        """The object in a file of the assembly's folder; empty where there is none."""
        path = os.path.join(self.folder, name)
        if not name or os.path.basename(name) != name or not os.path.exists(path):
            return {}
        try:
            return _mapping(json.loads(self.reader.read(path).text))
        except (InputError, ValueError, RecursionError):
            return {}


def surround(stack: Stack, reader: Reader) -> None:
    """Gives a template and its resources what may stand beside it; nothing is read yet."""
    stack.assembly = Assembly(stack.document.path, stack.root, reader)
    for resource in stack.resources.values():
        resource.assembly = stack.assembly


def origin(stack: Stack, id: str | None) -> Origin | None:
    """What made a resource of a synthesised template; None for any other template.

    Args:
        stack: the template.
        id: the resource's logical id.
    """
    resource = stack.resources.get(id or "")
    if resource is None:
        return None
    found = stack.assembly.origin(resource.id) if stack.assembly is not None else None
    if found is None and resource.construct:
        return Origin(resource.construct, [])
    return found


def _asset_path(node: Mapping) -> str:
    """The file that the resource's own metadata names, where the app writes it."""
    metadata = node.get("Metadata")
    if not isinstance(metadata, Mapping):
        return ""
    path, use = metadata.get("aws:asset:path"), metadata.get("aws:asset:property")
    ours = isinstance(use, Scalar) and use.value == "TemplateURL"
    return path.value if ours and isinstance(path, Scalar) else ""


def construct(path: str) -> str:
    """A construct's path as people write it: no slash before it, no "/Resource" that every construct has."""
    return path.removeprefix("/").removesuffix("/Resource")


def _scalars(node: Node | None) -> Iterator[str]:
    """Every text below a node."""
    if isinstance(node, Scalar):
        yield node.value
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _scalars(item)
    elif isinstance(node, Mapping):
        for _, value in node.entries:
            yield from _scalars(value)


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _properties(artifact: dict[str, Any]) -> dict[str, Any]:
    return _mapping(artifact.get("properties"))


def _entries(value: object) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
