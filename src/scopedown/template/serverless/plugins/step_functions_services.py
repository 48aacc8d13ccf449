"""What tasks of single services need in a state machine's role, as serverless-step-functions derives it."""

from __future__ import annotations

import re

from ....source.tree import Mapping, Node, Scalar, Sequence
from ....values.intrinsics import call, scalar
from ..service import at
from ..variables.unknowns import Unknown
from .asl import argument, arn, at_runtime, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .step_functions_tasks import Tasks

    Reader = Callable[[Tasks, Mapping, Node], None]

_RULES = "events:PutTargets,events:PutRule,events:DescribeRule"
_QUEUE_URL = re.compile(r"https://sqs\.(.*)\.amazonaws\.com/(.*)/(.*)")
_PARTITIONS = {"us-gov": "aws-us-gov", "cn-": "aws-cn"}
_LAMBDA_ARN = re.compile(r"arn:aws(-[a-z]+)*:lambda")


def reader(name: str) -> Reader | None:
    """The reader of a task by what follows ``arn:aws:states:::`` in its Resource."""
    return _READERS.get(name)


def _missing(tasks: Tasks, cause: Node, key: str) -> None:
    tasks.note(f"a task has no {key} that is read here", cause)


def _sqs(tasks: Tasks, state: Mapping, cause: Node) -> None:
    if at(state, "Parameters", "QueueUrl.$") is not None:
        tasks.need("sqs:SendMessage", "*", cause)
        return
    url = at(state, "Parameters", "QueueUrl")
    if url is None:
        return
    function = call(url) if not isinstance(url, Unknown) else None
    if function is not None:
        found: Any = {"Fn::GetAtt": [function[1], "Arn"]} if function[0] == "Ref" else "*"
        tasks.need("sqs:SendMessage", found, cause)
    elif (match := _QUEUE_URL.match(scalar(url))) is not None:
        region, account, name = match.groups()
        start = next((part for area, part in _PARTITIONS.items() if region.startswith(area)), "aws")
        tasks.need("sqs:SendMessage", f"arn:{start}:sqs:{region}:{account}:{name}", cause)
    elif isinstance(url, Unknown):
        _missing(tasks, url, "QueueUrl")


def _sns(tasks: Tasks, state: Mapping, cause: Node) -> None:
    if at(state, "Parameters", "TopicArn.$") is not None:
        tasks.need("sns:Publish", "*", cause)
    elif (topic := at(state, "Parameters", "TopicArn")) is not None:
        tasks.need("sns:Publish", topic, cause)


def _table(name: Any, index: Any = None) -> Any:
    function = call(name) if isinstance(name, Node) and not isinstance(name, Unknown) else None
    if index is None and function is not None and function[0] == "Ref":
        return {"Fn::GetAtt": [function[1], "Arn"]}
    if index is None:
        return arn("dynamodb", "table/${name}", name=name)
    return arn("dynamodb", "table/${name}/index/${index}", name=name, index=index)


def _dynamodb(action: str) -> Reader:
    def read(tasks: Tasks, state: Mapping, cause: Node) -> None:
        name, index = argument(state, "TableName"), argument(state, "IndexName")
        if at_runtime(state, "TableName"):
            tasks.need(action, "*", cause)
        elif name is None:
            _missing(tasks, cause, "TableName")
        elif at_runtime(state, "IndexName"):
            tasks.need(action, _table(name, "*"), cause)
        else:
            tasks.need(action, _table(name, index), cause)

    return read


def _dynamodb_batch(action: str) -> Reader:
    def read(tasks: Tasks, state: Mapping, cause: Node) -> None:
        requested = argument(state, "RequestItems")
        if at_runtime(state, "RequestItems"):
            tasks.need(action, "*", cause)
        elif isinstance(requested, Mapping) and call(requested) is None:
            names = [key.value.replace(".$", "") for key, _ in requested.entries]
            tasks.need(action, [_table(name) for name in names], cause)
        else:
            _missing(tasks, cause, "RequestItems")

    return read


def _fixed(*needs: tuple[str, str]) -> Reader:
    """Actions on everything, or on a rule of this account."""

    def read(tasks: Tasks, state: Mapping, cause: Node) -> None:
        for actions, rule in needs:
            tasks.need(actions, arn("events", f"rule/{rule}") if rule else "*", cause)

    return read


def _lambda(tasks: Tasks, state: Mapping, cause: Node) -> None:
    action, name = "lambda:InvokeFunction", argument(state, "FunctionName")
    if at_runtime(state, "FunctionName"):
        allowed = argument(state, "AllowedFunctions")
        tasks.need(action, _listed(allowed) if allowed is not None else "*", cause)
        return
    if name is None:
        _missing(tasks, cause, "FunctionName")
        return
    function = call(name) if not isinstance(name, Unknown) else None
    if function is None and isinstance(name, (Scalar, Unknown)):
        whole = _of_text(name)
    elif function is not None and function[0] == "Ref":
        whole = arn("lambda", "function:${name}", name=name)
    elif function is not None and function[0] == "Fn::GetAtt":
        whole = name
    else:
        tasks.need(action, name, cause)
        return
    tasks.need(action, [whole, {"Fn::Sub": ["${functionArn}:*", {"functionArn": whole}]}], cause)


