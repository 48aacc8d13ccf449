"""Says why a text is not analysed: a text that is no plain template goes in, a record of it comes out.

Kept apart from discovery because a run over a good template never needs it.
"""

from __future__ import annotations

import re

from .templated import templated
from .tree import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .discovery import Discovery
    from .tree import Document

_ADVICE = "name a CloudFormation or SAM template, or a folder to search"
_NOT_A_TEMPLATE = "not a template: it has no 'Resources' with types such as AWS::Lambda::Function"
_SERVERLESS = "serverless.yml is not read yet"

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


def may_be_template(data: bytes) -> bool:
    """Whether the content of a file is worth parsing in a walk."""
    return _MAYBE.search(data) is not None


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
    kind = kind or _textual_kind(document.text, error)
    line = templated(document, error is None) if named or kind else None
    if kind == "serverless":
        _serverless(found, document, named)
    elif not kind and not named:
        found.passed_over += 1
    elif line is not None:
        _templated(found, document, named, line)
    elif error is not None:
        found.errors.append(error)
    elif not kind:
        found.errors.append(InputError(document.path, _NOT_A_TEMPLATE, _ADVICE))
    else:
        return False
    return True


def _textual_kind(text: str, error: InputError | None) -> str:
    """What a text that does not parse was meant to be."""
    if error is None:
        return ""
    if _VERSION.search(text) or (_RESOURCES.search(text) and _TYPE.search(text)):
        return "cloudformation"
    return "serverless" if _SERVICE.search(text) and _SERVICE_PART.search(text) else ""


def _templated(found: Discovery, document: Document, named: bool, line: int) -> None:
    if named:
        cause = "templated with Jinja, ERB, mustache or Velocity, not analysed"
        found.errors.append(InputError(document.path, cause, "render it and check the result", line))
    else:
        found.skipped.append((document.path, f"templated, not analysed (line {line})"))


def _serverless(found: Discovery, document: Document, named: bool) -> None:
    if named:
        advice = "check the template that 'serverless package' writes to .serverless"
        found.errors.append(InputError(document.path, _SERVERLESS, advice))
    else:
        found.skipped.append((document.path, _SERVERLESS))
