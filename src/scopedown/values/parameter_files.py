"""Files that give parameters their values: names of files come in, values by name go out.

Read are JSON lists of {ParameterKey, ParameterValue} (``aws cloudformation create-stack``), JSON objects of
name and value, also under "Parameters" (template configuration of CodePipeline), JSON lists of "K=V" and
lines of K=V (``aws cloudformation deploy --parameter-overrides``), and the samconfig.toml or samconfig.yaml
of ``sam deploy``.
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

# In the order in which ``sam deploy`` looks for them.
SAM_CONFIGS = ("samconfig.toml", "samconfig.yaml", "samconfig.yml")
# The environment whose settings count where none is named.
DEFAULT = "default"
_FORMS = "write {name: value}, a list of {ParameterKey, ParameterValue}, or lines of K=V"
_NAME = r"[A-Za-z0-9_]+"
_PAIR = re.compile(rf"""(?:^|\s)({_NAME})=("(?:[^"\\]|\\.)*"|'[^']*'|\S*)""")
_LONG_PAIR = re.compile(rf"""ParameterKey=({_NAME}),\s*ParameterValue=("(?:[^"\\]|\\.)*"|'[^']*'|\S*)""")


def read_file(path: str, environment: str = DEFAULT) -> dict[str, str]:
    """The values in a file that the user names; ``environment`` says which of a samconfig file count.

    Raises:
        InputError: it cannot be read, or has none of the forms.
    """
    return values_in(Reader(os.path.dirname(path) or ".").read(path, named=True), environment)


def values_in(document: Document, environment: str = DEFAULT) -> dict[str, str]:
    """The values in the text of a parameter file.

    Raises:
        InputError: it has none of the forms.
    """
    if document.path.endswith(".toml") or os.path.basename(document.path) in SAM_CONFIGS:
        return _sam_values(document, None, environment)
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


# -- samconfig -------------------------------------------------------------------------------------------


def beside(
    template: Template, given: dict[str, str], errors: list[InputError], environment: str = DEFAULT
) -> dict[str, str]:
    """The given values over those in the samconfig file beside a template.

    Args:
        template: has the reader that may open files beside it; none for standard input.
        given: values that win over the file's.
        errors: takes one that says why the file cannot be used; the template is then read without it.
        environment: the table of the file that counts, as for ``sam deploy --config-env``.

    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html
    """
    folder = os.path.dirname(template.path)
    path = next((os.path.join(folder, each) for each in SAM_CONFIGS if _is_there(folder, each)), "")
    if template.reader is None or not path:
        return given
    try:
        values = _sam_values(template.reader.read(path), template.path, environment)
    except InputError as error:
        if not any(each.path == path for each in errors):
            errors.append(error)
        return given
    if not values:
        return given
    from .parameters import Given

    return (given if isinstance(given, Given) else Given()).over(values, os.path.basename(path))


def _is_there(folder: str, name: str) -> bool:
    return os.path.exists(os.path.join(folder, name))


def _sam_values(document: Document, template: str | None, environment: str = DEFAULT) -> dict[str, str]:
    """The overrides of one environment; none where the file is about another template."""
    tables = _toml(document) if document.path.endswith(".toml") else _yaml(document)
    if environment != DEFAULT and isinstance(tables, dict) and environment not in tables:
        some = ", ".join(sorted(each for each in tables if each != "version")) or "none"
        cause = f"it has no environment '{environment}'"
        raise InputError(document.path, cause, f"there are: {some}; choose one with --config-env")
    settings: dict[str, Any] = {}
    for command in ("global", "deploy"):
        table: Any = tables
        for name in (environment, command, "parameters"):
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
            raise InputError(document.path, cause, "correct it there", _line_of(document, str(word)))
        values.update(pairs)
    return values


def _toml(document: Document) -> object:
    import tomllib

    try:
        return tomllib.loads(document.text)
    except tomllib.TOMLDecodeError as error:
        said = str(error)
        place = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", said)
        line = column = None
        if place is not None:
            said = said[: place.start()]
            line, column = (int(place[1]), int(place[2])) if place[1] else (len(document.starts), None)
        cause = f"not TOML: {said[:1].lower()}{said[1:]}"
        raise InputError(document.path, cause, "correct it there", line, column) from None


def _yaml(document: Document) -> object:
    from ..source.discovery import parse

    return _plain(parse(document))


def _plain(node: Node | None) -> object:
    """A node as the values that it stands for; what is no string, list or table says nothing here."""
    if isinstance(node, Mapping):
        return {key.value: _plain(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    return plain(node) if isinstance(node, Scalar) else None


def _line_of(document: Document, word: str) -> int | None:
    """The line of a value that is not as it should be; its first occurrence."""
    at = document.text.find(word.splitlines()[0] if word else "")
    return document.position(at)[0] if at >= 0 and word else None


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
