"""Files that give parameters their values: names of files come in, values by name go out.

Read are JSON lists of {ParameterKey, ParameterValue} (``aws cloudformation create-stack``), JSON objects of
name and value, also under "Parameters" (template configuration of CodePipeline), JSON lists of "K=V" and
lines of K=V (``aws cloudformation deploy --parameter-overrides``), and the samconfig.toml of ``sam deploy``.
"""

from __future__ import annotations

import os
import re

from ..source.reader import Reader
from ..source.tree import InputError, Mapping, Node, Scalar, Sequence
from .intrinsics import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..source.discovery import Template
    from ..source.tree import Document

SAM_CONFIG = "samconfig.toml"
_FORMS = "write {name: value}, a list of {ParameterKey, ParameterValue}, or lines of K=V"
_NAME = r"[A-Za-z0-9_]+"
_PAIR = re.compile(rf"""(?:^|\s)({_NAME})=("(?:[^"\\]|\\.)*"|'[^']*'|\S*)""")
_LONG_PAIR = re.compile(rf"""ParameterKey=({_NAME}),\s*ParameterValue=("(?:[^"\\]|\\.)*"|'[^']*'|\S*)""")


def read_file(path: str) -> dict[str, str]:
    """The values in a file that the user names.

    Raises:
        InputError: it cannot be read, or has none of the forms.
    """
    return values_in(Reader(os.path.dirname(path) or ".").read(path, named=True))


def values_in(document: Document) -> dict[str, str]:
    """The values in the text of a parameter file.

    Raises:
        InputError: it has none of the forms.
    """
    if document.path.endswith(".toml"):
        return _sam_values(document, None)
    if document.format == "json":
        from ..source.json_reader import parse_json

        return _of_json(parse_json(document))
    values: dict[str, str] = {}
    for number, line in enumerate(document.text.splitlines(), 1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            pairs = _of_line(stripped)
            if not pairs:
                raise InputError(
                    document.path, f"'{_short(stripped)}' is not of the form K=V", _FORMS, number
                )
            values.update(pairs)
    return values


def _of_json(root: Node) -> dict[str, str]:
    if isinstance(root, Sequence):
        values: dict[str, str] = {}
        for item in root.items:
            values.update(_of_item(item))
        return values
    if isinstance(root, Mapping):
        inner = root.get("Parameters")
        entries = inner.entries if isinstance(inner, Mapping) else root.entries
        return {key.value: _value(node) for key, node in entries}
    raise _odd(root, "neither a list nor an object")


def _of_item(item: Node) -> dict[str, str]:
    """One member of a list of parameters."""
    if isinstance(item, Scalar):
        pairs = _of_line(item.value.strip())
        if not pairs:
            raise _odd(item, f"'{_short(item.value)}' is not of the form K=V")
        return pairs
    key = item.get("ParameterKey") if isinstance(item, Mapping) else None
    if not isinstance(item, Mapping) or not isinstance(key, Scalar):
        raise _odd(item, "a parameter without ParameterKey")
    previous = item.get("UsePreviousValue")
    if isinstance(previous, Scalar) and previous.value.lower() == "true":
        return {}
    value = item.get("ParameterValue")
    if value is None:
        raise _odd(item, f"parameter '{_short(key.value)}' has no ParameterValue")
    return {key.value: _value(value)}


def _value(node: Node) -> str:
    if isinstance(node, Scalar):
        return plain(node)
    if isinstance(node, Sequence) and all(isinstance(item, Scalar) for item in node.items):
        return ",".join(_value(item) for item in node.items)
    raise _odd(node, "the value of a parameter is not a string")


def _odd(node: Node, cause: str) -> InputError:
    line, column = node.document.position(node.start)
    return InputError(node.document.path, cause, _FORMS, line, column)


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:39]}…"


def _of_line(line: str) -> dict[str, str]:
    """The pairs of a line: one, whose value may have spaces, or several as a shell would take them."""
    if "ParameterKey=" in line:
        return {name: _unquoted(value) for name, value in _LONG_PAIR.findall(line)}
    pairs = _PAIR.findall(line)
    if len(pairs) == 1 and re.match(rf"{_NAME}=", line):
        name, _, value = line.partition("=")
        return {name: _unquoted(value.strip())}
    return {name: _unquoted(value) for name, value in pairs}


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        inner = text[1:-1]
        return re.sub(r"\\(.)", r"\1", inner) if text[0] == '"' else inner
    return text


# -- samconfig.toml --------------------------------------------------------------------------------------


def beside(template: Template, given: dict[str, str], errors: list[InputError]) -> dict[str, str]:
    """The given values over those in the samconfig.toml beside a template.

    Args:
        template: has the reader that may open files beside it; none for standard input.
        given: values that win over the file's.
        errors: takes one that says why the file cannot be used; the template is then read without it.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html
    """
    path = os.path.join(os.path.dirname(template.path), SAM_CONFIG)
    if template.reader is None or not os.path.exists(path):
        return given
    try:
        values = _sam_values(template.reader.read(path), template.path)
    except InputError as error:
        if not any(each.path == path for each in errors):
            errors.append(error)
        return given
    if not values:
        return given
    from .parameters import Given

    return (given if isinstance(given, Given) else Given()).over(values, SAM_CONFIG)


def _sam_values(document: Document, template: str | None) -> dict[str, str]:
    """The overrides of the default environment; none where the file is about another template."""
    import tomllib

    try:
        tables = tomllib.loads(document.text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(document.path, f"not TOML: {str(error).lower()}", "correct it there") from None
    settings: dict[str, Any] = {}
    for command in ("global", "deploy"):
        table: Any = tables
        for name in ("default", command, "parameters"):
            table = table.get(name) if isinstance(table, dict) else None
        settings.update(table if isinstance(table, dict) else {})
    if template is not None and not _is_about(settings, template):
        return {}
    overrides = settings.get("parameter_overrides", [])
    words = [overrides] if isinstance(overrides, str) else overrides
    if isinstance(words, dict):
        return {name: _text(value) for name, value in words.items()}
    values: dict[str, str] = {}
    for word in words if isinstance(words, list) else []:
        pairs = _of_words(word) if isinstance(word, str) else {}
        if not pairs and word:
            cause = f"parameter_overrides holds '{_short(str(word))}', which is not of the form K=V"
            raise InputError(document.path, cause, "correct it there")
        values.update(pairs)
    return values


def _of_words(text: str) -> dict[str, str]:
    long_form = "ParameterKey=" in text
    pairs = (_LONG_PAIR if long_form else _PAIR).findall(text)
    return {name: _unquoted(value) for name, value in pairs}


def _is_about(settings: dict[str, Any], template: str) -> bool:
    """Whether the file names no template, this one, or what ``sam build`` makes of it."""
    named = settings.get("template_file") or settings.get("template")
    if not isinstance(named, str):
        return True
    stem = os.path.splitext(os.path.basename(template))[0]
    return os.path.splitext(os.path.basename(named))[0] == stem


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
