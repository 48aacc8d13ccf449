"""AWS managed policies: a name or ARN comes in, the policy with its document goes out.

The documents are packed in one file (see generate/documents.py); a look-up unpacks the one block that holds
the policy. Policies under aws-service-role/ are left out: only AWS can attach them.
"""

from __future__ import annotations

import json
import os
import zlib

from . import store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from io import BufferedReader
    from typing import Any

_FILE = "managed_policies.bin"
_index: list[list[Any]] = []  # [first name, offset in the file, length] of each block
_blocks: dict[int, bytes] = {}  # offset to the block's lines, a line feed before each and at the end


class ManagedPolicy:
    """One AWS managed policy.

    `arn` has no partition: it is what follows "arn:aws:". `partitions` are those that AWS SAM lists the name
    in; the document is that of the aws partition, whose ARNs begin with "arn:aws:" wherever they are written
    out. `version` is the default version's id and `date` the day it became that.
    """

    __slots__ = ("arn", "date", "document", "name", "partitions", "path", "version")

    def __init__(self, row: list[Any]) -> None:
        self.name: str = row[0]
        self.path: str = row[1]
        self.version: str = row[2]
        self.date: str = row[3]
        self.partitions: tuple[str, ...] = tuple(row[4].split())
        self.document: dict[str, Any] = row[5]
        self.arn = f"iam::aws:policy{self.path}{self.name}"

    def __repr__(self) -> str:
        return f"ManagedPolicy({self.name!r}, {self.version!r})"


def managed_policy(name: str) -> ManagedPolicy | None:
    """An AWS managed policy with its document, or None when it is not known.

    Args:
        name: "AWSLambda_FullAccess", the same with its path, or its ARN in any partition ("arn:aws-cn:iam::
            aws:policy/AWSLambda_FullAccess"). A path must be the policy's own, and an ARN must have it.
            Names are case-sensitive.

    Returns:
        A new record each time, so that its document may be changed.
    """
    _, is_arn, rest = name.partition(":iam::aws:policy/")
    path, slash, short = (rest if is_arn else name).rpartition("/")
    line = _line(short)
    policy = ManagedPolicy(json.loads(line)) if line is not None else None
    if policy is None or ((slash or is_arn) and path != policy.path.strip("/")):
        return None
    return policy


def managed_policy_documents() -> tuple[str, ...]:
    """The names of the policies whose documents are known, sorted."""
    with _open() as file:
        lines = [line for row in _index for line in _block(file, row).split(b"\n") if line]
    return tuple(line[2 : line.index(b'"', 2)].decode() for line in lines)


def _open() -> BufferedReader:
    """The file, its index read."""
    file = open(os.path.join(store.FOLDER, _FILE), "rb")  # noqa: SIM115 - the caller closes it
    if not _index:
        head = file.readline()
        _index.extend([first, offset + len(head), length] for first, offset, length in json.loads(head))
    return file


def _line(name: str) -> bytes | None:
    if not name.isascii() or '"' in name:
        return None
    with _open() as file:
        holding = [row for row in _index if row[0] <= name]
        text = _block(file, holding[-1]) if holding else b""
    start = text.find(f'\n["{name}",'.encode())
    return text[start + 1 : text.index(b"\n", start + 1)] if start >= 0 else None


def _block(file: BufferedReader, row: list[Any]) -> bytes:
    _, offset, length = row
    if offset not in _blocks:
        file.seek(offset)
        _blocks[offset] = b"\n%b\n" % zlib.decompress(file.read(length))
    return _blocks[offset]
