"""State machines of the plugin serverless-step-functions: the machines, their roles, and who starts them.

https://www.serverless.com/plugins/serverless-step-functions
"""

from __future__ import annotations

from ....source.tree import Mapping, Node, Scalar, Sequence
from ....values.intrinsics import call, scalar
from ..generated_ids import method_id
from ..merging import merged
from ..naming import normalized
from ..packaged import MadeRole, Written
from ..service import at, is_text, is_truthy, items
from . import pseudo_parameters, step_functions_tasks
from .asl import translated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..packaged import Packaged
    from ..service import Service

_LOGGING = tuple(
    f"logs:{verb}"
    for verb in (
        "CreateLogDelivery",
        "GetLogDelivery",
        "UpdateLogDelivery",
        "DeleteLogDelivery",
        "ListLogDeliveries",
        "PutResourcePolicy",
        "DescribeResourcePolicies",
        "DescribeLogGroups",
    )
)
_TRACING = tuple(
    f"xray:{verb}"
    for verb in ("PutTraceSegments", "PutTelemetryRecords", "GetSamplingRules", "GetSamplingTargets")
)
_START = "states:StartExecution"
_EVENTS = ("cloudwatchEvent", "eventBridge")


def add(packaged: Packaged) -> None:
    """Adds every state machine with its role and the roles of its events."""
    machines = merged(at(packaged.service.root, "stepFunctions", "stateMachines"))
    api: list[tuple[_Machine, Scalar, Node]] = []
    for key, node in machines.entries if machines is not None else ():
        if isinstance(node, Mapping) and call(node) is None:
            machine = _Machine(packaged, key, node)
            machine.add()
            api += machine.events()
        else:
            path = f"stepFunctions.stateMachines.{key.value}"
            packaged.note("state machine", "it is not a mapping", key, None, path)
    if api:
        _api(packaged, api)


