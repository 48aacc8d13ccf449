"""What made a resource of the CDK: entries of a cloud assembly's metadata come in, lines of the app go out.

The CDK records a stack trace of JavaScript for each construct. Apps in other languages leave no frames of
their own in it. https://docs.aws.amazon.com/cdk/api/v2/docs/cloud-assembly-schema-readme.html
"""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_ID, _MADE = "aws:cdk:logicalId", "aws:cdk:creationStack"
_LONGEST = 1000  # characters of a frame
_PLACE = re.compile(r"(?P<file>.+):(?P<line>[1-9]\d{0,8}):(?P<column>[1-9]\d{0,8})")
# Not the app's: Node.js itself, packages, and the runtime that the CDK's other languages go through.
_FOREIGN = re.compile(
    r"^(?:node:|internal/|<anonymous>|native)|[/\\](?:node_modules|jsii-kernel-\w+)[/\\]|[/\\]lib[/\\]program\.js$"
)


class Place:
    """A line of the app; ``function`` is what it runs in, as JavaScript names it."""

    __slots__ = ("column", "file", "function", "line")

    def __init__(self, file: str, line: int, column: int, function: str) -> None:
        self.file = file
        self.line = line
        self.column = column
        self.function = function


class Origin:
    """What made a resource.

    Args:
        construct: the path of its construct.
        places: the lines of the app that made it, innermost first; empty where they are not known.
        holder: the construct that the lines made, where that is one around ``construct``, else "".
    """

    __slots__ = ("construct", "holder", "places")

    def __init__(self, construct: str, places: list[Place], holder: str = "") -> None:
        self.construct = construct
        self.places = places
        self.holder = holder

    @property
    def nearest(self) -> list[Place]:
        """The innermost place and, where that is no constructor but a function, its callers up to one."""
        found: list[Place] = []
        for place in self.places:
            found.append(place)
            if not place.function or place.function.startswith(("new ", "<anonymous>", "Object.<anonymous>")):
                break
        return found


def places_in(entries: list[dict[str, Any]]) -> list[Place]:
    """The frames of the app's own code in what the CDK recorded, innermost first."""
    found: list[Place] = []
    for entry in entries:
        kind = entry.get("type")
        frames = entry.get("data") if kind == _MADE else entry.get("trace") if kind == _ID else None
        for frame in frames if isinstance(frames, list) and not found else ():
            place = _place(frame.strip()) if isinstance(frame, str) else None
            if place is not None:
                found.append(place)
    return found


def _place(frame: str) -> Place | None:
    """The place of a frame, "function (file:line:column)"; None where it is not the app's."""
    function = ""
    if frame.endswith(")") and " (" in frame:
        function, _, frame = frame[:-1].partition(" (")
    match = _PLACE.fullmatch(frame) if len(frame) < _LONGEST and not frame.startswith("...") else None
    if match is None or _FOREIGN.search(match["file"]):
        return None
    file = _near(match["file"].removeprefix("file://"))
    return Place(file, int(match["line"]), int(match["column"]), function.removeprefix("at "))


def _near(file: str) -> str:
    """A file as seen from the current folder, where it is below it."""
    here = os.getcwd().rstrip(os.sep) + os.sep
    return file[len(here) :] if file.startswith(here) else file
