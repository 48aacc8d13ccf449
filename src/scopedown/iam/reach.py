"""Reach: which resource types a statement's resources can be, and so which actions can take effect at all.

An action takes effect only where some resource of the statement fits one of the action's resource types; one
without types needs ``*``. ``kinesis:Put*`` on the ARN of a Firehose stream grants nothing.
"""

from __future__ import annotations

from .. import catalog
from ..values.text import STAR, Hole, Text
from .arn import fields_of, shape_of
from .pattern import covers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..catalog import Action
    from ..values.text import Element


# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-loggroup.html
LOG_GROUP = "AWS::Logs::LogGroup"


class Reach:
    """What a list of resources can be.

    ``everything`` is true where one of them is ``*`` or cannot be read, so that nothing can be ruled out.
    """

    __slots__ = ("_fields", "_types", "everything")

    def __init__(self, resources: list[Element] | None) -> None:
        self._types: dict[str, set[str]] = {}
        self._fields: list[tuple[str, Text, str]] = []
        self.everything = not resources
        for element in resources or ():
            read = _read(element.text)
            if read is None:
                self.everything = True
                break
            self._fields.append(read)

    def takes_effect(self, action: Action) -> bool:
        """Whether the action can apply to one of the resources."""
        if self.everything:
            return True
        types = self._types.get(action.service)
        if types is None:
            types = self._types[action.service] = self._reached(action.service)
        return not types.isdisjoint(action.types)

    def _reached(self, prefix: str) -> set[str]:
        return {name for name, service, shape in _shapes(prefix) if self._fits(name, service, shape)}

    def _fits(self, name: str, service: str, shape: Text) -> bool:
        return any(
            owner in ("", service) and (name == exact if exact else _meets(service, resource, shape))
            for owner, resource, exact in self._fields
        )


_known: dict[str, list[tuple[str, str, Text]]] = {}


def _shapes(prefix: str) -> list[tuple[str, str, Text]]:
    """(resource type, service in its ARN, shape of the last field) of a service's types, made once."""
    if prefix not in _known:
        service = catalog.service(prefix)
        listed = service.types.items() if service is not None else ()
        split = [(name, template.split(":", 5)) for name, templates in listed for template in templates]
        _known[prefix] = [(name, each[2], shape_of(each[5])) for name, each in split if len(each) == 6]
    return _known[prefix]


def _meets(service: str, resource: Text, shape: Text) -> bool:
    # The name of a bucket holds no slash, so an ARN with one is never a bucket's.
    if service == "s3" and "/" not in shape.display() and "/" in resource.display():
        return False
    return covers(resource, shape) is not False


def _read(text: Text) -> tuple[str, Text, str] | None:
    """(service or "" for any, resource field, resource type where the text is exactly its ARN)."""
    first = text.parts[0]
    if isinstance(first, Hole):
        known = catalog.cfn_type(first.type) if first.type else None
        is_arn = known is not None and (
            known.ref == "arn" if first.kind == "reference" else first.attribute == known.arn_attribute
        )
        if known is None or not is_arn or known.arn is None or known.arn.count(":") < 5:
            return None
        pieces = known.arn.split(":", 5)
        rest = text.parts[1:]
        if first.kind == "attribute" and first.type == LOG_GROUP:
            # Its ARN ends in ":*", which is the group and its streams.
            return pieces[2], Text.join([*shape_of(pieces[5]).parts, ":", STAR, *rest]), ""
        exact = known.resource_type or "" if not rest else ""
        return pieces[2], Text.join([*shape_of(pieces[5]).parts, *rest]), exact
    fields = fields_of(text)
    if fields is None:
        return None
    service = fields[2][0] if len(fields[2]) == 1 and isinstance(fields[2][0], str) else ""
    return service, Text(tuple(fields[5])), ""
