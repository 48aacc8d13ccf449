"""Who assumes a role beside functions, and what their definitions hand to them."""

from __future__ import annotations

from .graph import graph_of, references
from .links import Link

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..source.tree import Node
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
_MACHINES = ("AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine")
_SIMPLE = ("AWS::Scheduler::Schedule", "AWS::Events::Rule")
# Principals that run no code of the user's: what they call stands in their definition.
_DEFINED = (
    *_MACHINES,
    "AWS::Scheduler::Schedule",
    "AWS::Events::Rule",
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
        only_functions: whether functions of the template are all there are.
        machine: a state machine is among them, which has the service deliver its log.
        services: what the trust policies let assume the roles, "lambda" for lambda.amazonaws.com.
    """

    __slots__ = ("deciding", "functions", "links", "machine", "only_functions", "services", "unknown")

    def __init__(self, stack: Stack, roles: list[Role], owner: str) -> None:
        self.links: list[Link] = []
        holder = stack.resources.get(owner)
        properties = holder.properties if holder is not None else None
        people = properties is not None and (properties.get("Users") or properties.get("Groups"))
        self.unknown = owner if people else ""
        self.functions = sum(len(role.functions) for role in roles)
        self.services = {name for role in roles for name in _trusted(role)}
        others = [(role, resource) for role in roles for resource in _others(stack, role)]
        told = True
        for role, resource in others:
            calls = _calls(stack, resource)
            if resource.type in _DEFINED:
                self.links += calls if calls is not None else _definition(stack, resource, role)
            else:
                self.unknown = resource.id
            told = told and (calls is not None or resource.type in _SIMPLE)
        for role in roles:
            if role.external:
                self.unknown = role.label
        self.machine = "states" in self.services or any(each.type in _MACHINES for _, each in others)
        self.only_functions = bool(self.functions) and not others and not self.unknown
        self.deciding = (
            bool(others)
            and not self.functions
            and not self.unknown
            and told
            and all(link.actions for link in self.links)
        )


def _trusted(role: Role) -> Iterable[str]:
    """The services that a role's trust policy names."""
    packaged = role.stack.packaged if role.stack is not None else None
    made = packaged.roles.get(role.key) if packaged is not None else None
    if made is not None:
        return [
            service.removesuffix(".amazonaws.com") for service in made.services if isinstance(service, str)
        ]
    node = role.resource.properties if role.resource is not None and not role.generated else None
    trust: Node | None = node.get("AssumeRolePolicyDocument") if node is not None else None
    if trust is None:
        return ()
    pieces = trust.document.text[trust.start : trust.end].split(".amazonaws.com")[:-1]
    words = [piece.removesuffix(".${AWS::Region}").split()[-1:] for piece in pieces]
    return [word.strip("'\"[{,").rpartition(":")[2].strip("'\"") for found in words for word in found]


def _calls(stack: Stack, resource: Resource) -> list[Link] | None:
    """What a state machine's definition calls, where all of it is understood."""
    if resource.type not in _MACHINES:
        return None
    from .machines import calls

    return calls(stack, resource)


def _others(stack: Stack, role: Role) -> Iterable[Resource]:
    if role.resource is None:
        return
    if role.generated:
        if not role.functions:
            yield role.resource
        return
    functions = {function.id for function, _, _ in role.functions}
    graph, own = graph_of(stack), role.resource.id
    for resource in graph.mentioning(own):
        if resource.id in functions or resource.type in _CODE or resource.type.startswith(_BYSTANDERS):
            continue  # a function that names the role hands it on; who acts under it is another principal
        if own in graph.direct(resource.id):
            yield resource


def _definition(stack: Stack, resource: Resource, role: Role) -> Iterable[Link]:
    own = role.resource.id if role.resource is not None else ""
    for id, _, place in references(resource.properties):
        target = stack.resources.get(id)
        if target is None or id in (own, resource.id) or target.type == "AWS::Logs::LogGroup":
            continue  # the log is delivered by the service, under no grant on the group
        actions = None
        word = "names"
        if resource.type in _SIMPLE:
            if target.type not in _TARGETS:
                continue
            actions = frozenset(_TARGETS[target.type])
        if target.type in _TARGETS:
            word = "calls"
        yield Link(target, "target", actions, (place.span, f"{resource.id} {word} {id}"))
