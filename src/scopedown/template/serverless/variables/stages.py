"""The stages and parameters that a service names: its variables come in, names go out."""

from __future__ import annotations

import re

from ....source.tree import Mapping
from ....values.parameters import Given as Outside

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .tree import Variables

_PARAMETER = re.compile(r"[{,]\s*param:([\w.-]+)")
# A part of the configuration with one entry per stage: ${self:custom.tables.${sls:stage}}.
_PER_STAGE = re.compile(r"self:(custom(?:\.[\w-]+){1,6})\.\$\{[^{}]{0,80}[sS]tage[^{}]{0,80}\}")


def named(variables: Variables) -> list[str]:
    """Every stage that the service names, the analysed one first."""
    found = [variables.stage]
    for section in ("stages", "params"):
        found += _keys(variables, [section])
    if variables.given.stage is not None:
        declared = variables.declared_stage()
        found += [declared] if declared else []
    for document in [variables.source.document, *variables.documents]:
        for match in _PER_STAGE.finditer(document.text):
            found += _keys(variables, match.group(1).split("."))
    return list(dict.fromkeys(name for name in found if name != "default"))


def tick(variables: Variables) -> None:
    """Takes the parameters that a service has, or asks for anywhere, from the names that nobody has.

    What is asked for in a part that is not read counts too: that is no misspelt name.
    """
    given = variables.given.params
    if not isinstance(given, Outside):
        return
    for section in ("params", "stages"):
        for stage in _keys(variables, [section]):
            given.unknown.difference_update(_keys(variables, [section, stage]))
            given.unknown.difference_update(_keys(variables, [section, stage, "params"]))
    for document in [variables.source.document, *variables.documents]:
        given.unknown.difference_update(_PARAMETER.findall(document.text))


def _keys(variables: Variables, keys: list[str]) -> list[str]:
    node = variables.root
    for key in keys:
        child = node.get(key)
        if not isinstance(child, Mapping):
            return []
        node = child
    return [key.value for key, _ in node.entries]
