"""Reads ``.env`` files: their text comes in, names with values go out.

The files of a service are those that the framework loads (https://www.serverless.com/framework/docs/environment-variables);
the format is that of the dotenv package with dotenv-expand.
"""

from __future__ import annotations

import re

_LINE = re.compile(r"[ \t]*(?:export[ \t]+)?([\w.-]+)(?:[ \t]*=|:[ \t]+)[ \t]*")
_CLOSED = {quote: re.compile(rf"{quote}((?:\\{quote}|[^{quote}])*){quote}") for quote in "'\"`"}
_REFERENCE = re.compile(r"(\\)?\$(?:\{([\w.]+)(?::?-([^{}]*))?\}|(\w+))")


def parse(text: str) -> dict[str, str | None]:
    """The variables of a text.

    Args:
        text: lines ``NAME=value``, with comments, quotes and references to other names.

    Returns:
        Values by name; None for one that depends on the environment.
    """
    found: dict[str, tuple[str, str]] = {}
    at = 0
    while at < len(text):
        match = _LINE.match(text, at)
        if match is None:
            at = _next_line(text, at)
            continue
        value, quote, at = _value(text, match.end())
        found[match.group(1)] = (value, quote)
    done: dict[str, str | None] = {}
    for name, (value, _) in found.items():
        done[name] = _expanded(value, done)
    return done


def _next_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _value(text: str, at: int) -> tuple[str, str, int]:
    """A value, its quote and where the next line begins."""
    quote = text[at : at + 1]
    closed = _CLOSED[quote].match(text, at) if quote in _CLOSED else None
    if closed:
        value = closed.group(1)
        if quote == '"':
            value = value.replace("\\n", "\n").replace("\\r", "\r")
        return value, quote, _next_line(text, closed.end())
    end = _next_line(text, at)
    return text[at:end].partition("#")[0].strip(), "", end


def _expanded(value: str, known: dict[str, str | None]) -> str | None:
    """A value with references replaced by the names before it; None where one is not among them."""
    parts: list[str] = []
    at = 0
    for match in _REFERENCE.finditer(value):
        parts.append(value[at : match.start()])
        at = match.end()
        if match.group(1):
            parts.append(match.group()[1:])
            continue
        given = known.get(match.group(2) or match.group(4))
        given = match.group(3) if given is None else given
        if given is None:
            return None
        parts.append(given)
    parts.append(value[at:])
    return "".join(parts)
