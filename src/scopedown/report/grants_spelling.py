"""One spelling for resources: statements and what is asked for come in, texts that can be compared go out.

The ARN of a resource of the template is written out, whether the author says ``${Table.Arn}`` or
``arn:aws:dynamodb:…:table/${Table}``, with the resource's own name where the template gives it one; all
partitions count as one.
"""

from __future__ import annotations

import re

from .. import catalog
from ..iam.arn import fields_of, shape_of
from ..iam.reach import LOG_GROUP
from ..template.narrowed import copied
from ..values.text import STAR, Element, Hole, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..iam.policy import Statement
    from ..source.tree import Node
    from ..template.stack import Resource, Stack
    from ..values.text import Part

_APIS = (
    "AWS::Serverless::Api",
    "AWS::Serverless::HttpApi",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGatewayV2::Api",
)
_PSEUDO = {"Region": "AWS::Region", "Account": "AWS::AccountId"}
# What names a resource where no property is called as AWS calls the name in the type's ARN ("TableName").
_NAME = "Name"
_PLACEHOLDER = re.compile(r"\$\{\w+\}")
_PLACEHOLDER_ENDS = ("WithPath", "WithoutLeadingSlash")


class Spelling:
    """The spelling of one template's resources."""

    __slots__ = ("_names", "stack")

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._names: dict[str, list[Text]] = {}

    def targets(self, asked: str) -> list[Text]:
        """What a word of the user stands for: an ARN, or a resource of the template and all below it.

        Args:
            asked: an ARN, with wildcards or ``${}``; a logical id; the name that a resource has.
        """
        resource = self.stack.resources.get(asked)
        meant = [resource] if resource is not None else self.called(asked)
        if not meant:
            return [self.text(_substituted(asked, self.stack))]
        found: list[Text] = []
        for one in meant:
            for arn in self._arns(one):
                found += [arn, *(Text.join([*arn.parts, end, STAR]) for end in _below(one.type))]
            if one.type in _APIS:
                found.append(_call_arn(one.id))
        return found

    def called(self, name: str) -> list[Resource]:
        """The resources of the template that have a name of their own."""
        if ":" in name or not name:
            return []
        return [
            resource
            for resource in self.stack.resources.values()
            if any(text.literal == name for text in self.names(resource.id))
        ]

    def known(self) -> list[str]:
        """Every word that names a resource: logical ids, and the names that are given."""
        given = [text.literal for id in self.stack.resources for text in self.names(id)]
        return [*self.stack.resources, *(name for name in given if name)]

    def names(self, id: str) -> list[Text]:
        """The names that a resource is given, one for each alternative; empty where AWS makes one up."""
        if id not in self._names:
            resource = self.stack.resources.get(id)
            node = _name_node(resource) if resource is not None else None
            self._names[id] = []  # a name that is made of itself has none
            elements = self.stack.resolver.elements(node)
            self._names[id] = list(dict.fromkeys(self.text(element.text) for element in elements))
        return self._names[id]

    def statement(self, statement: Statement) -> Statement:
        """A copy whose resources are spelled out."""
        copy = copied(statement, statement.carrier, statement.guard)
        copy.resources = [self._element(element) for element in statement.resources]
        if statement.not_resources is not None:
            copy.not_resources = [self._element(element) for element in statement.not_resources]
        return copy

    def _element(self, element: Element) -> Element:
        return Element(self.text(element.text), element.guard, element.node, element.via, element.origin)

    def text(self, text: Text) -> Text:
        """A text with the ARNs of resources written out and every partition taken for the same."""
        parts: list[Part] = []
        for part in text.parts:
            if isinstance(part, Hole) and part.kind == "parameter" and len(part.values) == 1:
                parts += Text.of(part.values[0]).parts
            elif not isinstance(part, Hole) or part.kind not in ("reference", "attribute", "pseudo"):
                parts.append(part)
            elif part.identity == "AWS::Partition":
                parts.append("aws")
            elif part.kind != "pseudo" and _is_arn(part):
                parts += self._arn(part.resource, part.type, self._name(part.resource)).parts
                if part.type == LOG_GROUP:  # its ARN ends so
                    parts += [":", STAR]
            elif part.kind == "reference" or part.attribute.endswith(("Name", "Id")):
                parts += self._name(part.resource).parts
            else:
                parts.append(part)
        spelled = Text.join(parts)
        fields = fields_of(spelled)
        if fields is None or fields[1] == ["aws"]:
            return spelled
        rest = [part for field in fields[2:] for part in (":", *field)]
        return Text.join(["arn:aws", *rest])

    def _name(self, id: str) -> Text:
        """The name of a resource; of several alternatives none is taken for the others."""
        names = self.names(id)
        return names[0] if len(names) == 1 else Text((_name_of(id),))

    def _arns(self, resource: Resource) -> list[Text]:
        names = {text: text for text in (*self.names(resource.id), self._name(resource.id))}
        return [self._arn(resource.id, resource.type, name) for name in names]

    def _arn(self, id: str, type: str, name: Text) -> Text:
        """The ARN of a resource of the template."""
        known = catalog.cfn_type(type)
        if known is None or known.arn is None or known.arn.count(":") < 5:
            return Text((Hole(f"ARN of {id}", "unknown"),))
        named = False
        parts: list[Part] = []
        for part in shape_of(known.arn).parts:
            placeholder = part.identity.removeprefix("type ") if isinstance(part, Hole) else ""
            if not placeholder:
                parts.append(part)
            elif placeholder == "Partition":
                parts.append("aws")
            elif placeholder in _PSEUDO:
                pseudo = _PSEUDO[placeholder]
                parts.append(Hole(pseudo, "pseudo", display="${" + pseudo + "}"))
            else:
                parts += (
                    _placed(placeholder, name) if not named else [Hole(f"{placeholder} of {id}", "unknown")]
                )
                named = True
        return Text.join(parts)


