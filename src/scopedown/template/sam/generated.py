"""What SAM adds by itself: policies of the execution roles it makes, and further roles.

Whatever is added stands where its cause stands. The facts are those of the open-source translator
(https://github.com/aws/serverless-application-model) and of
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html
"""

from __future__ import annotations

from ...source.tree import Mapping, Scalar
from ...values.intrinsics import call, scalar
from ..stack import Properties
from ..whole import is_given
from .reading import generated_role, global_properties

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ...source.tree import Node
    from ..stack import Resource, Role
    from ..whole import Whole

_SENDS = {
    "SQS": "sqs:SendMessage",
    "SNS": "sns:Publish",
    "EventBridge": "events:PutEvents",
    "Lambda": "lambda:InvokeFunction",
}
_SEND_BOTH = ("S3", "S3Bucket")
# Without a Destination SAM makes the queue or the topic: the suffix of its logical id, and what its ARN is.
_MADE = {"SQS": "Queue", "SNS": "Topic"}


def add(whole: Whole) -> None:
    """Adds to the roles of a SAM template what SAM adds to them."""
    for resource in list(whole.stack.resources.values()):
        if resource.type == "AWS::Serverless::Function":
            _Function(whole, resource).add()
        elif resource.type.startswith("AWS::Serverless::"):
            from . import roles as sam_roles

            sam_roles.add(whole, resource)
        if resource.type == "AWS::Serverless::Connector" or resource.node.get("Connectors") is not None:
            from . import connectors

            connectors.add(whole, resource)


