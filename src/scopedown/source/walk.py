"""Walks a folder: the files that may be templates come out, in sorted order, ignored ones left out."""

from __future__ import annotations

import os

from .discovery import Candidate
from .reader import MAX_BYTES, Reader, explain, has_config
from .tree import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .discovery import Discovery
    from .ignore import Ignore

SKIPPED_FOLDERS = frozenset(
    (
        ".git .hg .svn .aws-sam .serverless .venv venv node_modules __pycache__ .tox .nox .terraform .eggs"
        " .cache .mypy_cache .ruff_cache .pytest_cache .idea .vscode site-packages"
    ).split()
)
_ENDINGS = (".yaml", ".yml", ".json", ".template")
# Configurations of the Serverless Framework that have other endings are found by their whole name.
_SERVICES = frozenset(
    ("serverless.toml", "serverless.js", "serverless.mjs", "serverless.cjs", "serverless.ts")
)


class Walk:
    """The files under one path that was named.

    Args:
        path: the folder; or a file, which is then treated as if a walk had found it.
        reader: reads what lies under the path.
        exclude: patterns in gitignore syntax, relative to the reader's root.
        fixed: the root was given, so repositories inside the folder do not get roots of their own.
        found: collects what is passed over, skipped and wrong.
    """

    __slots__ = ("_exclude", "fixed", "found", "path", "reader")

    def __init__(
        self, path: str, reader: Reader, exclude: tuple[str, ...], fixed: bool, found: Discovery
    ) -> None:
        self.path = path
        self.reader = reader
        self.fixed = fixed
        self.found = found
        self._exclude = self._excluded(exclude)

    def files(self) -> Iterator[Candidate]:
        """The candidates: of every folder first its files, then its folders, each sorted by name."""
        if not os.path.isdir(self.path):
            yield from self._single()
            return
        stack = [(self.path, self.reader, self._above())]
        while stack:
            folder, reader, ignore = stack.pop()
            try:
                entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            except OSError as error:
                self._record(folder, error)
                continue
            names = {entry.name for entry in entries}
            if folder != self.path and not self.fixed and self._is_root(reader, folder, names):
                reader = Reader(folder)
            if ".gitignore" in names or ".git" in names:
                ignore = _extended(ignore, reader, folder)
            if "cdk.out" in names and "manifest.json" in names:
                entries = [entry for entry in entries if not _is_of_assembly(entry.name)]
            yield from self._files(folder, reader, ignore, entries)
            stack += [
                (_join(folder, entry.name), reader, ignore)
                for entry in reversed(entries)
                if entry.is_dir(follow_symlinks=False) and self._enters(folder, entry.name, ignore)
            ]

    def _files(
        self, folder: str, reader: Reader, ignore: Ignore | None, entries: list[os.DirEntry[str]]
    ) -> Iterator[Candidate]:
        """The candidates that stand directly in a folder."""
        taken = self._taken(folder, ignore, entries)
        for entry in entries:
            path = _join(folder, entry.name)
            if not _is_candidate(entry.name) or self._left_out(path, False, ignore):
                continue
            try:
                is_file = entry.is_file()
                size = entry.stat().st_size if is_file else 0
            except OSError:
                continue
            if not is_file:
                continue
            if entry.is_symlink() and not reader.holds(path):
                self.found.skipped.append((path, f"a link that leads outside the root '{reader.root}'"))
            elif size > MAX_BYTES:
                self.found.skipped.append((path, f"larger than {MAX_BYTES // 1_000_000} MB"))
            elif taken and entry.name in taken[1:]:
                self._passed(path, reader, taken[0])
            else:
                yield Candidate(path, False, reader)

    def _taken(self, folder: str, ignore: Ignore | None, entries: list[os.DirEntry[str]]) -> list[str]:
        """The configurations of a service in a folder, in the order in which the framework looks for them."""
        names = [entry.name for entry in entries if entry.name.startswith("serverless.")]
        if len(names) < 2:
            return []
        from .services import NAMES

        return [
            name for name in NAMES if name in names and not self._left_out(_join(folder, name), False, ignore)
        ]

    def _passed(self, path: str, reader: Reader, taken: str) -> None:
        """Record a configuration that the framework does not take; a file of another kind has no marks."""
        from .services import is_service

        try:
            marked = is_service(reader.read_bytes(path))
        except InputError as error:
            self.found.errors.append(error)
            return
        if marked:
            self.found.skipped.append((path, f"{taken} stands beside it and is the one the framework takes"))
        else:
            self.found.passed_over += 1

    def _single(self) -> Iterator[Candidate]:
        """The one file, unless a walk would have left it out; pattern files of git are not asked."""
        inside = self.path
        if os.path.isabs(inside):
            inside = os.path.relpath(inside, self.reader.root)
        parts = inside.split(os.sep)
        taken = ""
        if parts[-1].startswith("serverless."):
            from .services import beside

            taken = beside(self.path)
        skipped = any(part in SKIPPED_FOLDERS for part in parts[:-1])
        if not os.path.lexists(self.path):
            yield Candidate(self.path, True, self.reader)
        elif skipped or not _is_candidate(parts[-1]) or self._left_out(self.path, False, None):
            self.found.passed_over += 1
        elif taken:
            self._passed(self.path, self.reader, taken)
        else:
            yield Candidate(self.path, False, self.reader)

    def _enters(self, folder: str, name: str, ignore: Ignore | None) -> bool:
        """Whether a folder inside a folder is walked."""
        if name in SKIPPED_FOLDERS or (name.startswith("asset.") and "cdk.out" in _parts(folder)):
            return False
        path = _join(folder, name)
        if os.path.exists(os.path.join(path, "pyvenv.cfg")):
            return False
        return not self._left_out(path, True, ignore)

    def _left_out(self, path: str, is_folder: bool, ignore: Ignore | None) -> bool:
        """Whether patterns keep a path out."""
        if ignore is None and self._exclude is None:
            return False
        absolute = os.path.abspath(path)
        return any(
            rules is not None and rules.holds(absolute, is_folder) for rules in (ignore, self._exclude)
        )

    def _excluded(self, patterns: tuple[str, ...]) -> Ignore | None:
        """The set of the user's own patterns."""
        if not patterns:
            return None
        from .ignore import Ignore, valid

        for pattern in patterns:
            if not valid(pattern):
                cause = "not a pattern in gitignore syntax"
                self.found.errors.append(InputError(pattern, cause, "correct it where 'exclude' is set"))
        return Ignore().below(os.path.abspath(self.reader.root), list(patterns))

    def _above(self) -> Ignore | None:
        """The pattern files from the root down to the folder; none that ignore the folder itself."""
        root, folder = os.path.abspath(self.reader.root), os.path.abspath(self.path)
        above = []
        at = folder
        while at != root and os.path.dirname(at) != at:
            at = os.path.dirname(at)
            above.append(at)
        if at != root:
            return None
        ignore: Ignore | None = None
        for place in reversed(above):
            ignore = _extended(ignore, self.reader, place)
        return None if ignore is not None and ignore.holds(folder, True) else ignore

    def _is_root(self, reader: Reader, folder: str, names: set[str]) -> bool:
        """Whether a folder inside the walk bounds what its templates may refer to."""
        if ".git" in names:
            return True
        if "scopedown.toml" in names or "pyproject.toml" in names:
            return has_config(folder) and not os.path.exists(os.path.join(reader.root, ".git"))
        return False

    def _record(self, folder: str, error: OSError) -> None:
        try:
            explain(folder, error)
        except InputError as made:
            self.found.errors.append(made)


