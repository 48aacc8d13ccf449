"""ARN expressions: a resource of the template and an action come in, the ARNs to write for it come out.

Which resource types an action applies to and what Ref and GetAtt return is the catalog's; this module joins
the two by the shape of their ARNs.
"""

from __future__ import annotations

import re

from .. import catalog
from ..source.tree import Scalar
from ..values.intrinsics import Resolver
from ..values.text import Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..catalog import Action, CfnType
    from ..template.stack import Resource, Stack
    from ..values.text import Part

    Expression = str | dict[str, Any]

_PLACEHOLDER = re.compile(r"\$\{([^}]+)\}")
_shapes: dict[str, str] = {}
PSEUDO = {"Partition": "${AWS::Partition}", "Region": "${AWS::Region}", "Account": "${AWS::AccountId}"}
# Tags of a log group are managed under its ARN without ":*".
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
LOG_TAGGING = ("TagResource", "UntagResource", "ListTagsForResource")


class Arn:
    """An ARN that can be written in several ways.

    Args:
        fields: its six fields as they stand in Fn::Sub; None where the resource cannot be named by parts.
        natural: Ref, GetAtt or a short Fn::Sub over them, where the resource offers one.
        id: the resource's logical id; "" for an ARN that is given as text.
        said: the fields as the author of a service would write them; None where they are the same.
    """

    __slots__ = ("fields", "id", "natural", "said")

    def __init__(
        self,
        fields: list[str] | None,
        natural: Expression | None,
        id: str = "",
        said: list[str] | None = None,
    ) -> None:
        self.fields = fields
        self.natural = natural
        self.id = id
        self.said = said

    @property
    def expression(self) -> Expression:
        """The shortest spelling."""
        return self.natural if self.natural is not None else spelled(":".join(self.fields or []))


def spelled(text: str) -> Expression:
    """A text in the form of Fn::Sub as an expression: plain where nothing is to be substituted."""
    return {"Fn::Sub": text} if "${" in text else text


def shown(expression: Any) -> str:
    """An expression in the form of Fn::Sub."""
    if isinstance(expression, str):
        return expression
    ((function, argument),) = expression.items()
    if function == "Fn::GetAtt":
        return "${" + ".".join(argument) + "}"
    return "${" + argument + "}" if function == "Ref" else str(argument)


def text_of(display: str, resolver: Resolver) -> Text:
    """The Text of a string in the form of Fn::Sub."""
    parts: list[Part] = []
    at = 0
    for found in _PLACEHOLDER.finditer(display):
        parts += Text.of(display[at : found.start()]).parts
        name = found.group(1)
        inner = resolver.attribute(name) if "." in name else resolver.reference(name)
        parts += inner.parts
        at = found.end()
    parts += Text.of(display[at:]).parts
    return Text.join(parts)


# Resource types that an action takes instead of its main one, or only at times; where it has other types it
# needs a resource of each of them: batch:SubmitJob a job definition and a queue.
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
ALTERNATIVES = {
    "s3": ("accesspoint", "accesspointobject", "objectlambdaaccesspoint", "multiregionaccesspoint"),
    "dynamodb": ("index", "stream", "global-table"),
    "events": (
        "event-busv2",
        "event-sourcev2",
        "rule-on-custom-event-bus",
        "rule-on-default-event-bus",
        "subscriber",
    ),
    "lambda": ("webFunction", "function alias", "function version", "capacityProvider", "microvmImage"),
    "states": ("activity", "express", "execution", "maprun", "labelled execution", "labelled express"),
    "kms": ("alias",),
    "kinesis": ("consumer", "channel", "kmsKey"),
    "logs": ("log-stream",),
    "execute-api": ("execute-api-domain",),
    "cognito-idp": ("webacl",),
    "ses": ("configuration-set", "template"),
}
TAGGING = ("TagResource", "UntagResource", "ListTagsForResource", "ListTags")


def required_types(action: Action) -> set[str]:
    """The resource types of which an action needs one each; empty where one of any type will do."""
    if action.name in TAGGING:
        return set()
    needed = set(action.types).difference(ALTERNATIVES.get(action.service, ()))
    return needed if len(action.types) > 1 else set()


def arns_for(
    stack: Stack, resource: Resource, action: Action, expanded: bool = False
) -> list[tuple[str, Arn]]:
    """The ARNs of a resource that an action needs, each with its IAM resource type.

    There is none where the action does not apply to the resource.

    Args:
        stack: the template.
        resource: the resource that the action is used on.
        action: one IAM action.
        expanded: the action comes from a wildcard; parts of the resource that are rarely used (stream
            consumers, table backups) are then left out.
    """
    known = catalog.cfn_type(resource.type)
    service = catalog.service(action.service)
    if known is None or known.arn is None or service is None:
        return []
    if action.service == "execute-api":
        return _api_arns(known, resource, action)
    found: list[tuple[str, Arn]] = []
    exact = False
    templates = [(name, template) for name in action.types for template in service.types.get(name, ())]
    for name, template in templates:
        if _same_type(known, template):
            exact = True
            found.append((name, _whole(known, resource, action, expanded)))
    for name, template in templates:
        if not _same_type(known, template) and _wanted(stack, resource, name, exact, expanded):
            part = _part(known, resource, template, name)
            if part is not None:
                found.append((name, part))
    return found


def _shape(template: str) -> str:
    shape = _shapes.get(template)
    if shape is None:
        shape = _shapes[template] = _PLACEHOLDER.sub(
            lambda found: found.group() if found.group(1) in PSEUDO else "{}", template
        )
    return shape


