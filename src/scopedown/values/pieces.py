"""Texts in pieces: cut at a delimiter, and put together from what only makes sense as a whole.

A hole may hold the delimiter, so only the pieces before the first such hole are known. Some holes are known
to hold none: pseudo parameters, and what stands in the ARN of a resource of the template.
"""

from __future__ import annotations

import re

from .text import Hole, Text, written

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .text import Part

# Values of letters, digits, "-" and "." only.
_PSEUDO = ("AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::StackName", "AWS::URLSuffix")
_PLAIN = re.compile(r"[^A-Za-z0-9.-]+")
_FIELDS = {"Partition": "AWS::Partition", "Region": "AWS::Region", "Account": "AWS::AccountId"}
_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
# What returns the name that ends the ARN ("" is Ref); such names hold neither colon nor slash.
_NAMES = {
    "AWS::DynamoDB::Table": "",
    "AWS::Kinesis::Stream": "",
    "AWS::Lambda::Function": "",
    "AWS::S3::Bucket": "",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::Serverless::Function": "",
    "AWS::Serverless::SimpleTable": "",
}


def pieces(text: Text, delimiter: str) -> list[Text | None]:
    """A text cut at a delimiter, None from the first piece on that a hole may cut again."""
    cut: list[list[Part]] = [[]]
    unknown = len(text.parts) + len(text.display()) + 200
    for part in _shaped(text):
        if isinstance(part, str):
            first, *others = part.split(delimiter)
            cut[-1].append(first)
            cut += [[other] for other in others]
        else:
            if isinstance(part, Hole) and _may_hold(part, delimiter):
                unknown = min(unknown, len(cut) - 1)
            cut[-1].append(part)
    return [Text.join(piece) if number < unknown else None for number, piece in enumerate(cut)]


def _may_hold(hole: Hole, delimiter: str) -> bool:
    if hole.identity in _PSEUDO:
        return _PLAIN.fullmatch(delimiter) is None
    name = _NAMES.get(hole.type)
    is_name = name is not None and hole.attribute == name and hole.kind in ("reference", "attribute")
    return not (is_name and not delimiter.strip(":/"))


def _shaped(text: Text) -> list[Part]:
    """The parts of a text, the ARNs of resources of the template taken apart.

    A resource of a stack lies in the stack's region and account.
    """
    parts: list[Part] = []
    for part in text.parts:
        parts += _arn(part) if isinstance(part, Hole) else (part,)
    return parts


def _arn(hole: Hole) -> list[Part]:
    if hole.identity == "AWS::StackId":
        template = "arn:${Partition}:cloudformation:${Region}:${Account}:stack/${StackName}/${Id}"
        name: Hole = Hole("AWS::StackName", "pseudo", display="${AWS::StackName}")
    else:
        from ..catalog.resources import cfn_type

        known = cfn_type(hole.type) if hole.type and hole.kind in ("reference", "attribute") else None
        if known is None or known.arn is None:
            return [hole]
        if known.ref != "arn" if hole.kind == "reference" else hole.attribute != known.arn_attribute:
            return [hole]
        template, name = known.arn, _name(hole)
    parts: list[Part] = []
    at = 0
    for found in _PLACEHOLDER.finditer(template):
        parts.append(template[at : found.start()])
        pseudo = _FIELDS.get(found.group(1))
        if pseudo is not None:
            parts.append(Hole(pseudo, "pseudo", display="${" + pseudo + "}"))
        elif found.group(1) == "Id":
            parts.append(Hole("id of AWS::StackId", "unknown"))
        else:
            parts.append(name)
        at = found.end()
    return [*parts, template[at:]] if at < len(template) else parts


def _name(hole: Hole) -> Hole:
    """The name at the end of a resource's ARN: Ref or GetAtt where it is known to be just that."""
    attribute = _NAMES.get(hole.type)
    # An export's resource stands in another template, so it has no name that could be written here.
    if attribute is None or ":" in hole.identity:
        return Hole(f"name of {hole.identity}", "unknown")
    if not attribute:
        return Hole(
            hole.resource, "reference", hole.resource, display="${" + hole.resource + "}", type=hole.type
        )
    written = f"{hole.resource}.{attribute}"
    return Hole(written, "attribute", hole.resource, attribute, display="${" + written + "}", type=hole.type)


_OPEN = "{{resolve:"


def closed(parts: list[Part]) -> list[Part]:
    """Dynamic references with holes inside, ``{{resolve:ssm:/${Stage}/key}}``, each as one hole."""
    done: list[Part] = []
    inside: list[Part] = []
    for part in parts:
        rest = part if isinstance(part, str) else ""
        if inside and "}}" in rest:
            end, _, rest = rest.partition("}}")
            reference = written([*inside, end, "}}"])
            done.append(Hole(reference, "unknown", display=reference))
            inside = []
        elif inside or not rest:
            (inside or done).append(part)
            continue
        before, opened, after = rest.partition(_OPEN)
        done.append(before)
        if opened:
            inside = [opened + after]
    return done + inside
