"""Says why a text is not analysed: a text that is no plain template goes in, a record of it comes out.

Kept apart from discovery because a run over a good template never needs it.
"""

from __future__ import annotations

import os
import re

from .templated import templated
from .tree import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .discovery import Discovery
    from .tree import Document, Mapping

_ADVICE = "name a CloudFormation or SAM template, a serverless.yml, or a folder to search"
_NOT_A_TEMPLATE = "not a template: it has no 'Resources' with types such as AWS::Lambda::Function"
_NOT_A_SERVICE = "not a service: it has no 'service' with a 'provider' or 'functions'"
_CODE = "its configuration is made by code, which is not run"

# Anything that could be a template, over the raw bytes, so that most files are never decoded or parsed.
_MAYBE = re.compile(
    rb"AWSTemplateFormatVersion|Resources|\"Statement\"\s*:|^Statement\s*:|^[ \t{]*[\"']?service[\"']?[ \t]*:"
    rb"|\A(?:\xff\xfe|\xfe\xff)",
    re.MULTILINE,
)
# Marks in a text that does not parse: keys at the left edge in YAML, anywhere in JSON.
_VERSION = re.compile(
    r"^[\"']?AWSTemplateFormatVersion[\"']?\s*:|\"AWSTemplateFormatVersion\"\s*:", re.MULTILINE
)
_RESOURCES = re.compile(r"^[\"']?Resources[\"']?\s*:|\"Resources\"\s*:", re.MULTILINE)
_TYPE = re.compile(
    r"\bType[\"']?\s*:\s*[\"']?(?:AWS|Alexa|Custom)::|^[\"']?Transform[\"']?\s*:|\"Transform\"\s*:",
    re.MULTILINE,
)
_SERVICE = re.compile(r"^[\"']?service[\"']?[ \t]*:", re.MULTILINE)
_SERVICE_PART = re.compile(r"^[\"']?(?:provider|functions)[\"']?[ \t]*:", re.MULTILINE)


def may_be_template(data: bytes, path: str = "") -> bool:
    """Whether the content of a file is worth parsing in a walk; a walk finds code and TOML by name only."""
    return _MAYBE.search(data) is not None or path.endswith((".ts", "js", ".toml"))


def refuse(found: Discovery, document: Document, named: bool, kind: str, error: InputError | None) -> bool:
    """Record why a text is not analysed.

    Args:
        found: where it is recorded.
        document: the text.
        named: the user named the file, so it is an error that it cannot be analysed.
        kind: the dialect of a text that parses, "" where it has none.
        error: why the text does not parse, if it does not.

    Returns:
        False where nothing speaks against it: it is a template.
    """
    kind = kind or _textual_kind(document, error)
    plain = document.format in ("yaml", "json")
    line = templated(document, error is None) if plain and (named or kind) else None
    if not kind and not named:
        found.passed_over += 1
        found.passed.append(document.path)
    elif line is not None:
        _templated(found, document, named, line)
    elif error is not None:
        _unread(found, document, named, error)
    elif not kind:
        service = not plain or os.path.basename(document.path).startswith("serverless.")
        cause = _NOT_A_SERVICE if service else _NOT_A_TEMPLATE
        found.errors.append(InputError(document.path, cause, _ADVICE))
    else:
        return False
    return True


def refuse_provider(found: Discovery, document: Document, named: bool, root: Mapping, provider: str) -> None:
    """Record that a service is deployed elsewhere than to AWS.

    Args:
        found: where it is recorded.
        document, root: the text of the service and its tree.
        named: the user named the file, so it is an error.
        provider: what it is deployed to.
    """
    cause = f"a service of the provider '{provider}', not of AWS"
    if named:
        node = root.get("provider")
        line = node.span.line if node is not None else None
        found.errors.append(InputError(document.path, cause, "name a service that is deployed to AWS", line))
    else:
        found.skipped.append((document.path, cause))


def _textual_kind(document: Document, error: InputError | None) -> str:
    """What a text that does not parse was meant to be."""
    if error is None:
        return ""
    text = document.text
    if document.format not in ("yaml", "json"):
        from .services import is_service

        return "serverless" if is_service(text.encode("utf-8", "replace")) else ""
    if _VERSION.search(text) or (_RESOURCES.search(text) and _TYPE.search(text)):
        return "cloudformation"
    return "serverless" if _SERVICE.search(text) and _SERVICE_PART.search(text) else ""


def _unread(found: Discovery, document: Document, named: bool, error: InputError) -> None:
    """A text that does not parse; code that is well formed is no mistake of the user."""
    if document.format == "javascript" and not named:
        from .javascript_reader import NotLiteral

        if isinstance(error, NotLiteral):
            found.skipped.append((document.path, _CODE))
            return
    found.errors.append(error)


def _templated(found: Discovery, document: Document, named: bool, line: int) -> None:
    if named:
        cause = "templated with Jinja, ERB, mustache or Velocity, not analysed"
        found.errors.append(InputError(document.path, cause, "render it and check the result", line))
    else:
        found.skipped.append((document.path, f"templated, not analysed (line {line})"))
