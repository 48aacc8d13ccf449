"""Statements that events of functions need, as the framework writes them: functions in, statements out.

A statement comes with the event that causes it, the first one where several share a statement. Which role
gets which of them, and in which order, is decided elsewhere.

https://www.serverless.com/framework/docs/providers/aws/guide/events
"""

from __future__ import annotations

from ....source.tree import Mapping, Node, Scalar
from ..service import is_truthy, items
from ..texts import is_string, substituted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, TypeAlias

    from ..packaged import MadeRole
    from ..service import Declared, Event, Service

    # (statement, the event's key, its path, what it is for)
    Need: TypeAlias = "tuple[dict[str, Any], Node, str, str]"

FUNCTION_ARN = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:"
_QUEUE = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
_NETWORK = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeVpcs",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
]
_SECRETS = (
    "saslPlainAuth",
    "saslScram256Auth",
    "saslScram512Auth",
    "clientCertificateTlsAuth",
    "serverRootCaCertificate",
)


class Gathered:
    """Statements that grow over several events, in the order in which they are named first."""

    __slots__ = ("_found", "_order")

    def __init__(self, order: dict[str, list[str]]) -> None:
        self._order = order
        self._found: dict[str, tuple[list[Any], Event]] = {}

    def add(self, use: str, resource: Any, event: Event) -> None:
        """Adds a resource to the statement for a use."""
        self._found.setdefault(use, ([], event))[0].append(resource)

    def needs(self) -> list[Need]:
        """The statements that have a resource."""
        return [
            need(actions, *self._found[use]) for use, actions in self._order.items() if use in self._found
        ]


def need(actions: list[str], resources: Any, event: Event) -> Need:
    """A statement that an event needs."""
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return statement, event.key, event.path, event.kind


def of_kind(function: Declared, kind: str) -> list[Event]:
    """The events of a kind that the framework does not skip."""
    return [event for event in function.events if event.kind == kind and is_truthy(event.node)]


def source_of(event: Event) -> Node | None:
    """The ARN of what an event reads from: the setting itself, or its ``arn``."""
    node = event.node
    return event.get("arn") if isinstance(node, Mapping) and not is_string(node) else node


# -- queues ------------------------------------------------------------------------------------------------


def queues(functions: Iterable[Declared]) -> list[Need]:
    """What reading from queues needs: one statement for all of the functions."""
    gathered = Gathered({"sqs": _QUEUE})
    for function in functions:
        for event in of_kind(function, "sqs"):
            source = source_of(event)
            if source is not None:
                gathered.add("sqs", source, event)
    return gathered.needs()


# -- clusters and brokers ----------------------------------------------------------------------------------


def kafka(function: Declared) -> list[Need]:
    """What reading from a self-managed Kafka cluster needs."""
    events = of_kind(function, "kafka")
    gathered = Gathered({"secrets": ["secretsmanager:GetSecretValue"]})
    network = None
    for event in events:
        access = event.get("accessConfigurations")
        for key, values in access.entries if isinstance(access, Mapping) else ():
            if key.value in ("vpcSubnet", "vpcSecurityGroup"):
                network = network or event
            elif key.value in _SECRETS:
                # The framework takes a single value for a list of one.
                for value in items(values) or ([values] if is_string(values) else []):
                    gathered.add("secrets", value, event)
    return gathered.needs() + ([need(_NETWORK, "*", network)] if network is not None else [])


def brokers(function: Declared, *kinds: str) -> list[Need]:
    """What reading from ActiveMQ ("activemq") and RabbitMQ ("rabbitmq") brokers needs."""
    events = [event for event in function.events if event.kind in kinds and is_truthy(event.node)]
    if not events:
        return []
    gathered = Gathered({"secrets": ["secretsmanager:GetSecretValue"], "brokers": ["mq:DescribeBroker"]})
    for event in events:
        for use, key in (("secrets", "basicAuthArn"), ("brokers", "arn")):
            node = event.get(key)
            if node is not None:
                gathered.add(use, node, event)
    return [*gathered.needs(), need(_NETWORK, "*", events[0])]


def activemq(function: Declared) -> list[Need]:
    """What reading from ActiveMQ brokers needs."""
    return brokers(function, "activemq")


def rabbitmq(function: Declared) -> list[Need]:
    """What reading from RabbitMQ brokers needs."""
    return brokers(function, "rabbitmq")


def clusters(function: Declared) -> list[Need]:
    """What reading from a cluster of Amazon MSK needs."""
    gathered = Gathered({"msk": ["kafka:DescribeCluster", "kafka:GetBootstrapBrokers"]})
    events = [event for event in of_kind(function, "msk") if event.get("arn") is not None]
    for event in events:
        gathered.add("msk", event.get("arn"), event)
    return [*gathered.needs(), need(_NETWORK, "*", events[0])] if events else []


# -- connections, edge, schedules --------------------------------------------------------------------------


def connections(function: Declared) -> list[Need]:
    """What posting to the connections of a websocket API needs: any API of the account and region."""
    resource = {"Fn::Sub": "arn:${AWS::Partition}:execute-api:*:*:*/@connections/*"}
    found = of_kind(function, "websocket")
    return [need(["execute-api:ManageConnections"], [resource], found[0])] if found else []


def edge(function: Declared, tags: bool) -> list[Need]:
    """What writing logs at the edge needs; ``tags``: whether the version tags log groups."""
    found = of_kind(function, "cloudFront")
    actions = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    actions += ["logs:TagResource"] if tags else []
    resource = {"Fn::Sub": "arn:${AWS::Partition}:logs:*:*:*"}
    return [need(actions, [resource], found[0])] if found else []


def schedules(service: Service, functions: Iterable[Declared], each_event: bool = False) -> list[Need]:
    """What EventBridge Scheduler needs to invoke functions with their own role.

    Args:
        service: knows the functions' names.
        functions: whose events are meant; they share the statement.
        each_event: whether a function is named once for every schedule.
    """
    gathered = Gathered({"schedule": ["lambda:InvokeFunction"]})
    for function in functions:
        found = [event for event in of_kind(function, "schedule") if _by_scheduler(event)]
        name = service.function_name(function)
        for event in found if each_event else found[:1]:
            for after in ("", ":*"):
                gathered.add("schedule", substituted(FUNCTION_ARN, name, after), event)
    return gathered.needs()


def _by_scheduler(event: Event) -> bool:
    method = event.get("method")
    return isinstance(method, Scalar) and method.value == "scheduler"


# -- into a role -------------------------------------------------------------------------------------------


def say_all(role: MadeRole, needs: list[Need]) -> None:
    """Adds statements to a role."""
    for need in needs:
        role.say(*need)


def trusting(role: MadeRole, needs: list[Need], service: str) -> None:
    """Adds statements, and lets the AWS service that they are for assume the role."""
    if needs:
        if service not in role.services:
            role.services.append(service)
        say_all(role, needs)