def _of_text(name: Node) -> Any:
    """The ARN of a function that is written as an ARN, a part of one, or a name."""
    value = text(name)
    if _LAMBDA_ARN.match(value):
        return name
    if value.partition(":")[0].isdigit() and value.count(":") == 2:
        start = "arn:${AWS::Partition}:lambda:${AWS::Region}:${name}"
        return {"Fn::Sub": [start, {"name": name}]}
    return arn("lambda", "function:${name}", name=name)


def _listed(node: Node) -> Any:
    return list(node.items) if isinstance(node, Sequence) else node


def _executions(action: str) -> Reader:
    def read(tasks: Tasks, state: Mapping, cause: Node) -> None:
        given = at(state, "Arguments") or at(state, "Parameters")
        machine = at(given, "StateMachineArn")
        if at(state, "Parameters", "StateMachineArn.$") or scalar(machine).strip().startswith("{%"):
            executions(tasks, "*", action, cause)
        elif machine is None:
            _missing(tasks, cause, "StateMachineArn")
        else:
            executions(tasks, machine, action, cause)

    return read


def executions(tasks: Tasks, machine: Any, action: str, cause: Node) -> None:
    """Adds what starting a state machine, and waiting for it, needs."""
    tasks.need(action, machine, cause)
    tasks.need("states:DescribeExecution,states:StopExecution", _execution(machine), cause)
    rule = arn("events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule")
    tasks.need(_RULES, rule, cause)


def _execution(machine: Any) -> Any:
    """The ARN of a machine's executions; everything where the machine's ARN is no text."""
    if isinstance(machine, Scalar):
        return machine.value.replace(":stateMachine:", ":execution:") + ":*"
    sub = machine.get("Fn::Sub") if isinstance(machine, (Mapping, dict)) else None
    start, *rest = sub.items if isinstance(sub, Sequence) else sub if isinstance(sub, list) else [sub]
    value = start.value if isinstance(start, Scalar) else start
    if not isinstance(value, str):
        return "*"
    value = value.replace(":stateMachine:", ":execution:") + ":*"
    return {"Fn::Sub": [value, *rest]} if rest else {"Fn::Sub": value}


def _codebuild(tasks: Tasks, state: Mapping, cause: Node) -> None:
    project = at(state, "Parameters", "ProjectName")
    if project is None:
        _missing(tasks, cause, "ProjectName")
        return
    actions = "codebuild:StartBuild,codebuild:StopBuild,codebuild:BatchGetBuilds"
    tasks.need(actions, arn("codebuild", "project/${name}", name=project), cause)
    tasks.need(_RULES, arn("events", "rule/StepFunctionsGetEventForCodeBuildStartBuildRule"), cause)


def _sagemaker(tasks: Tasks, state: Mapping, cause: Node) -> None:
    name = at(state, "Parameters", "TransformJobName") or ""
    actions = "sagemaker:CreateTransformJob,sagemaker:DescribeTransformJob,sagemaker:StopTransformJob"
    tasks.need(actions, arn("sagemaker", "transform-job/${name}*", name=name), cause)
    tasks.need("sagemaker:ListTags", "*", cause)
    tasks.need(_RULES, arn("events", "rule/StepFunctionsGetEventsForSageMakerTransformJobsRule"), cause)


def _bedrock(tasks: Tasks, state: Mapping, cause: Node) -> None:
    model = argument(state, "ModelId")
    if model is None:
        _missing(tasks, cause, "ModelId")
        return
    start = "arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/${name}"
    whole = scalar(model).startswith("arn:")
    tasks.need("bedrock:InvokeModel", model if whole else {"Fn::Sub": [start, {"name": model}]}, cause)


def _event_bus(tasks: Tasks, state: Mapping, cause: Node) -> None:
    entries = argument(state, "Entries")
    if not isinstance(entries, Sequence):
        _missing(tasks, cause, "Entries")
        return
    buses = [at(entry, "EventBusName") or "default" for entry in entries.items]
    tasks.need("events:PutEvents", [arn("events", "event-bus/${bus}", bus=bus) for bus in buses], cause)


def _http(tasks: Tasks, state: Mapping, cause: Node) -> None:
    tasks.need("states:InvokeHTTPEndpoint", "*", cause)
    connection = at(state, "Parameters", "Authentication", "ConnectionArn") or "*"
    tasks.need("events:RetrieveConnectionCredentials", connection, cause)
    secrets = arn("secretsmanager", "secret:events!connection/*")
    tasks.need("secretsmanager:GetSecretValue,secretsmanager:DescribeSecret", secrets, cause)


