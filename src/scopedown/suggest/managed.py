"""Suggestions for broad AWS managed policies: what to attach instead, for the resources that are linked.

Replacing one takes actions away that only the source can show to be unused, so none of these is ever written
by itself.
"""

from __future__ import annotations

import re

from .. import catalog
from ..source.tree import Mapping
from . import arns, links, render
from .graph import circular
from .suggestion import Need, Suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..iam.policy import Carrier
    from ..template.stack import Resource, Role, Stack
    from .links import Link

# Managed policy to the service it opens; "" for all of them.
_SERVICES = {
    "AdministratorAccess": "",
    "PowerUserAccess": "",
    "AmazonS3FullAccess": "s3",
    "AmazonS3ReadOnlyAccess": "s3",
    "AmazonDynamoDBFullAccess": "dynamodb",
    "AmazonDynamoDBFullAccess_v2": "dynamodb",
    "AmazonDynamoDBReadOnlyAccess": "dynamodb",
    "AmazonSQSFullAccess": "sqs",
    "AmazonSNSFullAccess": "sns",
    "AmazonKinesisFullAccess": "kinesis",
    "AmazonKinesisReadOnlyAccess": "kinesis",
    "AmazonKinesisFirehoseFullAccess": "firehose",
    "AmazonSSMFullAccess": "ssm",
    "AmazonSSMReadOnlyAccess": "ssm",
    "SecretsManagerReadWrite": "secretsmanager",
    "AWSLambda_FullAccess": "lambda",
    "AWSLambdaFullAccess": "lambda",
    "AWSLambdaRole": "lambda",
    "AWSStepFunctionsFullAccess": "states",
    "AmazonEventBridgeFullAccess": "events",
    "AWSKeyManagementServicePowerUser": "kms",
    "AmazonSESFullAccess": "ses",
}
# Service to SAM policy template (of readers and of writers) and its parameter.
# https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html
_TEMPLATES = {
    "s3": ("S3ReadPolicy", "S3CrudPolicy", "BucketName"),
    "dynamodb": ("DynamoDBReadPolicy", "DynamoDBCrudPolicy", "TableName"),
    "sqs": ("SQSPollerPolicy", "SQSSendMessagePolicy", "QueueName"),
    "sns": ("SNSPublishMessagePolicy", "SNSPublishMessagePolicy", "TopicName"),
    "lambda": ("LambdaInvokePolicy", "LambdaInvokePolicy", "FunctionName"),
    "states": ("StepFunctionsExecutionPolicy", "StepFunctionsExecutionPolicy", "StateMachineName"),
    "secretsmanager": (
        "AWSSecretsManagerGetSecretValuePolicy",
        "AWSSecretsManagerGetSecretValuePolicy",
        "SecretArn",
    ),
    "ssm": ("SSMParameterReadPolicy", "SSMParameterReadPolicy", "ParameterName"),
    "kinesis": ("KinesisStreamReadPolicy", "KinesisCrudPolicy", "StreamName"),
    "firehose": ("FirehoseWritePolicy", "FirehoseWritePolicy", "DeliveryStreamName"),
    "events": ("EventBridgePutEventsPolicy", "EventBridgePutEventsPolicy", "EventBusName"),
    "kms": ("KMSDecryptPolicy", "KMSDecryptPolicy", "KeyId"),
    "ses": ("SESCrudPolicy", "SESCrudPolicy", "IdentityName"),
}


def suggest_managed(stack: Stack, role: Role, carrier: Carrier) -> Suggestion | None:
    """What to attach instead of a broad managed policy.

    Args:
        stack: the template.
        role: the role that has the policy.
        carrier: the policy's attachment, of kind managed-arn.

    Returns:
        A suggestion of tier weak where resources are linked to the role's functions; one of tier none,
        without text, where only the reader knows the actions or the name; None for a policy of which
        nothing narrower is known.
    """
    service = _SERVICES.get(carrier.name)
    if service is None or not role.functions:
        return None
    reading = "ReadOnly" in carrier.name
    linked = [
        link
        for link in links.links_of(stack, [role], carrier.guard)
        if not link.granted
        and (service in ("", _service(link.resource)))
        and _service(link.resource) in _TEMPLATES
    ]
    sam = role.generated and carrier.owner == (role.resource.id if role.resource else "")
    policies = _templates(stack, reading, linked, carrier) if sam else _statements(stack, linked, carrier)
    if not policies:
        note = _advice(service, reading, linked, sam)
        return Suggestion("none", None, [], "", _needs(linked), note=note) if note else None
    style = _style(stack, carrier)
    # Under the provider or a function of a service the framework writes the document around statements.
    bare = sam or (stack.packaged is not None and carrier.owner not in stack.resources)
    if stack.packaged is not None:
        from . import dialect

        policies = dialect.spoken(stack, policies)
    text = _members(policies, style) if bare else _policy_text(policies, style, service)
    note = f"replaces {carrier.name} if the code does no more than this with {_names(linked)}"
    return Suggestion("weak", None, [], text.replace("\n", stack.document.newline), _needs(linked), note=note)


