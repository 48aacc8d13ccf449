"""Which framework packages a service, and in which version: the Serverless Framework or its fork osls.

osls has version numbers of its own: osls 3 and 4 both descend from version 3 of the Serverless Framework.
"""

from __future__ import annotations

import json
import os
import re

from ...source.tree import InputError, Mapping, Node, Scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...source.reader import Reader

DEFAULT = 3
_LATEST = {"serverless": 4, "osls": 4}
_COMPARATOR = r"(>=|<=|>|<|\^|~|=)?\s*v?(\d+|[x*])(?:\.(\d+|[x*]))?(?:\.(?:\d+|[x*]))?(?:-[\w.]+)?"
# Sections and keys that only version 4 of the Serverless Framework knows.
_FOUR = ("stages", "ai", "sandboxes")


class Framework:
    """A framework's version.

    Args:
        name: "serverless" or "osls".
        major, minor: the highest that the service allows, minor 99 where it does not say.
        known: whether the service says so; else the version is told by the keys that are used.
    """

    __slots__ = ("known", "major", "minor", "name")

    def __init__(
        self, name: str = "serverless", major: int = DEFAULT, minor: int = 99, known: bool = False
    ) -> None:
        self.name = name
        self.major = major
        self.minor = minor
        self.known = known

    def __str__(self) -> str:
        product = "osls" if self.name == "osls" else "Serverless Framework"
        return f"{product} {self.major}"

    @property
    def semantics(self) -> int:
        """The major version of the Serverless Framework that it behaves like."""
        return 3 if self.name == "osls" else self.major

    @property
    def knows_iam(self) -> bool:
        """Whether it reads ``provider.iam``: from 2.24 on."""
        return self.semantics > 2 or (self.semantics == 2 and self.minor >= 24)

    @property
    def is_v4(self) -> bool:
        """Whether it is version 4 of the Serverless Framework, with per-function roles built in."""
        return self.semantics >= 4


def detect(root: Mapping, folder: str, reader: Reader | None) -> Framework:
    """The framework of a service.

    Args:
        root: the configuration as written, variables unresolved.
        folder: where it stands; the nearest package.json upward names the package and its version.
        reader: opens package.json; None: only the configuration is looked at.
    """
    declared = root.get("frameworkVersion")
    written = declared.value if isinstance(declared, Scalar) else ""
    name, range_ = _package(folder, reader)
    name = name or "serverless"
    version = _highest(written, name) or _highest(range_, name)
    if version is not None:
        return Framework(name, *version, known=True)
    if name == "serverless" and _looks_like_four(root):
        return Framework(name, 4)
    return Framework(name, DEFAULT)


def _looks_like_four(root: Mapping) -> bool:
    if any(root.get(key) is not None for key in _FOUR):
        return True
    role = _at(root, "provider", "iam", "role")
    if isinstance(role, Mapping) and role.get("mode") is not None:
        return True
    # Version 4 reads function-level statements by itself; earlier ones need a plugin for them.
    keys = ("iam",) if root.get("plugins") is not None else ("iam", "iamRoleStatements")
    functions = root.get("functions")
    entries = functions.entries if isinstance(functions, Mapping) else []
    nodes = [node for _, node in entries if isinstance(node, Mapping)]
    return any(node.get(key) is not None for node in nodes for key in keys)


def _at(node: Node | None, *steps: str) -> Node | None:
    for step in steps:
        node = node.get(step) if isinstance(node, Mapping) else None
    return node


def _package(folder: str, reader: Reader | None) -> tuple[str, str]:
    """The framework's package and version range, by the nearest package.json upward that has it; else ""."""
    if reader is None:
        return "", ""
    while True:
        path = os.path.join(folder, "package.json")
        if os.path.exists(path) and reader.holds(path):
            found = _dependency(path, reader)
            if found[0]:
                return found
        above = os.path.normpath(os.path.join(folder or ".", os.pardir))
        if os.path.realpath(above) == os.path.realpath(folder or ".") or not reader.holds(above):
            return "", ""
        folder = above


def _dependency(path: str, reader: Reader) -> tuple[str, str]:
    try:
        content = json.loads(reader.read(path).text)
    except (InputError, ValueError, RecursionError):
        return "", ""
    for section in ("devDependencies", "dependencies"):
        packages = content.get(section) if isinstance(content, dict) else None
        for name in ("osls", "serverless"):
            if isinstance(packages, dict) and isinstance(packages.get(name), str):
                return name, packages[name]
    return "", ""


def _highest(range_: str, name: str) -> tuple[int, int] | None:
    """The highest (major, minor) that a version range allows, the usual one where it is open upward."""
    allowed: list[tuple[int, int]] = []
    for part in range_.split("||"):
        # Most services name a version and no more; compiling the expression would take longer than all else.
        limits = [("", part, "")] if _is_digits(part) else re.findall(_COMPARATOR, part)
        if limits:
            majors = [major for major in range(1, _LATEST[name] + 1) if _allows(limits, major)]
            # What says only a lower bound was written for the version of its day.
            major = DEFAULT if DEFAULT in majors and len(majors) > 1 else max(majors, default=0)
            if major:
                allowed.append((major, _minor(limits, major)))
    return max(allowed, default=None)


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _allows(limits: list[tuple[str, str, str]], major: int) -> bool:
    for operator, number, minor in limits:
        if not number.isdigit():
            continue
        bound = int(number)
        if operator in (">=", ">") and major < bound:
            return False
        if operator == "<" and (major > bound or (major == bound and minor in ("", "0", "x", "*"))):
            return False
        if operator == "<=" and major > bound:
            return False
        if operator in ("", "=", "^", "~") and major != bound:
            return False
    return True


def _minor(limits: list[tuple[str, str, str]], major: int) -> int:
    """The minor version that is pinned, 99 where the newest may be installed."""
    for operator, number, minor in limits:
        if number == str(major) and minor.isdigit() and operator in ("", "=", "~"):
            return int(minor)
    return 99
