"""Wiring: what a template hands to the principals of a role, as links from functions to resources."""

from __future__ import annotations

from .. import catalog
from ..iam.pattern import covers
from ..source.tree import Scalar
from ..values.guard import ALWAYS
from ..values.text import Text
from .graph import graph_of, references

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..source.tree import Node, Span
    from ..template.stack import Function, Resource, Role, Stack
    from ..values.guard import Guard
    from .graph import Handed

# What Lambda itself does with the source of an event source mapping, under the function's role.
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions
CONSUMERS = {
    "sqs": frozenset(
        ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility")
    ),
    "kinesis": frozenset(
        (
            "kinesis:DescribeStream",
            "kinesis:DescribeStreamSummary",
            "kinesis:GetRecords",
            "kinesis:GetShardIterator",
            "kinesis:ListShards",
        )
    ),
    "dynamodb": frozenset(("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")),
    "s3": frozenset(
        (
            "s3:GetObject",
            "s3:GetObjectVersion",
            "s3:GetObjectTagging",
            "s3:GetObjectAttributes",
            "s3:ListBucket",
        )
    ),
    "msk": frozenset(
        (
            "kafka:DescribeCluster",
            "kafka:DescribeClusterV2",
            "kafka:GetBootstrapBrokers",
            "kafka-cluster:Connect",
            "kafka-cluster:DescribeCluster",
        )
    ),
    "mq": frozenset(("mq:DescribeBroker",)),
}
# What sending a failed or finished invocation to its destination needs.
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
SENDERS = {
    "sqs": frozenset(("sqs:SendMessage",)),
    "sns": frozenset(("sns:Publish",)),
    "lambda": frozenset(("lambda:InvokeFunction",)),
    "event-bus": frozenset(("events:PutEvents",)),
    "s3": frozenset(("s3:PutObject", "s3:ListBucket")),
}
# What reading and writing encrypted data does with its key.
DECRYPTION = frozenset(
    (
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
        "kms:DescribeKey",
        "kms:CreateGrant",
    )
)
# Reading a secret decrypts its value; what writes it needs a new data key as well.
# https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
_READING = frozenset(("kms:Decrypt",))
_WRITING = ("CreateSecret", "PutSecretValue", "RotateSecret", "UpdateSecret")
# Properties that name the key a resource's data is encrypted with: who reads the data decrypts with it.
_KEYS = (
    "KmsKeyId",
    "KmsMasterKeyId",
    "KmsKeyArn",
    "KMSMasterKeyId",
    "BucketEncryption",
    "SSESpecification",
    "StreamEncryption",
    "KMSKeyId",
)
# Properties that hold a resource's name, beside the placeholder of its ARN.
_NAMES = ("Name", "EmailIdentity")


class Link:
    """One resource that the template hands to a role's principals.

    Args:
        resource: the resource.
        kind: environment, event-source, destination, key or target.
        actions: the only actions that the link speaks for; None: all that apply to the resource's type.
        evidence: the places that show it, each with a word on what is seen there.

    ``granted`` is set where SAM grants the same by itself; ``least`` is what the use of a key surely needs.
    """

    __slots__ = ("actions", "evidence", "granted", "kind", "least", "resource")

    def __init__(
        self, resource: Resource, kind: str, actions: frozenset[str] | None, evidence: tuple[Span, str]
    ) -> None:
        self.resource = resource
        self.kind = kind
        self.actions = actions
        self.evidence = [evidence]
        self.granted = False
        self.least: frozenset[str] | None = None

    def speaks_for(self, full: str) -> bool:
        """Whether the link says something about an action ("sqs:SendMessage")."""
        return self.actions is None or full in self.actions


def links_of(stack: Stack, roles: list[Role], guard: Guard = ALWAYS) -> list[Link]:
    """Everything that the template hands to the functions of some roles, each resource and kind once."""
    found: dict[tuple[str, str, frozenset[str] | None], Link] = {}
    for role in roles:
        for function, when, _ in role.functions:
            if when.together(guard):
                for handed in _handed_to(stack, function):
                    _add(found, Link(*handed))
    for link in list(found.values()):
        if link.kind != "destination":
            for key in _keys(stack, link):
                if _only_reads(roles, link.resource):
                    key.least = _READING
                _add(found, key)
    # What SAM itself grants for a role that it makes needs no second grant, unless nothing else is linked.
    for link in list(found.values()):
        if link.kind == "destination" and all(role.generated for role in roles):
            link.granted = True
    return [link for link in found.values() if link.resource.guard.together(guard)]