def _needs(linked: list[Link]) -> list[Need]:
    return [
        Need(f"{_service(link.resource)}:*", "${" + link.resource.id + "}", link.evidence) for link in linked
    ]


def _advice(service: str, reading: bool, linked: list[Link], sam: bool) -> str:
    """What to write instead, in one line; "" where nothing is known."""
    if linked:
        return f"write a statement that names the actions it needs on {_names(linked)}"
    if service == "sns":  # text messages go to no topic
        return ""
    if sam and service in _TEMPLATES:
        read, write, parameter = _TEMPLATES[service]
        return f"a narrower policy is {read if reading else write}, which takes a {parameter}"
    return (
        f"write a statement that names the actions it needs and the {_noun(_TEMPLATES[service][2])}"
        if (service in _TEMPLATES)
        else ""
    )


def _noun(parameter: str) -> str:
    """What a parameter of a SAM policy template names: "table", "state machine"."""
    words = re.findall("[A-Z][a-z]+", parameter)
    return " ".join(words[:-1]).lower()


def _names(linked: list[Link]) -> str:
    return ", ".join(dict.fromkeys(link.resource.id for link in linked))


def _service(resource: Resource) -> str:
    known = catalog.cfn_type(resource.type)
    return known.service or "" if known is not None else ""


def _templates(stack: Stack, reading: bool, linked: list[Link], carrier: Carrier) -> list[dict[str, Any]]:
    """SAM policy templates for the linked resources."""
    found: list[dict[str, Any]] = []
    for link in linked:
        read, write, parameter = _TEMPLATES[_service(link.resource)]
        value = _parameter(stack, link.resource, parameter, carrier)
        if value is not None:
            consumes = link.kind == "event-source"
            entry = {(read if reading or consumes else write): {parameter: value}}
            if entry not in found:
                found.append(entry)
    return found


def _parameter(stack: Stack, resource: Resource, parameter: str, carrier: Carrier) -> Any:
    """The value that names a resource for a SAM policy template; None where it would be circular."""
    if circular(stack, carrier.resource, resource.id):
        name = links.fixed_name(stack, resource)
        return arns.spelled(name.display()) if name is not None and not name.holes else None
    known = catalog.cfn_type(resource.type)
    if known is None:
        return None
    if known.ref in ("name", "id") or (known.ref == "arn" and parameter.endswith("Arn")):
        return {"Ref": resource.id}
    for attribute in (parameter, "Name"):
        if attribute in known.attributes:
            return {"Fn::GetAtt": [resource.id, attribute]}
    return None


def _statements(stack: Stack, linked: list[Link], carrier: Carrier) -> list[dict[str, Any]]:
    """Explicit statements of what the template shows to be used; none where some link leaves that open."""
    found: list[dict[str, Any]] = []
    for link in linked:
        if not link.actions or circular(stack, carrier.resource, link.resource.id):
            return []
        for name in sorted(link.actions):
            action = catalog.action(name)
            made = arns.arns_for(stack, link.resource, action) if action is not None else []
            _merge(found, name, [arn.expression for _, arn in made])
    return found


def _merge(found: list[dict[str, Any]], action: str, resources: list[Any]) -> None:
    if not resources:
        return
    resource = resources[0] if len(resources) == 1 else resources
    for statement in found:
        if statement["Resource"] == resource:
            if action not in statement["Action"]:
                statement["Action"].append(action)
            return
    found.append({"Effect": "Allow", "Action": [action], "Resource": resource})


def _style(stack: Stack, carrier: Carrier) -> render.Style:
    node = carrier.node
    resource = stack.resources.get(carrier.resource)
    place = resource.properties if resource is not None else None
    style = render.style_of(place) if isinstance(place, Mapping) else render.Style()
    style.json = node.document.format == "json"
    style.flow = style.flow_lists = style.quote_all = False
    return style


def _members(policies: list[dict[str, Any]], style: render.Style) -> str:
    if style.json:
        return ",\n".join(render.json_text(policy, style) for policy in policies)
    return "\n".join(render.member_text(policy, style) for policy in policies)


def _policy_text(statements: list[dict[str, Any]], style: render.Style, service: str) -> str:
    document = {"Version": "2012-10-17", "Statement": statements}
    policy = {"PolicyName": service or "scoped", "PolicyDocument": document}
    if style.json:
        return render.json_text(policy, style)
    return render.member_text(policy, style)
