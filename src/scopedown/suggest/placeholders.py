"""What a reader has to fill in: an action comes in, the ARNs it needs go out with capitals for the names.

Names that only come up when the code runs (the id of an execution, a job, a snapshot) are never asked for.
"""

from __future__ import annotations

import re

from .. import catalog
from . import arns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..catalog import Action

_PLACEHOLDER = re.compile(r"\$\{([^}]+)\}")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+")
_OWN = ("Partition", "Region", "Account")
# Words of a placeholder for what AWS or the code names at run time.
_GENERATED = frozenset(
    (
        "Backup",
        "Build",
        "Change",
        "Execution",
        "Export",
        "Finding",
        "Grant",
        "Import",
        "Instance",
        "Interface",
        "Invocation",
        "Job",
        "Message",
        "Query",
        "Report",
        "Request",
        "Run",
        "Session",
        "Snapshot",
        "Task",
        "Volume",
        "Workflow",
    )
)
# What a caller starts or makes has an id of its own only afterwards.
_MAKING = ("Create", "Start", "Run", "Copy", "Import", "Request", "Allocate")
# Placeholders that say nothing without the type they stand for.
_VAGUE = ("Id", "Name", "ResourceId", "ResourceName", "RandomString")
# Actions that need a resource of several types at once.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbatch.html
_TOGETHER = {"batch:SubmitJob": ("job-definition", "job-queue")}


def main_types(action: Action) -> list[tuple[str, str]]:
    """The resource types that an action needs, with their ARN templates; mostly one.

    None are told where an action has several types and its name does not say which one it is about.
    """
    service = catalog.service(action.service)
    if service is None:
        return []
    if action.service == "execute-api":
        tail = arns.api_tail(action)
        return [("execute-api", "arn:${Partition}:execute-api:${Region}:${Account}:${ApiId}" + tail)]
    known = {name: service.types[name][0] for name in action.types if service.types.get(name)}
    if action.service == "logs" and ("log-group" in known or "log-stream" in known):
        tail = "" if action.name in arns.LOG_TAGGING else ":*"
        return [("log-group", service.types["log-group"][0] + tail)]
    names: tuple[str, ...] = _TOGETHER.get(action.full, ())
    if action.service == "glue":
        # Access to a table needs its database and the catalog too.
        # https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html
        names = tuple(name for name in ("database", "table", "rootcatalog") if name in known)
    return [(name, known[name]) for name in names or _main(action, list(known))]


def _main(action: Action, names: list[str]) -> list[str]:
    """The one type that is meant among those that an action has; none where that cannot be told."""
    if len(names) > 1:
        optional = arns.ALTERNATIVES.get(action.service, ())
        names = [name for name in names if name not in optional] or names
    if len(names) > 1:
        said = action.name.lower()
        fitting = [name for name in names if re.sub("[^a-z]", "", name.lower()) in said]
        names = [max(fitting, key=len)] if fitting else []
    return names


def generated(action: Action, template: str, type: str) -> bool:
    """Whether the first name in an ARN template is one that comes up only at run time."""
    first = _first(template)
    words = _WORD.findall(first)
    if first in _VAGUE:
        words = [*(word.capitalize() for word in re.split("[^A-Za-z]+", type)), *words]
    if not words or "Definition" in words:
        return False
    if words[-1] == "Id" and (action.name.startswith(_MAKING) or not _GENERATED.isdisjoint(words)):
        return True
    # Jobs have names, but mostly such as the code makes up; those of Glue are defined beforehand.
    late = ("Random", "UUID", "Snapshot")
    return any(word in words for word in late) or (
        "Job" in words and action.service not in ("glue", "databrew")
    )


def _first(template: str) -> str:
    names = [name for name in _PLACEHOLDER.findall(template) if name not in _OWN]
    # A group of Auto Scaling is known by its second name; a web ACL's scope is no name.
    chosen = [name for name in names if name.endswith("FriendlyName")] or names
    return next((name for name in chosen if name != "Scope"), "")


def with_placeholder(template: str, type: str = "") -> str:
    """An ARN template with capitals for the name to fill in, and ``*`` below it: table/TABLE_NAME."""
    first = _first(template)

    def value(found: re.Match[str]) -> str:
        key = found.group(1)
        if key in _OWN:
            return arns.PSEUDO[key]
        return _capitals(key, type) if key == first else "*"

    written = _PLACEHOLDER.sub(value, template)
    # Secrets Manager adds six characters to a secret's name.
    return written.replace(":secret:SECRET_ID", ":secret:SECRET_NAME-??????")


def _capitals(placeholder: str, type: str) -> str:
    if placeholder in _VAGUE and type:
        return re.sub("[^A-Z]+", "_", f"{type}_{'NAME' if 'Name' in placeholder else 'ID'}".upper())
    cut = placeholder.removesuffix("WithoutLeadingSlash").removesuffix("WithPath")
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cut).upper()


def noun(template: str, type: str) -> str:
    """What a placeholder names, in a word or two: "queue", "state machine"; "" where there is none."""
    if not _first(template):
        return ""
    words = _WORD.findall(_first(template).removesuffix("WithoutLeadingSlash").removesuffix("WithPath"))
    while words and words[-1] in ("Name", "Id", "Arn", "Friendly"):
        words.pop()
    if not words or words in (["Resource"], ["Random", "String"]):
        words = re.split("[^A-Za-z]+", type)
    return " ".join(word.upper() if word.upper() in ("API", "ID") else word.lower() for word in words)


def type_arn(action: Action) -> list[str] | None:
    """The fields of an ARN that any resource of the action's main type has, names as ``*``."""
    found = main_types(action)
    return arns.filled(found[0][1], "", "") if len(found) == 1 else None


def split(text: str) -> list[str]:
    """The six fields of an ARN in the form of Fn::Sub, whose placeholders may hold colons."""
    fields = [""]
    depth = 0
    for at, sign in enumerate(text):
        depth += text.startswith("${", at)
        depth -= sign == "}"
        if sign == ":" and not depth and len(fields) < 6:
            fields.append("")
        else:
            fields[-1] += sign
    return fields