def _scheduler(action: str) -> Reader:
    def read(tasks: Tasks, state: Mapping, cause: Node) -> None:
        group = argument(state, "GroupName") or "default"
        tasks.need(action, arn("scheduler", "schedule/${group}/*", group=group), cause)
        role = at(argument(state, "Target"), "RoleArn")
        if role is not None:
            tasks.need("iam:PassRole", role, cause)

    return read


def _s3(action: str) -> Reader:
    def read(tasks: Tasks, state: Mapping, cause: Node) -> None:
        bucket = at(state, "Parameters", "Bucket")
        key, prefix = at(state, "Parameters", "Key"), at(state, "Parameters", "Prefix")
        start = "arn:${AWS::Partition}:s3:::${bucket}"
        values: dict[str, Any] = {"bucket": bucket if bucket is not None else "*"}
        if action == "list":
            both = [{"Fn::Sub": [start, values]}, {"Fn::Sub": [start + "/*", values]}]
            tasks.need("s3:Get*", both, cause)
            tasks.need("s3:List*", both, cause)
            return
        values["key"] = key if key is not None else "*"
        if prefix is not None:
            found: Any = {"Fn::Sub": [start + "/${prefix}/${key}", values | {"prefix": prefix}]}
        elif bucket is None and key is None:
            found = "*"
        else:
            found = {"Fn::Sub": [start + "/${key}", values]}
        tasks.need(action, found, cause)

    return read


_SYNC = ("", ".sync", ".waitForTaskToken")
_READERS: dict[str, Reader] = {
    "codebuild:startBuild": _codebuild,
    "codebuild:startBuild.sync": _codebuild,
    "sagemaker:createTransformJob.sync": _sagemaker,
    "bedrock:invokeModel": _bedrock,
    "http:invoke": _http,
    "dynamodb:getItem": _dynamodb("dynamodb:GetItem"),
    "dynamodb:deleteItem": _dynamodb("dynamodb:DeleteItem"),
    "aws-sdk:dynamodb:updateTable": _dynamodb("dynamodb:UpdateTable"),
    "aws-sdk:dynamodb:query": _dynamodb("dynamodb:Query"),
    "aws-sdk:dynamodb:scan": _dynamodb("dynamodb:Scan"),
    "aws-sdk:dynamodb:batchGetItem": _dynamodb_batch("dynamodb:BatchGetItem"),
    "aws-sdk:dynamodb:batchWriteItem": _dynamodb_batch("dynamodb:BatchWriteItem"),
    "aws-sdk:sfn:startSyncExecution": _executions("states:StartSyncExecution"),
    "aws-sdk:scheduler:createSchedule": _scheduler("scheduler:CreateSchedule"),
    "aws-sdk:scheduler:deleteSchedule": _scheduler("scheduler:DeleteSchedule"),
    "aws-sdk:sesv2:sendEmail": _fixed(("ses:SendEmail", "")),
}
for _suffix in _SYNC:
    _READERS[f"ecs:runTask{_suffix}"] = _fixed(
        ("ecs:RunTask,ecs:StopTask,ecs:DescribeTasks,ecs:TagResource,iam:PassRole", ""),
        (_RULES, "StepFunctionsGetEventsForECSTaskRule"),
    )
for _suffix in ("", ".sync"):
    _READERS[f"batch:submitJob{_suffix}"] = _fixed(
        ("batch:SubmitJob,batch:DescribeJobs,batch:TerminateJob", ""),
        (_RULES, "StepFunctionsGetEventsForBatchJobsRule"),
    )
    _READERS[f"glue:startJobRun{_suffix}"] = _fixed(
        ("glue:StartJobRun,glue:GetJobRun,glue:GetJobRuns,glue:BatchStopJobRun", "")
    )
for _suffix in ("", ".waitForTaskToken"):
    _READERS[f"sqs:sendMessage{_suffix}"] = _sqs
    _READERS[f"sns:publish{_suffix}"] = _sns
    _READERS[f"lambda:invoke{_suffix}"] = _lambda
    _READERS[f"events:putEvents{_suffix}"] = _event_bus
for _suffix in ("", ".sync", ".sync:2", ".waitForTaskToken"):
    _READERS[f"states:startExecution{_suffix}"] = _executions("states:StartExecution")
for _name, _action in (("updateItem", "dynamodb:UpdateItem"), ("putItem", "dynamodb:PutItem")):
    for _start in ("dynamodb:", "aws-sdk:dynamodb:"):
        _READERS[f"{_start}{_name}"] = _dynamodb(_action)
    _READERS[f"aws-sdk:dynamodb:{_name}.waitForTaskToken"] = _dynamodb(_action)
for _start in ("s3:", "aws-sdk:s3:"):
    _READERS[f"{_start}getObject"] = _s3("s3:GetObject")
    _READERS[f"{_start}putObject"] = _s3("s3:PutObject")
    _READERS[f"{_start}listObjectsV2"] = _s3("list")