class _Function:
    """One AWS::Serverless::Function."""

    def __init__(self, whole: Whole, resource: Resource) -> None:
        self.whole = whole
        self.resource = resource
        self.role = generated_role(whole.stack, resource)
        extra = global_properties(whole.stack, "Function", resource)
        self.properties = Properties(resource.properties, extra)
        self.path = f"Resources.{resource.id}.Properties"

    def add(self) -> None:
        """Adds everything to the function's role, and makes the roles of its schedules and deployment."""
        role = self.role
        if role is not None:
            self._execution(role)
            self._dead_letters(role)
            for name in ("OnSuccess", "OnFailure"):
                self._destination(role, name)
        for key, event, path in self.events():
            if scalar(event.get("Type")) == "ScheduleV2":
                from . import roles as sam_roles

                alias = self.alias()
                target: Any = {"Fn::GetAtt": [self.resource.id, "Arn"]}
                if alias:
                    target = {"Ref": f"{self.resource.id}Alias{alias}"}
                place = (key, path)
                sam_roles.schedule(self.whole, self.resource, event, place, "lambda:InvokeFunction", target)
            elif role is not None:
                from . import pollers as sam_pollers

                sam_pollers.add(self.whole, role, key, event, path)
        self._deployment()

    # -- properties --------------------------------------------------------------------------------

    def at(self, *steps: str) -> Node | None:
        """What a path of properties leads to, as SAM merges Globals with the function's own."""
        for node in (self.properties.local, self.properties.extra):
            found: Node | None = node
            for step in steps:
                found = found.get(step) if isinstance(found, Mapping) and call(found) is None else None
            if found is not None:
                return found
        return None

    def key(self, name: str) -> Node:
        """The key of a property as written: what is added on its account points there."""
        for node in (self.properties.local, self.properties.extra):
            found = node.key_node(name) if node is not None else None
            if found is not None:
                return found
        return self.resource.key

    def events(self) -> list[tuple[Scalar, Mapping, str]]:
        """(key, event, path) of the function's events."""
        return events(self.resource)

    def alias(self) -> str:
        """The alias that SAM publishes, "" for none."""
        found = self.at("AutoPublishAlias")
        if found is None:
            return ""
        texts = self.whole.stack.resolver.texts(found)
        return (texts[0].text.literal or "") if texts else ""

    # -- policies ----------------------------------------------------------------------------------

    def _execution(self, role: Role) -> None:
        durable = is_given(self.at("DurableConfig"))
        name = "AWSLambdaBasicDurableExecutionRolePolicy" if durable else "AWSLambdaBasicExecutionRole"
        cause = self.key("DurableConfig") if durable else self.resource.key
        path = f"{self.path}.DurableConfig" if durable else f"Resources.{self.resource.id}"
        self.whole.give_managed(role, cause, path, f"service-role/{name}", role.guard)
        tracing = self.at("Tracing")
        if is_given(tracing) and not self._disabled(tracing):
            name = xray_policy(self.whole.partition)
            self.whole.give_managed(role, self.key("Tracing"), f"{self.path}.Tracing", name, role.guard)
        if is_given(self.at("VpcConfig")):
            name = "service-role/AWSLambdaVPCAccessExecutionRole"
            self.whole.give_managed(role, self.key("VpcConfig"), f"{self.path}.VpcConfig", name, role.guard)

    def _disabled(self, tracing: Node | None) -> bool:
        """Whether Tracing is certainly the word Disabled; an Fn::If counts as set, as it does to SAM."""
        if tracing is None or (isinstance(tracing, Mapping) and tracing.get("Fn::If") is not None):
            return False
        texts = self.whole.stack.resolver.texts(tracing)
        return bool(texts) and all(each.text.literal == "Disabled" for each in texts)

    def _dead_letters(self, role: Role) -> None:
        action = _SENDS.get(scalar(self.at("DeadLetterQueue", "Type")))
        target = self.at("DeadLetterQueue", "TargetArn")
        if action in ("sqs:SendMessage", "sns:Publish") and target is not None:
            statement = {"Effect": "Allow", "Action": action, "Resource": target}
            place = (self.key("DeadLetterQueue"), f"{self.path}.DeadLetterQueue")
            self.whole.give(role, *place, "DeadLetterQueuePolicy", statement, role.guard)

    def _destination(self, role: Role, name: str) -> None:
        steps = ("EventInvokeConfig", "DestinationConfig", name)
        kind = scalar(self.at(*steps, "Type"))
        target = self._target(name, kind, self.at(*steps, "Destination"))
        if target is not None:
            path = f"{self.path}.EventInvokeConfig.DestinationConfig.{name}"
            statements = sending(kind, target)
            title = f"{self.resource.id}EventInvokeConfig{name}Policy"
            self.whole.give(role, self.key("EventInvokeConfig"), path, title, statements, role.guard)

    def _target(self, name: str, kind: str, given: Node | None) -> Any:
        """The ARN of a destination: what is given, the queue or topic that SAM makes, or either in an If."""
        suffix = _MADE.get(kind)
        if suffix is None:
            return given
        id = f"{self.resource.id}EventInvokeConfig{name}{suffix}"
        made = {"Fn::GetAtt": [id, "Arn"]} if kind == "SQS" else {"Ref": id}
        if given is None:
            return made
        function = call(given)
        if function is not None and function[0] == "Fn::If":
            arms = getattr(function[1], "items", [])
            if len(arms) == 3:
                nothing = [self.whole.stack.resolver.branches(arm) == [] for arm in arms[1:]]
                filled = [made if none else arm for none, arm in zip(nothing, arms[1:], strict=True)]
                return {"Fn::If": [arms[0], *filled]}
        return given

    def _deployment(self) -> None:
        local = self.at("DeploymentPreference")
        switch = scalar(self.at("DeploymentPreference", "Enabled")).lower()
        if not is_given(local) or switch == "false" or self.at("DeploymentPreference", "Role") is not None:
            return
        from . import roles as sam_roles

        place = (self.key("DeploymentPreference"), f"{self.path}.DeploymentPreference")
        sam_roles.deployment(self.whole, self.resource, place, self.at("DeploymentPreference"))


def events(resource: Resource) -> list[tuple[Scalar, Mapping, str]]:
    """(key, event, path) of a function's or a state machine's events."""
    found = resource.properties.get("Events") if resource.properties is not None else None
    if not isinstance(found, Mapping):
        return []
    path = f"Resources.{resource.id}.Properties.Events"
    return [(key, event, f"{path}.{key.value}") for key, event in found.entries if isinstance(event, Mapping)]


def sending(kind: str, target: Any) -> Any:
    """The statements that let a role send to a destination; [] for a kind that SAM adds nothing for."""
    if kind in _SEND_BOTH:
        inside = {"Fn::Join": ["/", [target, "*"]]}
        return [
            {"Effect": "Allow", "Action": "s3:PutObject", "Resource": inside},
            {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": target},
        ]
    action = _SENDS.get(kind)
    return {"Effect": "Allow", "Action": action, "Resource": target} if action else []


def xray_policy(partition: str) -> str:
    """The managed policy that SAM attaches for tracing."""
    return "AWSXrayWriteOnlyAccess" if partition == "aws" else "AWSXRayDaemonWriteAccess"
