"""ARNs as text with holes: their six fields, and the shapes that resource types have.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

from ..values.text import Hole, Text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..values.text import Part


def fields_of(text: Text) -> list[list[Part]] | None:
    """The six fields of an ARN, the last with its colons; None where the text is not one."""
    fields: list[list[Part]] = [[]]
    for part in text.parts:
        if not isinstance(part, str):
            fields[-1].append(part)
            continue
        rest = part
        while len(fields) < 6 and ":" in rest:
            before, _, rest = rest.partition(":")
            if before:
                fields[-1].append(before)
            fields.append([])
        if rest:
            fields[-1].append(rest)
    return fields if len(fields) == 6 and fields[0] == ["arn"] else None


def shape_of(template: str) -> Text:
    """The text of a field of an ARN template such as ``table/${TableName}``, placeholders as holes."""
    parts: list[Part] = []
    rest = template
    while "${" in rest:
        before, _, rest = rest.partition("${")
        name, _, rest = rest.partition("}")
        parts += [before, Hole(f"type {name}", "unknown")]
    return Text.join([*parts, rest])
