"""Templates that own a file: a changed file comes in, the templates that nest or include it go out.

A hook names the files of a commit. A nested template or an included fragment means little by itself: it is
judged through the template or the service that deploys it. Only the file's folder and those above it, up to
the root, are searched.
"""

from __future__ import annotations

import os
import re

from .tree import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .reader import Reader

_ENDINGS = (".yaml", ".yml", ".json", ".template")
# What refers to a local file, each with the type or macro that must stand somewhere in the same text.
_MARKS = (b"AWS::CloudFormation::Stack", b"AWS::Serverless::Application", b"AWS::Include")
_SERVICE = re.compile(r"serverless\.(?:toml|[mc]?js|ts)\Z")
_MOST = 200  # files of one folder that are looked into


def owners(path: str, reader: Reader) -> list[str]:
    """The paths of the templates and services that refer to a file by a path of their own.

    Args:
        path: the file, as it was named.
        reader: opens the templates; nothing outside its root is read.
    """
    name = os.path.basename(path)
    reference = re.compile(rb"(?<![\w./-])(?:[\w.-]+/)*" + re.escape(name.encode()) + rb"(?![\w.-])")
    real = os.path.realpath(path)
    return [
        candidate
        for folder in _upward(os.path.dirname(path), reader)
        for candidate in _files(folder)
        if os.path.realpath(candidate) != real and _refers(candidate, reader, reference, real)
    ]


def _refers(candidate: str, reader: Reader, reference: re.Pattern[bytes], real: str) -> bool:
    try:
        data = reader.read_bytes(candidate)
    except InputError:
        return False
    if b"file(" in data and _includes(candidate, data, reader, real):
        return True
    if not any(mark in data for mark in _MARKS):
        return False
    base = os.path.dirname(candidate)
    places = {os.path.join(base, os.fsdecode(match.group())) for match in reference.finditer(data)}
    return any(os.path.realpath(place) == real for place in places)


def _includes(candidate: str, data: bytes, reader: Reader, real: str) -> bool:
    """Whether a file is a service that includes another, directly or through its other files."""
    from .services import beside, includes, is_service

    if not is_service(data) or beside(candidate):
        return False
    found = [include for include in includes(candidate, reader) if include.matches(real)]
    return any(not include.weak for include in found) or (bool(found) and _unmarked(real, reader))


def _unmarked(path: str, reader: Reader) -> bool:
    """Whether a file bears no marks of a template of its own."""
    from .refusal import may_be_template

    try:
        return not may_be_template(reader.read_bytes(path))
    except InputError:
        return False


def _upward(folder: str, reader: Reader) -> list[str]:
    """A folder and those above it, as long as they lie within the root."""
    found = []
    while reader.holds(folder or "."):
        found.append(folder)
        above = os.path.normpath(os.path.join(folder or ".", os.pardir))
        if os.path.realpath(above) == os.path.realpath(folder or "."):
            break
        folder = "" if above == "." else above  # what a walk calls it: without a dot before the name
    return found


def _files(folder: str) -> list[str]:
    try:
        names = sorted(
            name
            for name in os.listdir(folder or ".")
            if name.lower().endswith(_ENDINGS) or _SERVICE.match(name)
        )
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names[:_MOST]]
