"""Services of the Serverless Framework as files: where a service is configured, and what it includes.

Paths and texts go in; names of configuration files, included paths and reasons come out. Loaded only where
a run meets a service, walks past a plain fragment of CloudFormation, or runs under a hook.
"""

from __future__ import annotations

import os
import re

from .tree import InputError, Mapping, Scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .reader import Reader

# The framework takes the first of these that stands in the folder. The order is that of version 4; the
# earlier ones have the same without toml (https://www.serverless.com/framework/docs/guides/intro).
NAMES = tuple(f"serverless.{ending}" for ending in "yml yaml json toml js mjs cjs ts".split())

_CONFIG = re.compile(r"serverless[\w.-]*\.(?:ya?ml|json|toml|[mc]?js|ts)")
_FILE = re.compile(r"[{,]\s*file\(")
_PARSED = (".yml", ".yaml", ".json")
_SERVICE = re.compile(rb"^[ \t{]*[\"']?service[\"']?[ \t]*[:=,]", re.MULTILINE)
_SERVICE_PART = re.compile(rb"\b(?:provider|functions)[\"']?[ \t]*[:=,\].]|^[ \t]*\.\.\.", re.MULTILINE)
_LEVELS = 10  # of files that include files
_MOST = 200  # files of one folder, and files that one service includes


def first(names: set[str] | list[str]) -> str:
    """The configuration that the framework takes, of the names of a folder; "" where there is none."""
    return next((name for name in NAMES if name in names), "")


def beside(path: str) -> str:
    """The configuration that the framework takes in place of a file; "" where it takes the file."""
    folder, name = os.path.split(path)
    if name not in NAMES:
        return ""
    earlier = NAMES[: NAMES.index(name)]
    return next((other for other in earlier if os.path.isfile(os.path.join(folder, other))), "")


def is_service(data: bytes) -> bool:
    """Whether the content of a file bears the marks of a service, in any of the formats."""
    return _SERVICE.search(data) is not None and _SERVICE_PART.search(data) is not None


class Include:
    """A path in ``${file(path)}``; a variable in it stands for any text without '/'.

    ``weak`` ones say so little of a name (``${file(${opt:stage}.yml)}``) that they are meant to match only
    files that bear no marks of a template.
    """

    __slots__ = ("_parts", "_path", "weak")

    def __init__(self, folder: str, path: str) -> None:
        texts = _texts(path)
        self._path = os.path.normpath(os.path.join(folder, "\0".join(texts)))
        self._parts = self._path.split(os.sep)
        text = "".join(texts)
        self.weak = len(texts) > 1 and not re.search(r"\w", text[: text.rfind(".")] if "." in text else text)

    def matches(self, real: str) -> bool:
        """Whether a path, absolute and without links, is meant."""
        if "\0" not in self._path:
            return self._path == real or os.path.realpath(self._path) == real
        parts = real.split(os.sep)
        return len(parts) == len(self._parts) and all(map(_meets, self._parts, parts))

    def files(self) -> list[str]:
        """The files that the path stands for today."""
        if "\0" not in self._path:
            return [self._path] if os.path.isfile(self._path) else []
        folder = os.path.dirname(self._path)
        try:
            names = [] if "\0" in folder else sorted(os.listdir(folder))[:_MOST]
        except OSError:
            names = []
        paths = [os.path.join(folder, name) for name in names if _meets(self._parts[-1], name)]
        return [path for path in paths if os.path.isfile(path)]


def _meets(pattern: str, name: str) -> bool:
    """Whether a name fits a pattern in which NUL stands for any text."""
    texts = pattern.split("\0")
    if len(texts) == 1:
        return pattern == name
    at, end = len(texts[0]), len(name) - len(texts[-1])
    if end < at or not name.startswith(texts[0]) or not name.endswith(texts[-1]):
        return False
    for text in texts[1:-1]:
        place = name.find(text, at, end)
        if place < 0:
            return False
        at = place + len(text)
    return True


def _texts(path: str) -> list[str]:
    """The texts of a path around its variables; there is one more of them than variables."""
    texts = [""]
    depth = 0
    at = 0
    while at < len(path):
        if path.startswith("${", at) or (depth and path[at] == "{"):
            if not depth:
                texts.append("")
            depth += 1
            at += 1 if path[at] == "{" else 2
            continue
        if depth and path[at] == "}":
            depth -= 1
        elif not depth:
            texts[-1] += path[at]
        at += 1
    return texts


def file_paths(data: bytes) -> list[str]:
    """The paths in ``${file(path)}`` of a text, as they are written.

    Paths are relative to the folder of the service, in included files too
    (https://www.serverless.com/framework/docs/providers/aws/guide/variables).
    """
    text = data.decode("utf-8", "replace")
    paths = [_argument(text, match.end()) for match in _FILE.finditer(text)]
    return [path for path in dict.fromkeys(paths) if path]


