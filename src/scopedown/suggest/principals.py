"""Who assumes a role beside functions, and what their definitions hand to them."""

from __future__ import annotations

from .graph import graph_of, references
from .links import Link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..template.stack import Resource, Role, Stack

# Resources that name a role without acting under it.
_BYSTANDERS = (
    "AWS::IAM::",
    "AWS::Lambda::Permission",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Version",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::KMS::Key",
    "AWS::S3::BucketPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SSM::Parameter",
)
_CODE = ("AWS::Lambda::Function", "AWS::Serverless::Function")
# Principals that run no code of the user's: what they call stands in their definition.
_DEFINED = (
    "AWS::Scheduler::Schedule",
    "AWS::Events::Rule",
    "AWS::StepFunctions::StateMachine",
    "AWS::Serverless::StateMachine",
    "AWS::Pipes::Pipe",
    "AWS::ApiGateway::Method",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGatewayV2::Integration",
    "AWS::Serverless::Api",
    "AWS::Serverless::HttpApi",
    "AWS::AppSync::DataSource",
    "AWS::IoT::TopicRule",
)
# The one call that a schedule or a rule makes on its target.
# https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
_TARGETS = {
    "AWS::Lambda::Function": ("lambda:InvokeFunction",),
    "AWS::Serverless::Function": ("lambda:InvokeFunction",),
    "AWS::SQS::Queue": ("sqs:SendMessage",),
    "AWS::SNS::Topic": ("sns:Publish",),
    "AWS::StepFunctions::StateMachine": ("states:StartExecution",),
    "AWS::Serverless::StateMachine": ("states:StartExecution",),
    "AWS::Events::EventBus": ("events:PutEvents",),
    "AWS::Kinesis::Stream": ("kinesis:PutRecord",),
    "AWS::KinesisFirehose::DeliveryStream": ("firehose:PutRecord",),
}


class Principals:
    """Who acts under the roles of one statement.

    Args:
        links: what the definitions of the principals that run no code name.
        deciding: whether these principals are all there are, and their targets' calls are known.
        unknown: a principal whose needs the template does not show, "" where there is none.
        functions: how many functions there are.
    """

    __slots__ = ("deciding", "functions", "links", "unknown")

    def __init__(self, stack: Stack, roles: list[Role], owner: str) -> None:
        self.links: list[Link] = []
        holder = stack.resources.get(owner)
        properties = holder.properties if holder is not None else None
        people = properties is not None and (properties.get("Users") or properties.get("Groups"))
        self.unknown = owner if people else ""
        self.functions = sum(len(role.functions) for role in roles)
        others = [(role, resource) for role in roles for resource in _others(stack, role)]
        for role, resource in others:
            if resource.type in _DEFINED:
                self.links += _definition(stack, resource, role)
            else:
                self.unknown = resource.id
        for role in roles:
            if role.external:
                self.unknown = role.label
        simple = ("AWS::Scheduler::Schedule", "AWS::Events::Rule")
        self.deciding = (
            bool(others)
            and not self.functions
            and not self.unknown
            and all(resource.type in simple for _, resource in others)
            and all(link.actions for link in self.links)
        )


def _others(stack: Stack, role: Role) -> Iterable[Resource]:
    if role.resource is None:
        return
    if role.generated:
        if not role.functions:
            yield role.resource
        return
    functions = {function.id for function, _, _ in role.functions}
    graph, own = graph_of(stack), role.resource.id
    for id, resource in stack.resources.items():
        if id in functions or resource.type in _CODE or resource.type.startswith(_BYSTANDERS):
            continue  # a function that names the role hands it on; who acts under it is another principal
        written = stack.document.text
        # Most resources never mention the role: the text says so faster than the tree.
        if written.find(own, resource.node.start, resource.node.end) >= 0 and own in graph.direct(id):
            yield resource


def _definition(stack: Stack, resource: Resource, role: Role) -> Iterable[Link]:
    own = role.resource.id if role.resource is not None else ""
    for id, _, place in references(resource.properties):
        target = stack.resources.get(id)
        if target is None or id in (own, resource.id):
            continue
        actions = None
        if resource.type in ("AWS::Scheduler::Schedule", "AWS::Events::Rule"):
            if target.type not in _TARGETS:
                continue
            actions = frozenset(_TARGETS[target.type])
        yield Link(target, "target", actions, (place.span, f"{resource.id} calls {id}"))
