"""AppSync APIs of serverless-appsync-plugin, or of version 4: the roles of data sources and of logging.

The plugin reads ``appSync`` from its second version on, ``custom.appSync`` (one API or a list) before.
https://www.serverless.com/plugins/serverless-appsync-plugin
"""

from __future__ import annotations

import re

from ....source.tree import Mapping, Node, Scalar, Sequence
from ....values.intrinsics import call, scalar
from ..merging import merged
from ..packaged import MadeRole, Written
from ..service import at, is_false, is_truthy, items
from . import added
from .appsync_sources import DEFAULTS, Source, allow, function_arn, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ..packaged import Packaged


def prepare(packaged: Packaged) -> None:
    """Adds the functions that are written inside data sources."""
    for api, place, prefix in _apis(packaged):
        for source in _sources(api, place, prefix):
            node = source.config("function")
            if isinstance(node, Mapping) and call(node) is None:
                path = f"{source.path}.config.function"
                added.add(packaged.service, source.name, node, source.place("function"), path)


def add(packaged: Packaged) -> None:
    """Adds every API with its data sources and their roles."""
    for api, path, prefix in _apis(packaged):
        key = packaged.service.root.key_node("appSync") or packaged.service.custom.key_node("appSync") or api
        properties: dict[str, Any] = {}
        logging = api.get("logging") or api.get("logConfig")
        if logging is not None and is_truthy(logging) and not is_false(at(logging, "enabled")):
            given = at(logging, "roleArn") or at(logging, "loggingRoleArn")
            place = api.key_node("logging") or api.key_node("logConfig") or key
            arn = given if given is not None else _logging(packaged, place, path, prefix)
            properties["LogConfig"] = {"CloudWatchLogsRoleArn": arn}
        packaged.add(f"{prefix}GraphQlApi", "AWS::AppSync::GraphQLApi", properties, key)
        for source in _sources(api, path, prefix):
            _add_source(packaged, source)


def _apis(packaged: Packaged) -> Iterator[tuple[Mapping, str, str]]:
    """(settings, path, prefix of logical ids) of every API."""
    root = packaged.service.root.get("appSync")
    written, path = (root, "appSync") if root is not None else (packaged.service.custom.get("appSync"), "")
    path = path or "custom.appSync"
    if isinstance(written, Sequence):
        for number, api in enumerate(written.items):
            if isinstance(api, Mapping) and call(api) is None:
                name = scalar(api.get("name")) or "api"
                yield api, f"{path}[{number}]", plain(name[:1].upper() + name[1:])
    elif isinstance(written, Mapping) and call(written) is None:
        yield written, path, ""


def _sources(api: Mapping, path: str, prefix: str) -> Iterator[Source]:
    """The data sources: a mapping, a list of mappings, or a list of sources with names."""
    written = api.get("dataSources")
    for item in items(written):
        name = at(item, "name")
        if isinstance(item, Mapping) and isinstance(name, Scalar):
            yield Source(name, name.value, item, f"{path}.dataSources.{name.value}", prefix)
    listed = isinstance(written, Sequence) and any(at(item, "name") is not None for item in written.items)
    section = None if listed else merged(written)
    for key, node in section.entries if section is not None else ():
        if isinstance(node, Mapping):
            yield Source(key, key.value, node, f"{path}.dataSources.{key.value}", prefix)
    functions = merged(api.get("pipelineFunctions"))
    for key, node in functions.entries if functions is not None else ():
        inline = at(node, "dataSource")
        if isinstance(inline, Mapping):
            yield Source(key, key.value, inline, f"{path}.pipelineFunctions.{key.value}.dataSource", prefix)
    resolvers = merged(api.get("resolvers"))
    for key, node in resolvers.entries if resolvers is not None else ():
        inline = at(node, "dataSource")
        if isinstance(inline, Mapping):
            plain_name = re.sub("[^a-zA-Z_]", "_", key.value, count=1)
            yield Source(key, plain_name, inline, f"{path}.resolvers.{key.value}.dataSource", prefix)


def _logging(packaged: Packaged, place: Node, path: str, prefix: str) -> Any:
    """The role with which an API writes its logs."""
    role = MadeRole(f"{prefix}GraphQlApiLogGroupRole", path, place, f"{path}.logging")
    role.services = ["appsync.amazonaws.com"]
    group = f"{prefix}GraphQlApiLogGroup"
    packaged.add(group, "AWS::Logs::LogGroup", None, place)
    actions = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    role.say(allow(actions, [{"Fn::GetAtt": [group, "Arn"]}]), place, f"{path}.logging")
    return {"Fn::GetAtt": [packaged.add_role(role).id, "Arn"]}


def _add_source(packaged: Packaged, source: Source) -> None:
    properties: dict[str, Any] = {"Name": source.name}
    kind = source.node.get("type")
    if kind is not None:
        properties["Type"] = kind
    if scalar(kind) == "AWS_LAMBDA":
        arn = function_arn(source)
        if arn is not None:
            properties["LambdaConfig"] = {"LambdaFunctionArn": arn}
    given = source.config("serviceRoleArn")
    if given is not None and is_truthy(given):
        properties["ServiceRoleArn"] = given
    elif (role := _role(packaged, source)) is not None:
        properties["ServiceRoleArn"] = {"Fn::GetAtt": [role.id, "Arn"]}
    packaged.add(source.id(), "AWS::AppSync::DataSource", properties, source.key)


def _role(packaged: Packaged, source: Source) -> MadeRole | None:
    role = MadeRole(source.id("Role"), source.path, source.key, source.path, source.path)
    role.services = ["appsync.amazonaws.com"]
    role.policy_name = f"AppSync-Datasource-{source.name}"
    own = source.config("iamRoleStatements")
    path = f"{source.path}.config.iamRoleStatements"
    if isinstance(own, Sequence):
        if own.items:
            role.policies.append(Written(source.path, own, path))
    elif own is not None and is_truthy(own):
        packaged.note("statements", "they are no list that is known here", own, source.path, path)
    else:
        kind = scalar(source.node.get("type"))
        defaults = DEFAULTS.get(kind)
        found = defaults(source) if defaults is not None else []
        if defaults is not None and not found:
            reason = f"its configuration does not say what the role of a data source {kind} is for"
            packaged.note("data source", reason, source.key, source.path, source.path)
        for statement in found:
            role.say(statement, source.node.key_node("config") or source.key, f"{source.path}.config")
    return packaged.add_role(role) if role.policies else None
