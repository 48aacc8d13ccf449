"""The plugin serverless-plugin-warmup: a function for each warmer, with a role that may invoke the others.

https://www.serverless.com/plugins/serverless-plugin-warmup
"""

from __future__ import annotations

from ....source.tree import Mapping, Scalar, Sequence
from ....values.intrinsics import call, scalar
from ...grown import grow
from ..packaged import MadeRole
from ..service import is_null, is_true
from . import added

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ....source.tree import Node
    from ..packaged import Packaged
    from ..service import Declared, Service

_NETWORK = tuple(
    f"ec2:{verb}NetworkInterface{'s' if verb == 'Describe' else ''}"
    for verb in ("Create", "Describe", "Detach", "Delete")
)


def prepare(packaged: Packaged) -> None:
    """Adds the function of every warmer that has something to warm."""
    service = packaged.service
    found = []
    for key, node in _warmers(service):
        if _warmed(service, key, node):
            role = node.get("role")
            name = node.get("name")
            settings: dict[str, Any] = {
                "handler": f".warmup/{key.value}/index.warmUp",
                "name": name if name is not None else _name(service, key),
                "role": role if role is not None and not is_null(role) else _role_id(key),
                "events": node.get("events") or [{"schedule": "rate(5 minutes)"}],
            }
            for setting in ("vpc", "tracing", "environment"):
                if node.get(setting) is not None:
                    settings[setting] = node.get(setting)
            declared = grow(settings, key)
            assert isinstance(declared, Mapping)
            found.append((f"warmUpPlugin{_capital(key)}", declared, key))
    for called, declared, key in found:
        added.add(service, called, declared, key, f"custom.warmup.{key.value}")


def add(packaged: Packaged) -> None:
    """Adds the role of every warmer that names none."""
    service = packaged.service
    for key, node in _warmers(service):
        warmed = _warmed(service, key, node)
        if not warmed or not is_null(node.get("role")):
            continue
        path = f"custom.warmup.{key.value}"
        role = MadeRole(_role_id(key), path, key, path, path)
        given = node.get("roleName")
        lower = key.value.lower()
        parts = [service.name, service.stage, {"Ref": "AWS::Region"}, lower, "role"]
        role.properties = {
            "Path": "/",
            "RoleName": given if given is not None else {"Fn::Join": ["-", parts]},
        }
        role.policy_name = {"Fn::Join": ["-", [service.name, service.stage, "warmer", lower, "policy"]]}
        name = node.get("name") if node.get("name") is not None else _name(service, key)
        group = "log-group:/aws/lambda/${name}:*"
        role.say(
            _allow(["logs:CreateLogGroup", "logs:CreateLogStream"], [_arn("logs", group, name)]), key, path
        )
        role.say(_allow(["logs:PutLogEvents"], [_arn("logs", f"{group}:*", name)]), key, path)
        # The star lets it call other versions, and every function whose name begins like this one.
        arns = [_arn("lambda", "function:${name}*", service.function_name(each)) for each in warmed]
        role.say(_allow(["lambda:InvokeFunction"], arns), key, path)
        role.say(_allow(list(_NETWORK), "*"), key, path)
        packaged.add_role(role)


def _warmers(service: Service) -> Iterator[tuple[Scalar, Mapping]]:
    """The warmers; before version 5 of the plugin the section was one warmer without a role of its own."""
    section = service.custom.get("warmup")
    for key, node in section.entries if isinstance(section, Mapping) and call(section) is None else ():
        if isinstance(node, Mapping) and call(node) is None:
            yield key, node


def _warmed(service: Service, key: Scalar, node: Mapping) -> list[Declared]:
    """The functions that a warmer calls: by their own setting, else by the warmer's."""
    found = []
    for function in service.functions:
        if not function.name.startswith("warmUpPlugin"):
            own = function.get("warmup", key.value, "enabled")
            if _enabled(own if own is not None else node.get("enabled"), service.stage):
                found.append(function)
    return found


def _enabled(node: Node | None, stage: str) -> bool:
    if isinstance(node, Sequence):
        return any(scalar(item) == stage for item in node.items)
    return is_true(node) or scalar(node) in ("true", stage)


def _name(service: Service, key: Scalar) -> str:
    return f"{service.name}-{service.stage}-warmup-plugin-{key.value}"


def _capital(key: Scalar) -> str:
    return key.value[:1].upper() + key.value[1:]


def _role_id(key: Scalar) -> str:
    return f"WarmUpPlugin{_capital(key)}Role"


def _arn(service: str, rest: str, name: Any) -> dict[str, Any]:
    start = f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{rest}"
    return {"Fn::Sub": [start, {"name": name}]}


def _allow(actions: list[str], resources: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resources}