def _argument(text: str, start: int) -> str:
    """The argument that begins at a place and ends with the ')' outside of all variables; "" for none."""
    depth = 0
    for at in range(start, min(start + 500, len(text))):
        char = text[at]
        if char == "\n":
            return ""
        if char == ")" and depth == 0:
            return text[start:at].strip().strip("\"'")
        depth += (char == "{") - (char == "}")
    return ""


def includes(path: str, reader: Reader) -> list[Include]:
    """Every file that the configuration of a service includes, directly or through another.

    Args:
        path: the configuration.
        reader: opens it and what it includes; nothing outside its root is read.
    """
    base = os.path.dirname(os.path.realpath(path))
    found: list[Include] = []
    seen: set[str] = set()
    level = [os.path.realpath(path)]
    for _ in range(_LEVELS):
        below: list[str] = []
        for each in level:
            for include in _within(each, base, reader, seen):
                found.append(include)
                below += [file for file in include.files() if file.lower().endswith(_PARSED)]
        level = below
        if not level or len(found) > _MOST:
            break
    return found


def _within(path: str, base: str, reader: Reader, seen: set[str]) -> list[Include]:
    """What one file includes; nothing where it was looked into before."""
    real = os.path.realpath(path)
    if real in seen or len(seen) > _MOST:
        return []
    seen.add(real)
    try:
        data = reader.read_bytes(path)
    except InputError:
        return []
    return [Include(base, each) for each in file_paths(data)] if b"file(" in data else []


class Fragments:
    """Knows which files are included by the services in the folders above them."""

    __slots__ = ("_above", "_in")

    def __init__(self) -> None:
        self._in: dict[str, list[Include]] = {}  # by folder: what the services in it include
        self._above: dict[tuple[str, str], list[Include]] = {}  # by root and folder: up to the root

    def holds(self, path: str, reader: Reader) -> bool:
        """Whether a service in the same folder or one above it, within the root, includes a file."""
        folder = os.path.dirname(path)
        known = self._above.get((reader.root, folder))
        if known is None:
            folders = _upward(os.path.realpath(folder), reader)
            known = [include for each in folders for include in self._below(each, reader) if not include.weak]
            self._above[reader.root, folder] = known
        if not known:
            return False
        real = os.path.realpath(path)
        return any(include.matches(real) for include in known)

    def _below(self, folder: str, reader: Reader) -> list[Include]:
        found = self._in.get(folder)
        if found is None:
            try:
                names = sorted(name for name in os.listdir(folder) if _CONFIG.fullmatch(name))[:_MOST]
            except OSError:
                names = []
            found = [each for name in names for each in includes(os.path.join(folder, name), reader)]
            self._in[folder] = found
        return found


def _upward(folder: str, reader: Reader) -> list[str]:
    """A folder, given without links, and those above it within the root."""
    found = []
    while reader.holds(folder) and folder not in found:
        found.append(folder)
        folder = os.path.dirname(folder)
    return found


def composed(path: str, root: Mapping | None, reader: Reader) -> tuple[list[str], list[InputError]]:
    """The configurations of the services that a serverless-compose file names.

    Args:
        path: the file.
        root: its tree, None where it is no mapping.
        reader: bounds where the services may lie.

    Returns:
        The paths of the configurations in order, and an error for each service that has none. Every service
        has a ``path``, and may name its configuration with ``config``
        (https://www.serverless.com/framework/docs/guides/compose).
    """
    services = root.get("services") if root is not None else None
    found: list[str] = []
    errors: list[InputError] = []
    if not isinstance(services, Mapping) or not services.entries:
        errors.append(
            InputError(path, "it names no services", "name a serverless.yml, or a folder to search")
        )
        return found, errors
    for key, service in services.entries:
        place = service.get("path") if isinstance(service, Mapping) else None
        config = service.get("config") if isinstance(service, Mapping) else None
        given = place.value if isinstance(place, Scalar) else ""
        folder = os.path.normpath(os.path.join(os.path.dirname(path), given))
        name = config.value if isinstance(config, Scalar) else _first_in(folder)
        file = os.path.join(folder, name) if folder != "." else name
        if given and name and os.path.isfile(file) and reader.holds(file):
            found.append(file)
            continue
        line, column = (place or key).span.line, (place or key).span.column
        cause = f"the service '{key.value}' has no configuration in '{given}'"
        errors.append(InputError(path, cause, "correct its 'path', or widen the root", line, column))
    return found, errors


def _first_in(folder: str) -> str:
    """What a composed service is configured by; version 4 also takes folders with a template."""
    names = (*NAMES, "template.yml", "template.yaml", "template.json")
    return next((name for name in names if os.path.isfile(os.path.join(folder, name))), "")