def _below(type: str) -> list[str]:
    """What separates a resource's ARN from those of what it holds: objects, indexes, streams, aliases."""
    known = catalog.cfn_type(type)
    service = catalog.service(known.service or "") if known is not None else None
    if known is None or known.arn is None or service is None:
        return ["/", ":"]
    own = _PLACEHOLDER.sub("$", known.arn.split(":", 5)[-1])
    others = [arn for listed in service.types.values() for arn in listed]
    shapes = [_PLACEHOLDER.sub("$", arn.split(":", 5)[-1]) for arn in others]
    return [end for end in ("/", ":") if any(shape.startswith(own + end) for shape in shapes)]


def _placed(placeholder: str, name: Text) -> list[Part]:
    """A name as it stands in an ARN."""
    first, *rest = name.parts
    if placeholder.endswith("WithoutLeadingSlash") and isinstance(first, str):
        return [first.removeprefix("/"), *rest]
    if placeholder == "SecretId" and isinstance(first, str):
        # https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html
        return [*name.parts, Hole(f"suffix of {name.display()}", "unknown")]
    return list(name.parts)


def _name_node(resource: Resource) -> Node | None:
    """The property that gives a resource its own name; None where AWS makes up what stands in the ARN."""
    known = catalog.cfn_type(resource.type)
    if known is None or known.arn is None or resource.properties is None:
        return None
    for part in shape_of(known.arn).parts:
        if not isinstance(part, Hole):
            continue
        placeholder = part.identity.removeprefix("type ")
        if placeholder != "Partition" and placeholder not in _PSEUDO:
            for end in _PLACEHOLDER_ENDS:
                placeholder = placeholder.removesuffix(end)
            if placeholder.endswith("Id") and placeholder != "SecretId":
                return None
            return resource.properties.get(placeholder) or resource.properties.get(_NAME)
    return None


def _is_arn(hole: Hole) -> bool:
    known = catalog.cfn_type(hole.type)
    if hole.kind == "reference":
        return known is not None and known.ref == "arn"
    return hole.attribute == "Arn" or (known is not None and hole.attribute == known.arn_attribute)


def _call_arn(id: str) -> Text:
    """What callers of an API are granted, beside the API's own ARN.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigateway.html
    """
    pseudo = [Hole(name, "pseudo", display="${" + name + "}") for name in ("AWS::Region", "AWS::AccountId")]
    return Text.join(["arn:aws:execute-api:", pseudo[0], ":", pseudo[1], ":", _name_of(id), "/", STAR])


def _name_of(id: str) -> Hole:
    return Hole(f"name of {id}", "reference", id)


def _substituted(text: str, stack: Stack) -> Text:
    """What the user asks for, with ``${Name}`` read as in Fn::Sub."""
    parts: list[Part] = []
    rest = text
    while "${" in rest and "}" in rest:
        before, _, rest = rest.partition("${")
        name, _, rest = rest.partition("}")
        resolver = stack.resolver
        inner = resolver.attribute(name) if "." in name else resolver.reference(name)
        parts += [*Text.of(before).parts, *inner.parts]
    return Text.join([*parts, *Text.of(rest).parts])