def _same_type(known: CfnType, template: str) -> bool:
    if known.arn is None:
        return False
    if known.resource_type in ("function alias", "function version"):
        return template.endswith(":function:${FunctionName}")
    return _shape(known.arn) == _shape(template)


def _wanted(stack: Stack, resource: Resource, name: str, exact: bool, expanded: bool) -> bool:
    """Whether a part of the resource (an index, an object) is meant when it is among an action's types."""
    if name == "index":
        return _has(resource, "GlobalSecondaryIndexes") or _has(resource, "LocalSecondaryIndexes")
    if exact or name.startswith("webFunction"):
        return False
    if expanded and name == "stream" and not _has_stream(resource):
        return False
    return not (expanded and name in ("backup", "export", "import", "consumer"))


def _has(resource: Resource, name: str) -> bool:
    return resource.properties is not None and resource.properties.get(name) is not None


def _name_placeholder(known: CfnType) -> str:
    names = _PLACEHOLDER.findall((known.arn or "").split(":", 5)[-1])
    return names[0] if len(names) == 1 else ""


def _name(known: CfnType, resource: Resource) -> str | None:
    """The resource's name as it stands in Fn::Sub, or None where no attribute returns it."""
    placeholder = _name_placeholder(known)
    if not placeholder or known.resource_type in ("function alias", "function version"):
        return None
    if known.ref in ("name", "id"):
        return "${" + resource.id + "}"
    for attribute in (placeholder, placeholder.removeprefix("StateMachine"), "Name"):
        if attribute in known.attributes:
            return "${" + f"{resource.id}.{attribute}" + "}"
    return None


def filled(template: str, placeholder: str, name: str) -> list[str]:
    """The six fields of an ARN template, the name filled in and ``*`` for everything else."""

    def value(found: re.Match[str]) -> str:
        key = found.group(1)
        return PSEUDO.get(key) or (name if key == placeholder else "*")

    return [_PLACEHOLDER.sub(value, field) for field in template.split(":", 5)]


def _fields(known: CfnType, resource: Resource) -> list[str] | None:
    name = _name(known, resource)
    if name is None or known.arn is None:
        return None
    fields = filled(known.arn, _name_placeholder(known), name)
    if known.name == "AWS::SSM::Parameter" and _literal(resource, "Name").startswith("/"):
        fields[5] = "parameter" + name
    elif known.name == "AWS::KMS::Alias":
        fields[5] = name  # Ref returns the name with "alias/"
    elif known.name == "AWS::IAM::Role" and _has(resource, "Path"):
        return None
    return fields


def _literal(resource: Resource, name: str) -> str:
    node = resource.properties.get(name) if resource.properties is not None else None
    return node.value if isinstance(node, Scalar) else ""


def _natural(known: CfnType, resource: Resource, suffix: str = "") -> Expression | None:
    # The name of a parameter serves older templates' tools too, which know no Arn attribute of it.
    if known.ref == "arn":
        return {"Fn::Sub": "${" + resource.id + "}" + suffix} if suffix else {"Ref": resource.id}
    if known.arn_attribute is None or known.name == "AWS::SSM::Parameter":
        return None
    if suffix:
        return {"Fn::Sub": "${" + f"{resource.id}.{known.arn_attribute}" + "}" + suffix}
    return {"Fn::GetAtt": [resource.id, known.arn_attribute]}


def _whole(known: CfnType, resource: Resource, action: Action, expanded: bool) -> Arn:
    fields = _fields(known, resource)
    if known.name == "AWS::Logs::LogGroup":
        if action.name in LOG_TAGGING and not expanded:
            return Arn(fields, None, resource.id)
        if fields is not None:
            fields[5] += ":*"  # as GetAtt Arn of a log group ends
    return Arn(fields, _natural(known, resource), resource.id)


def _part(known: CfnType, resource: Resource, template: str, name: str) -> Arn | None:
    placeholder = _name_placeholder(known)
    whole = known.arn or ""
    if not placeholder or "${" + placeholder + "}" not in template.split(":", 5)[-1]:
        return None
    if template.split(":")[2] != whole.split(":")[2]:
        return None
    named = _name(known, resource)
    fields = filled(template, placeholder, named) if named is not None else None
    if name == "stream" and "StreamArn" in known.attributes and _has_stream(resource):
        return Arn(None, {"Fn::GetAtt": [resource.id, "StreamArn"]}, resource.id)
    if known.name == "AWS::Logs::LogGroup":
        if fields is not None:
            fields[5] = f"log-group:{named}:*"
        return Arn(fields, _natural(known, resource), resource.id)
    if template.startswith(whole):
        suffix = _PLACEHOLDER.sub("*", template[len(whole) :])
        natural = _natural(known, resource, suffix)
        return Arn(fields, natural, resource.id) if fields or natural else None
    return Arn(fields, None, resource.id) if fields is not None else None


def _has_stream(resource: Resource) -> bool:
    return _has(resource, "StreamSpecification") or resource.type == "AWS::DynamoDB::GlobalTable"


def _api_arns(known: CfnType, resource: Resource, action: Action) -> list[tuple[str, Arn]]:
    """An API's invocation ARNs: api-id/stage/METHOD/path; the connections of a WebSocket API below POST.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-control-access-iam.html
    """
    if known.service != "apigateway" or known.resource_type not in ("RestApi", "Api"):
        return []
    tail = api_tail(action)
    fields = ["arn", PSEUDO["Partition"], "execute-api", PSEUDO["Region"], PSEUDO["Account"]]
    return [("execute-api-general", Arn([*fields, "${" + resource.id + "}" + tail], None, resource.id))]


def api_tail(action: Action) -> str:
    return "/*/*/@connections/*" if action.name == "ManageConnections" else "/*"