def _add(found: dict[tuple[str, str, frozenset[str] | None], Link], link: Link) -> None:
    key = (link.resource.id, link.kind, link.actions)
    if key in found:
        found[key].evidence += link.evidence
    else:
        found[key] = link


def _handed_to(stack: Stack, function: Function) -> list[Handed]:
    """What the template hands to one function; read once, however many statements ask."""
    known = graph_of(stack).handed
    if id(function) not in known:
        known[id(function)] = list(_read(stack, function))
    return known[id(function)]


def _read(stack: Stack, function: Function) -> Iterable[Handed]:
    for name, elements in function.environment.items():
        for element in elements:
            for each in named(stack, element.origin):
                seen = (element.node.span, f"{function.label}: environment variable {name} is {each}")
                yield stack.resources[each], "environment", None, seen
    for trigger in function.triggers:
        actions = CONSUMERS.get(trigger.kind, frozenset())
        if trigger.source_id in stack.resources and (actions or trigger.kind == "cognito"):
            seen = (trigger.node.span, f"{function.label}: event source {trigger.source_id}")
            allowed = None if trigger.kind == "cognito" else actions
            yield stack.resources[trigger.source_id], "event-source", allowed, seen
    for destination in function.destinations:
        actions = SENDERS.get(destination.kind, frozenset())
        for each in named(stack, destination.target):
            seen = (destination.node.span, f"{function.label}: {destination.use} {each}")
            yield stack.resources[each], "destination", actions, seen


def named(stack: Stack, text: Text) -> list[str]:
    """The resources that a value names: by Ref or GetAtt, or by the very name that a resource has."""
    ids = [hole.resource for hole in text.holes if hole.kind in ("reference", "attribute")]
    if not ids:
        known = graph_of(stack).named  # functions often have many values in common
        if text.parts not in known:
            known[text.parts] = [each.id for each in _naming(stack, text) if fixed_name(stack, each) == text]
        ids = known[text.parts]
    return [id for id in dict.fromkeys(ids) if id in stack.resources]


def _naming(stack: Stack, text: Text) -> list[Resource]:
    """The resources that may have a text as their name: those that mention the longest part of it."""
    known = [part if isinstance(part, str) else getattr(part, "key", "") for part in text.parts]
    word = max(known, key=len, default="")
    return graph_of(stack).mentioning(word) if len(word) > 2 else []


def fixed_name(stack: Stack, resource: Resource) -> Text | None:
    """The name that the template itself gives a resource, or None where CloudFormation makes one up."""
    node = _name_node(resource)
    texts = stack.resolver.expression(node) if node is not None else []
    return texts[0][0] if len(texts) == 1 else None


def name_written(stack: Stack, resource: Resource) -> str:
    """The name as the author of a service wrote it, variables and all; "" where it has no variables."""
    from .dialect import written

    node = _name_node(resource)
    said = written(stack, node) if node is not None and stack.packaged is not None else None
    return said if said is not None and isinstance(node, Scalar) and said != node.value else ""


def _name_node(resource: Resource) -> Node | None:
    known = catalog.cfn_type(resource.type)
    if known is None or known.arn is None or resource.properties is None:
        return None
    if known.ref not in ("name", "url", "arn"):
        return None
    placeholder = known.arn.rpartition("${")[2].rstrip("}")
    # Where Ref returns the ARN, a Name may be something else than what stands in it.
    for name in (placeholder,) if known.ref == "arn" else (placeholder, *_NAMES):
        node = resource.properties.get(name)
        if node is not None:
            return node
    return None


def _only_reads(roles: list[Role], resource: Resource) -> bool:
    """Whether a resource is a secret that no statement of the roles lets anyone write."""
    if resource.type != "AWS::SecretsManager::Secret":
        return False
    for role in roles:
        for statement in role.statements:
            if statement.effect != "Allow":
                continue
            if statement.not_actions is not None:
                return False
            names = [Text.of(f"secretsmanager:{name}") for name in _WRITING]
            if any(
                covers(each.text, name, True) is not False for each in statement.actions for name in names
            ):
                return False
    return True


def _keys(stack: Stack, link: Link) -> Iterable[Link]:
    """The customer managed key of a linked resource."""
    properties = link.resource.properties
    for name in _KEYS:
        node: Node | None = properties.get(name) if properties is not None else None
        for id, _, place in references(node):
            resource = stack.resources.get(id)
            if resource is not None and resource.type in ("AWS::KMS::Key", "AWS::KMS::Alias"):
                seen = (place.span, f"{link.resource.id} is encrypted with {id}")
                yield Link(resource, "key", DECRYPTION, seen)
