"""What a state machine's tasks need, as the plugin serverless-step-functions derives it from the definition.

A name or an ARN that only a running execution knows stands for everything, as the plugin has it.
"""

from __future__ import annotations

import re

from ....source.tree import Mapping, Node, Scalar, Sequence
from ....values.intrinsics import call, canonical, scalar
from ...grown import grow
from ..service import at
from ..variables.unknowns import Unknown
from . import step_functions_services
from .asl import machine_arn, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..packaged import Packaged

_PARTITION = re.compile(r"^arn:(aws(-[a-z]+)*|\$\{AWS::Partition\}):")
_LAMBDA = re.compile(r"arn:aws(-[a-z]+)*:lambda")


class Tasks:
    """The needs of one definition.

    Args:
        packaged: where to note what cannot be read.
        name: the machine's name, for executions that it starts of itself.
        path: where the definition stands.

    ``unsure`` is True where something could not be read.
    """

    def __init__(self, packaged: Packaged, name: Node | str, path: str) -> None:
        self.packaged = packaged
        self.name = name
        self.path = path
        self.unsure = False
        self._needs: list[tuple[str, list[Any], Node]] = []

    def need(self, actions: str, resources: Any, cause: Node) -> None:
        """Adds actions (separated by commas) on one resource or several."""
        self._needs.append((actions, resources if isinstance(resources, list) else [resources], cause))

    def note(self, reason: str, node: Node) -> None:
        """Records a part of the definition that is not read."""
        self.unsure = True
        owner = self.path.rpartition(".")[0]
        self.packaged.note("state machine", reason, node, owner, self.path)

    def read(self, definition: Node | None, place: Node) -> None:
        """Reads every task of a definition, those in parallel and map states included."""
        if isinstance(definition, Mapping) and call(definition) is None:
            self._states(definition.get("States"))
        elif definition is not None:
            self.note("its definition is no mapping that is known here", place)

    def consolidated(self) -> list[tuple[list[str], Any, Node]]:
        """(actions, resources, cause) as the plugin puts them together: by action, then by resource."""
        by_action: dict[str, tuple[dict[str, Any], Node]] = {}
        for actions, resources, cause in self._needs:
            listed, _ = by_action.setdefault(actions, ({}, cause))
            for resource in resources:
                listed.setdefault(canonical(grow(resource, cause)), resource)
        by_resource: dict[str, tuple[list[str], Any, Node]] = {}
        for actions, (listed, cause) in by_action.items():
            everything = "*" in listed
            key = "*" if everything else "\n".join(listed)
            found = by_resource.setdefault(key, ([], "*" if everything else list(listed.values()), cause))
            found[0].extend(each for each in actions.split(",") if each not in found[0])
        return list(by_resource.values())

    # -- states ----------------------------------------------------------------------------------------

    def _states(self, states: Node | None) -> None:
        for _, state in states.entries if isinstance(states, Mapping) and call(states) is None else ():
            if isinstance(state, Mapping):
                kind = scalar(state.get("Type"))
                if kind == "Task":
                    self._task(state)
                elif kind == "Parallel":
                    branches = state.get("Branches")
                    for branch in branches.items if isinstance(branches, Sequence) else ():
                        self._states(at(branch, "States"))
                elif kind == "Map":
                    self._map(state)

    def _map(self, state: Mapping) -> None:
        processor = state.get("ItemProcessor") or state.get("Iterator")
        self._states(at(processor, "States"))
        mode = at(state, "ItemProcessor", "ProcessorConfig", "Mode")
        if scalar(mode) == "DISTRIBUTED" and mode is not None:
            step_functions_services.executions(self, machine_arn(self.name), "states:StartExecution", mode)
        for name in ("ItemReader", "ResultWriter"):
            found = state.get(name)
            if isinstance(found, Mapping):
                self._task(found)

    def _task(self, state: Mapping) -> None:
        resource = state.get("Resource")
        if resource is None:
            return
        if isinstance(resource, Mapping) and not isinstance(resource, Unknown):
            self._function(resource, resource)
            return
        name = _PARTITION.sub("arn:aws:", text(resource))
        reader = step_functions_services.reader(name.removeprefix("arn:aws:states:::"))
        if name.startswith("arn:aws:states:::") and reader is not None:
            reader(self, state, resource)
        elif _LAMBDA.search(name):
            self._function(_without_alias(resource), resource)
        elif "\0" in name:
            self.note("a variable hides which service its task calls", resource)
        # The plugin says in its log that it cannot tell what other tasks need, and adds nothing.

    def _function(self, arn: Any, cause: Node) -> None:
        versions = {"Fn::Sub": ["${functionArn}:*", {"functionArn": arn}]}
        self.need("lambda:InvokeFunction", [arn, versions], cause)


def _without_alias(resource: Node) -> Node:
    if isinstance(resource, Scalar):
        parts = resource.value.split(":")
        if len(parts) == 8 and parts[0] == "arn":
            value = ":".join(parts[:7])
            return Scalar(resource.document, resource.start, resource.end, value, resource.style)
    return resource
