"""AWS managed policy documents: packed into one file that a reader opens at one block.

The file is a line of JSON, `[[first name, offset, length], …]` with offsets counted from the next line, and
then one zlib stream a block. A block holds policies in the order of their names, one JSON list a line:
`[name, path, version, date, partitions, document]`. Policies of AWS's service-linked roles are left out: only
AWS attaches them, and they are a quarter of the text. Another zlib library may pack the same lines into other
bytes; then the file changes in git and its content does not.
"""

from __future__ import annotations

import json
import zlib

from .layout import compact
from .managed import ARN_MAP, documents
from .sources import Sources

FILE = "managed_policies.bin"
SERVICE_LINKED = "/aws-service-role/"
BLOCK = 160_000  # characters; larger packs better, and costs more to read


def files(sources: Sources) -> dict[str, bytes]:
    """`managed_policies.bin`."""
    blocks: list[list[tuple[str, str]]] = []
    size = BLOCK
    for name, line in _lines(sources):
        if size >= BLOCK:
            blocks.append([])
            size = 0
        blocks[-1].append((name, line))
        size += len(line)
    streams = [zlib.compress("\n".join(line for _, line in block).encode(), 9) for block in blocks]
    index, offset = [], 0
    for block, stream in zip(blocks, streams, strict=True):
        index.append([block[0][0], offset, len(stream)])
        offset += len(stream)
    return {FILE: compact(index).encode() + b"\n" + b"".join(streams)}


def count(packed: dict[str, bytes]) -> int:
    """How many policies the file holds."""
    head, _, body = packed[FILE].partition(b"\n")
    streams = (body[offset : offset + length] for _, offset, length in json.loads(head))
    return sum(zlib.decompress(stream).count(b"\n") + 1 for stream in streams)


def _lines(sources: Sources) -> list[tuple[str, str]]:
    """Policy name and line, sorted by name."""
    names = sources["aws-sam-translator"].json(ARN_MAP)
    lines = []
    for name, policy in sorted(documents(sources).items()):
        if policy["Path"] == SERVICE_LINKED:
            continue
        suffix = f":policy{policy['Path']}{name}"
        partitions = [part for part in sorted(names) if names[part].get(name, "").endswith(suffix)]
        date = (policy.get("UpdateDate") or policy["CreateDate"])[:10]
        row = [
            name,
            policy["Path"],
            policy["DefaultVersionId"],
            date,
            " ".join(partitions),
            policy["Document"],
        ]
        lines.append((name, compact(row)))
    return lines
