"""EventBridge rules and schedules: which functions they invoke, and whether what they match sets the pace.

Most events of AWS itself come when somebody changes infrastructure: a pipeline ends, an instance stops, a
stack is created. Nobody caps a function that waits for them. Events of one's own, of S3 objects, jobs and
executions come as fast as there is work.
"""

from __future__ import annotations

from ...source.tree import Document, InputError, Mapping, Scalar
from ...values.intrinsics import call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...source.tree import Node
    from ...values.guard import Guard
    from ..stack import Resource
    from .invocation import Finder

PACE = "the pace of its source"
# Services whose events tell of changes to infrastructure, of findings and of deployments.
# https://docs.aws.amazon.com/eventbridge/latest/ref/event-delivery-level.html
_CALM = frozenset(
    """
    access-analyzer acm autoscaling backup cloudformation cloudtrail cloudwatch codeartifact codebuild
    codecommit codedeploy codepipeline config controltower dms ec2 ecr ecs eks elasticloadbalancing events
    fis guardduty health iam inspector inspector2 macie organizations rds redshift securityhub
    servicecatalog servicequotas signin ssm support tag trustedadvisor
    """.split()
)
# How their events are called, for patterns that name no source.
_CALM_TYPES = (
    "AWS Console Sign",
    "AWS Health ",
    "CloudFormation ",
    "CloudWatch Alarm ",
    "CodeBuild ",
    "CodeCommit ",
    "CodeDeploy ",
    "CodePipeline ",
    "Config ",
    "EBS ",
    "EC2 ",
    "ECR ",
    "ECS ",
    "GuardDuty ",
    "RDS ",
    "Scheduled Event",
    "Security Hub ",
    "Trusted Advisor ",
)
_CALL = "AWS API Call via CloudTrail"
# Calls that trails record although applications make them: data events, and what end users set off. Others
# (Create…, Put…Policy, RunInstances) are made by those who manage the account.
# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-data-events-with-cloudtrail.html
_APPLICATION_CALLS = frozenset(
    """
    abortmultipartupload completemultipartupload copyobject createmultipartupload deleteobject deleteobjects
    deleteobjecttagging getobject getobjectacl getobjecttagging headobject listobjects listobjectsv2 putobject
    putobjectacl putobjecttagging restoreobject selectobjectcontent uploadpart uploadpartcopy
    batchexecutestatement batchgetitem batchwriteitem deleteitem executestatement executetransaction getitem
    putitem query scan transactgetitems transactwriteitems updateitem
    invoke invokefunction startexecution startsyncexecution startqueryexecution submitjob
    publish publishbatch receivemessage sendmessage sendmessagebatch deletemessage deletemessagebatch
    putrecord putrecords getrecords putevents putmetricdata
    assumerole assumerolewithsaml assumerolewithwebidentity getsessiontoken
    decrypt encrypt generatedatakey generatedatakeywithoutplaintext reencrypt sign verify
    getsecretvalue getparameter getparameters getparametersbypath
    admininitiateauth adminrespondtoauthchallenge confirmforgotpassword confirmsignup forgotpassword getuser
    initiateauth respondtoauthchallenge signup
    """.split()
)


def read_rule(finder: Finder, resource: Resource) -> None:
    """Adds the functions that an AWS::Events::Rule invokes."""
    properties = resource.properties
    assert properties is not None
    steps, path = ("Targets[]", "Arn"), f"Resources.{resource.id}.Properties"
    source = (finder.resolver.reference(resource.id), resource.id)
    for node, guard, here in finder.at(properties, steps, resource.guard, path):
        for function, when in finder.functions(node, guard):
            for kind, both, bound in rule_kinds(finder, resource, when):
                place, bounded = (node, both, here), kind == "schedule" or bound != ""
                finder.add(function, kind, place, source, bounded, bound, properties.get("State"))


def rule_kinds(finder: Finder, resource: Resource, guard: Guard) -> Iterator[tuple[str, Guard, str]]:
    """Whether an EventBridge rule goes by a pattern or by a schedule (or by both): kind, guard and bound."""
    properties = resource.properties
    if properties is not None:
        bus = properties.get("EventBusName")
        for pattern, when in finder.resolver.branches(properties.get("EventPattern"), guard):
            yield "event-pattern", when, pace(finder, pattern, bus)
        for element in finder.resolver.elements(properties.get("ScheduleExpression"), guard):
            yield "schedule", element.guard, element.origin.display()


def read_schedule(finder: Finder, resource: Resource) -> None:
    """Adds the functions that an AWS::Scheduler::Schedule invokes."""
    path = f"Resources.{resource.id}.Properties"
    properties = resource.properties
    assert properties is not None
    for node, guard, here in finder.at(properties, ("Target", "Arn"), resource.guard, path):
        for function, when in finder.functions(node, guard):
            rate, _ = finder.source(properties.get("ScheduleExpression"))
            source = (finder.resolver.reference(resource.id), resource.id)
            shown = rate.display() if rate is not None else ""
            place = (resource.key, when, here)
            finder.add(function, "schedule", place, source, True, shown, properties.get("State"))


def pace(finder: Finder, node: Node | None, bus: Node | None) -> str:
    """What bounds the events that a pattern matches: "" for nothing.

    Args:
        node: the pattern, as a mapping or as JSON text.
        bus: the rule's EventBusName; on a bus of one's own anybody may put events of any detail-type.
    """
    pattern = _tree(node)
    if pattern is None:
        return ""
    sources = _words(finder, pattern.get("source"))
    types = _words(finder, pattern.get("detail-type"))
    if types and all(word == _CALL for word in types):
        calm = _are_management_calls(finder, pattern, sources)
    elif sources:
        calm = _are_calm(sources)
    else:
        own = bus is not None and finder.word(bus) != "default"
        calm = not own and bool(types) and all(word.startswith(_CALM_TYPES) for word in types)
    return PACE if calm else ""


def _are_management_calls(finder: Finder, pattern: Mapping, sources: list[str]) -> bool:
    """Whether recorded calls are those of people and tools that manage the account."""
    detail = pattern.get("detail")
    settings = detail if isinstance(detail, Mapping) else None
    names = _words(finder, settings.get("eventName")) if settings else []
    if names:
        return all(name and name.lower() not in _APPLICATION_CALLS for name in names)
    services = _words(finder, settings.get("eventSource")) if settings else []
    return _are_calm(services or sources)


def _are_calm(sources: list[str]) -> bool:
    """Whether these are services of AWS ("aws.ec2", "ec2.amazonaws.com") that set a calm pace."""
    names = [word.removeprefix("aws.").removesuffix(".amazonaws.com") for word in sources]
    own = [word for word, name in zip(sources, names, strict=True) if word == name]
    return bool(names) and not own and all(name in _CALM for name in names)


def _tree(node: Node | None) -> Mapping | None:
    """A pattern as a mapping; None where it cannot be read."""
    if isinstance(node, Scalar):
        from ...source.json_reader import parse_json

        try:
            node = parse_json(Document(node.document.path, node.value, "json"))
        except InputError:
            return None
    return node if isinstance(node, Mapping) and call(node) is None else None


def _words(finder: Finder, node: Node | None) -> list[str]:
    """The values that a field may have, "" for one that is not a plain word; [] where it may have any."""
    words: list[str] = []
    for member, when in finder.resolver.members(node) if node is not None else ():
        if isinstance(member, Mapping) and call(member) is None:
            words.append("")
        else:
            words += [element.text.literal or "" for element in finder.resolver.texts(member, when)]
    return words