class _Machine:
    """One state machine."""

    def __init__(self, packaged: Packaged, key: Scalar, node: Mapping) -> None:
        self.packaged = packaged
        self.service = packaged.service
        self.key = key
        self.node = node
        self.name = key.value
        self.path = f"stepFunctions.stateMachines.{key.value}"
        named = next((scalar(node.get(k)) for k in ("id", "name") if is_text(node.get(k))), "")
        self.id = normalized(named) if named else f"{normalized(self.name)}StepFunctionsStateMachine"

    def add(self) -> None:
        """Adds the machine and the role it runs under."""
        definition = translated(self.node.get("definition"), self.service)
        role = self.node.get("role")
        properties: dict[str, Any] = {"RoleArn": role}
        beside = self.node.key_node("iamRoleStatements")
        if role is not None and beside is not None:
            place = f"{self.path}.iamRoleStatements"
            self.packaged.note(
                "role", "the plugin refuses role beside iamRoleStatements", beside, self.path, place
            )
        if role is None or not is_truthy(role):
            made = self._role(definition)
            properties["RoleArn"] = {"Fn::GetAtt": [made.id, "Arn"]}
        if definition is not None:
            # The plugin writes it as text with its references substituted; #{...} is one of them.
            property = "DefinitionString" if isinstance(definition, Scalar) else "Definition"
            properties[property] = pseudo_parameters.replaced(definition)
        if self.node.get("name") is not None:
            properties["StateMachineName"] = self.node.get("name")
        self.packaged.add(self.id, "AWS::StepFunctions::StateMachine", properties, self.key)

    def _role(self, definition: Node | None) -> MadeRole:
        role = MadeRole(f"{self.id}Role", self.path, self.key, self.path)
        role.label = self.path
        role.services = [{"Fn::Sub": "states.${AWS::Region}.amazonaws.com"}]
        role.policy_name = f"{self.service.stage}-{self.service.name}-statemachine"
        boundary = self.service.provider.get("rolePermissionsBoundary")
        if boundary is not None and is_truthy(boundary):
            role.properties["PermissionsBoundary"] = boundary
        _set_path(role, self.service)
        place = f"{self.path}.definition"
        found = step_functions_tasks.Tasks(self.packaged, self.node.get("name") or self.name, place)
        found.read(definition, self.node.key_node("definition") or self.key)
        self._settings(found)
        for actions, resources, cause in found.consolidated():
            role.say({"Effect": "Allow", "Action": actions, "Resource": resources}, cause, place)
        own = self.node.get("iamRoleStatements")
        if isinstance(own, Sequence) and own.items:
            role.policies.append(Written(self.path, own, f"{self.path}.iamRoleStatements"))
        elif own is not None and not isinstance(own, Sequence) and is_truthy(own):
            place = f"{self.path}.iamRoleStatements"
            self.packaged.note("statements", "they are no list that is known here", own, self.path, place)
        elif not role.policies and not found.unsure:
            # As the console does, the plugin denies a machine everything that needs nothing.
            role.say({"Effect": "Deny", "Action": "*", "Resource": "*"}, self.key, self.path)
        return self.packaged.add_role(role)

    def _settings(self, found: step_functions_tasks.Tasks) -> None:
        """What logging, tracing and encryption ask for."""
        for name, actions in (("loggingConfig", _LOGGING), ("tracingConfig", _TRACING)):
            if is_truthy(self.node.get(name)):
                found.need(",".join(actions), "*", self.node.key_node(name) or self.key)
        encryption = at(self.node, "encryptionConfig", "KmsKeyId")
        if encryption is not None and is_truthy(encryption):
            found.need("kms:Decrypt,kms:Encrypt", {"Fn::Sub": encryption}, encryption)

    # -- what starts it --------------------------------------------------------------------------------

    def events(self) -> list[tuple[_Machine, Scalar, Node]]:
        """Adds rules and schedules with their roles; what an API starts is handed back."""
        found: list[tuple[_Machine, Scalar, Node]] = []
        numbers = {"schedule": 0, "event": 0}
        for item in items(self.node.get("events")):
            for key, value in item.entries if isinstance(item, Mapping) else ():
                if key.value == "http":
                    found.append((self, key, value))
                elif key.value == "schedule":
                    numbers["schedule"] += 1
                    self._schedule(key, value, numbers["schedule"])
                elif key.value in _EVENTS:
                    numbers["event"] += 1
                    self._rule(key, value, numbers["event"])
        return found

    def _schedule(self, key: Scalar, node: Node, number: int) -> None:
        scheduler = scalar(at(node, "method")) == "scheduler"
        service = "scheduler.amazonaws.com" if scheduler else "events.amazonaws.com"
        arn = self._starter("ScheduleToStepFunctionsRole", service, at(node, "role"), key)
        target = {"Arn": {"Ref": self.id}, "RoleArn": arn}
        start = normalized(self.name)
        if scheduler:
            id = f"{start}StepFunctionsSchedulerSchedule{number}"
            self.packaged.add(id, "AWS::Scheduler::Schedule", {"Target": target}, key)
        else:
            id = f"{start}StepFunctionsEventsRuleSchedule{number}"
            rate = at(node, "rate") if isinstance(node, Mapping) else node
            rule: dict[str, Any] = {"Targets": [target | {"Id": f"{self.name}StepFunctionsSchedule"}]}
            if rate is not None:
                rule["ScheduleExpression"] = rate
            self.packaged.add(id, "AWS::Events::Rule", rule, key)

    def _rule(self, key: Scalar, node: Node, number: int) -> None:
        arn = self._starter("EventToStepFunctionsRole", "events.amazonaws.com", at(node, "iamRole"), key)
        target = {"Arn": {"Ref": self.id}, "Id": f"{self.name}CloudWatchEvent", "RoleArn": arn}
        rule: dict[str, Any] = {"Targets": [target]}
        pattern, bus = at(node, "event"), at(node, "eventBusName")
        if pattern is not None:
            rule["EventPattern"] = pattern
        if bus is not None:
            rule["EventBusName"] = bus
        id = f"{normalized(self.name)}EventsRuleCloudWatchEvent{number}"
        self.packaged.add(id, "AWS::Events::Rule", rule, key)

    def _starter(self, suffix: str, principal: str, given: Node | None, key: Scalar) -> Any:
        """The ARN of the role that starts the machine: the given one, else one that is made."""
        if given is not None and is_truthy(given):
            return given
        path = f"{self.path}.events"
        role = MadeRole(f"{normalized(self.name)}{suffix}", self.path, key, path)
        role.services = [principal]
        boundary = self.service.provider.get("rolePermissionsBoundary")
        if suffix.startswith("Schedule") and boundary is not None and is_truthy(boundary):
            role.properties["PermissionsBoundary"] = boundary
        _set_path(role, self.service)
        role.say({"Effect": "Allow", "Action": [_START], "Resource": {"Ref": self.id}}, key, path)
        return {"Fn::GetAtt": [self.packaged.add_role(role).id, "Arn"]}


def _api(packaged: Packaged, events: list[tuple[_Machine, Scalar, Node]]) -> None:
    """One role for all calls of an API that name none; it may start every state machine."""
    without = [(key, node) for _, key, node in events if at(node, "iamRole") is None]
    role = None
    path = "stepFunctions.stateMachines"
    if without:
        role = MadeRole("ApigatewayToStepFunctionsRole", path, without[0][0], path)
        role.services = ["apigateway.amazonaws.com"]
        role.policy_name = "apigatewaytostepfunctions"
        _set_path(role, packaged.service)
        actions = [_START]
        for _, _, node in events:
            action = scalar(at(node, "action"))
            if action and f"states:{action}" not in actions:
                actions.append(f"states:{action}")
        role.say({"Effect": "Allow", "Action": actions, "Resource": "*"}, without[0][0], path)
        packaged.add_role(role)
    for _, key, node in events:
        arn = at(node, "iamRole") or {"Fn::GetAtt": ["ApigatewayToStepFunctionsRole", "Arn"]}
        uri = {"Fn::Sub": "arn:${AWS::Partition}:apigateway:${AWS::Region}:states:action/StartExecution"}
        integration = {"Type": "AWS", "Credentials": arn, "Uri": uri}
        method, _, route = scalar(node).partition(" ")
        route = scalar(at(node, "path")) or route
        id = method_id(route, scalar(at(node, "method")) or method)
        packaged.add(id, "AWS::ApiGateway::Method", {"Integration": integration}, key)


def _set_path(role: MadeRole, service: Service) -> None:
    path = at(service.provider, "iam", "role", "path")
    if path is not None and is_truthy(path):
        role.properties["Path"] = path