def _extended(ignore: Ignore | None, reader: Reader, folder: str) -> Ignore | None:
    """A set of patterns with those of a folder's pattern files; without one pathspec is not even loaded."""
    for name in (os.path.join(".git", "info", "exclude"), ".gitignore"):
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            from .ignore import Ignore, read_patterns

            ignore = (ignore or Ignore()).below(os.path.abspath(folder), read_patterns(reader, path))
    return ignore


def _is_of_assembly(name: str) -> bool:
    """Whether a file or folder of a cloud assembly of the CDK is its bookkeeping or an asset, not a template.

    Every assembly holds a file named cdk.out, and a stage's has a folder of its own inside.
    https://docs.aws.amazon.com/cdk/v2/guide/deploy.html
    """
    return (
        name in ("tree.json", "manifest.json", "validation-report.json")
        or name.startswith("asset.")
        or name.endswith((".assets.json", ".metadata.json"))
    )


def _is_candidate(name: str) -> bool:
    """Whether a file's name may be that of a template: *.yaml, *.yml, *.json, *.template, template.*."""
    lower = name.lower()
    return lower.endswith(_ENDINGS) or lower.startswith("template.") or name in _SERVICES


def _join(folder: str, name: str) -> str:
    """A path as the user would write it: no './' before it."""
    return name if folder == "." else os.path.join(folder, name)


def _parts(path: str) -> list[str]:
    return os.path.abspath(path).split(os.sep)
