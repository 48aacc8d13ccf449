"""How an event is written: as a mapping of settings, as a string, or as an expression."""

from __future__ import annotations

from ...source.tree import Mapping, Scalar
from ...values.intrinsics import VARIABLE, call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ...source.tree import Node


def settings_of(node: Node | None) -> Mapping | None:
    """The settings of an event, None where it is written as a string or as an expression."""
    return node if isinstance(node, Mapping) and call(node) is None else None


def may_be_settings(node: Node | None) -> bool:
    """Whether an event is a variable that may stand for a mapping: what a program returns."""
    function = call(node) if node is not None else None
    if function is None or function[0] != VARIABLE:
        return False
    return isinstance(function[1], Scalar) and function[1].value.startswith("file(")
