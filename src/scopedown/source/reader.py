"""Opens the user's files, and only here: a path goes in, a Document comes out.

A Reader is confined to one root: nothing outside it is read, whatever a template or a link says.
"""

from __future__ import annotations

import os

from .tree import Document, InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

# CloudFormation takes templates of at most 1 MB (AWS CloudFormation quotas, "Template body size in an
# Amazon S3 object"); the margin is for files that templates include.
MAX_BYTES = 20_000_000
CONFIG_FILE = "scopedown.toml"

_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


class Reader:
    """Reads files within one root folder.

    Args:
        root: the folder that bounds what may be read.
    """

    __slots__ = ("_real_root", "root")

    def __init__(self, root: str) -> None:
        self.root = root
        self._real_root = os.path.realpath(root)

    def holds(self, path: str) -> bool:
        """Whether a path, with links followed, lies within the root."""
        try:
            real = os.path.realpath(path)
        except (OSError, ValueError):
            return False
        return real == self._real_root or real.startswith(self._real_root.rstrip(os.sep) + os.sep)

    def read(self, path: str, named: bool = False) -> Document:
        """Read and decode one file.

        Args:
            path: the file, relative to the current folder or absolute.
            named: the user gave this path on the command line, so it need not lie within the root.

        Returns:
            The text with its format, "json" where it begins with a bracket, else "yaml".

        Raises:
            InputError: missing, not a regular file, unreadable, too large, outside the root, not text.
        """
        return decode(path, self.read_bytes(path, named))

    def read_bytes(self, path: str, named: bool = False) -> bytes:
        """The content of one file; arguments and errors as for ``read``."""
        if not named and not self.holds(path):
            raise InputError(
                path, f"outside the root '{self.root}', so it is not read", "widen it with --root"
            )
        try:
            status = os.stat(path)
            _check_kind(path, status.st_mode, status.st_size)
            with open(path, "rb") as file:
                data = file.read(MAX_BYTES + 1)
        except (OSError, ValueError) as error:
            explain(path, error)
        if len(data) > MAX_BYTES:
            _refuse_size(path, len(data))
        return data


def _check_kind(path: str, mode: int, size: int) -> None:
    """Refuse what is not a regular file of sensible size."""
    kind = mode & 0o170000
    if kind == 0o040000:
        raise InputError(path, "this is a folder, not a file", "name a file in it")
    if kind != 0o100000:
        raise InputError(
            path, "this is a device, pipe or socket, not a file", "pass its content on stdin with '-'"
        )
    if size > MAX_BYTES:
        _refuse_size(path, size)


def _refuse_size(path: str, size: int) -> NoReturn:
    cause = f"the file has {size / 1e6:.0f} MB, more than the {MAX_BYTES / 1e6:.0f} MB that are read"
    raise InputError(path, cause, "CloudFormation takes templates up to 1 MB; name the template itself")


def explain(path: str, error: Exception) -> NoReturn:
    """Raise the InputError for an error of the operating system."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        raise InputError(path, "no such file or folder", "check the path") from None
    if isinstance(error, PermissionError):
        raise InputError(path, "no permission to read it", "change its permissions or leave it out") from None
    reason = (getattr(error, "strerror", None) or str(error)).lower()
    raise InputError(path, f"it cannot be read: {reason}", "check the path") from None


def decode(path: str, data: bytes) -> Document:
    """Decode the content of a file or of stdin.

    Args:
        path: the name to show in messages.
        data: UTF-8, with or without a byte order mark, or UTF-16 with one.

    Returns:
        The text without its byte order mark; its format is "json" where the first character that is not
        blank is a bracket, else "yaml".

    Raises:
        InputError: not text, or not in these encodings.
    """
    bom = data.startswith(_UTF8_BOM)
    encoding = "utf-8"
    if bom:
        data = data[3:]
    elif data.startswith(_UTF16_BOMS):
        bom, encoding = True, "utf-16"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if b"\0" in data:
            raise InputError(path, "this is a binary file", "name a template") from None
        line = data.count(b"\n", 0, error.start) + 1
        cause = f"not {encoding.upper()} text: byte 0x{data[error.start]:02x} is not valid there"
        raise InputError(path, cause, "save the file as UTF-8", line) from None
    if "\0" in text:
        raise InputError(path, "this is a binary file", "name a template")
    return Document(path, text, "json" if _first(text) in ("{", "[") else "yaml", bom)


def _first(text: str) -> str:
    """The first character that is not blank."""
    head = text[:200].lstrip()
    return (head or text.lstrip())[:1]


def find_root(path: str) -> str:
    """The folder that bounds what may be read for a path.

    Args:
        path: a file or folder as given by the user.

    Returns:
        The nearest folder upward with ``.git``, else with the configuration file (``scopedown.toml``, or a
        pyproject.toml with a ``[tool.scopedown]`` table), else the path itself (for a file: its folder).
    """
    start = os.path.abspath(path)
    if not os.path.isdir(start):
        start = os.path.dirname(start)
    configured = ""
    folder = start
    while True:
        if os.path.exists(os.path.join(folder, ".git")):
            return folder
        if not configured and has_config(folder):
            configured = folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return configured or start
        folder = parent


def has_config(folder: str) -> bool:
    """Whether the configuration of this tool stands in a folder."""
    if os.path.exists(os.path.join(folder, CONFIG_FILE)):
        return True
    try:
        with open(os.path.join(folder, "pyproject.toml"), "rb") as file:
            return b"[tool.scopedown" in file.read(MAX_BYTES)
    except OSError:
        return False
