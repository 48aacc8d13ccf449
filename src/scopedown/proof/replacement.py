"""The check of one replacement: a statement and its suggested successors in, a reason against them out.

It shares nothing with what makes suggestions but the types and the comparison of patterns.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from ..iam.pattern import covers
from ..iam.pattern import proves as pattern_proves
from ..source.tree import Mapping, Node, Scalar, Sequence
from ..values.text import Text
from .expand import canonical, expanded, names_in, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ..iam.policy import Statement
    from ..template.stack import Stack
    from ..values.text import Element

_FORBIDDEN = frozenset(("notaction", "notresource", "principal", "notprincipal"))
# Non-space characters; of all inline policies of one role, and of one managed policy.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
INLINE_QUOTA = 10_240
MANAGED_QUOTA = 6_144


def proves(
    original: Statement,
    suggested: list[dict[str, Any]],
    stack: Stack,
    needs: Iterable[tuple[str, str | None]] = (),
) -> bool:
    """Whether the suggested statements grant nothing that the original does not, and all that is needed.

    Args:
        original: the statement that would be replaced.
        suggested: its successors in long form; none stands for taking the statement away.
        stack: the template.
        needs: (action, resource as in Fn::Sub or None) pairs that were seen to be used.
    """
    return not objection(original, suggested, stack, needs)


def objection(
    original: Statement,
    suggested: list[dict[str, Any]],
    stack: Stack,
    needs: Iterable[tuple[str, str | None]] = (),
) -> str:
    """Why the suggestion is not proved, in words; "" where it is."""
    if original.not_actions is not None or original.not_resources is not None:
        return "the original names what it leaves out"
    if original.effect != "Allow":
        return "the original does not allow"
    if original.guard.overflow:
        return "its condition is too large to follow"
    proof = _Proof(original, stack)
    for statement in suggested:
        why = proof.statement(statement)
        if why:
            return why
    return proof.needed(suggested, needs) or proof.size(suggested)


class _Proof:
    def __init__(self, original: Statement, stack: Stack) -> None:
        self.original = original
        self.stack = stack
        self.actions = self._certain(original.actions)
        self.resources = [expanded(text, stack) for text in self._certain(original.resources)]

    def _certain(self, elements: list[Element]) -> list[Text]:
        """What holds wherever the statement does; parameters as holes, whatever their values are."""
        guard = self.original.guard
        return [element.origin for element in elements if guard.implies(element.guard)]

    def statement(self, statement: dict[str, Any]) -> str:
        """Why one suggested statement is not proved, "" where it is."""
        given = {key.lower(): value for key, value in statement.items()}
        if given.get("effect") != "Allow":
            return "a suggested statement does not allow"
        if _FORBIDDEN & given.keys():
            return f"a suggested statement has {', '.join(sorted(_FORBIDDEN & given.keys()))}"
        actions, resources = _listed(given.get("action")), _listed(given.get("resource"))
        if not actions or not resources:
            return "a suggested statement has no action or no resource"
        for action in actions:
            inner = text_of(action, self.stack)
            if not any(covers(outer, inner, True) is True for outer in self.actions):
                return f"{inner.display()} is not among the original actions"
        for resource in resources:
            inner = expanded(text_of(resource, self.stack), self.stack)
            if not any(pattern_proves(outer, inner) for outer in self.resources):
                return f"{inner.display()} is not within the original resources"
        names = names_in(resources)
        for id in names:
            named = self.stack.resources.get(id)
            if named is not None and not self._there(id):
                return f"{id} exists only when {named.guard.display()}"
        if names:
            from .cycles import closes_circle

            if closes_circle(self.stack, self.original.carrier.resource, resources):
                return "it would make the template circular"
        return _conditions(self._condition_node(), given.get("condition"))

    def _there(self, id: str) -> bool:
        """Whether a resource exists wherever the statement does, or the statement names it already."""
        if self.original.guard.implies(self.stack.resources[id].guard):
            return True
        return any(
            hole.resource == id for element in self.original.resources for hole in element.origin.holes
        )

    def _condition_node(self) -> Node | None:
        for key, value in self.original.node.entries:
            if key.value.lower() == "condition":
                return value
        return None

    def needed(self, suggested: list[dict[str, Any]], needs: Iterable[tuple[str, str | None]]) -> str:
        """Whether some need that the original met is met no more."""
        for action, resource in needs:
            if "*" in action or "?" in action:
                continue  # a resource was seen, no single use
            wanted = Text.of(action)
            inner = expanded(text_of({"Fn::Sub": resource}, self.stack), self.stack) if resource else None
            if not self._grants(self.actions, self.resources, wanted, inner):
                continue
            for statement in suggested:
                actions = [text_of(each, self.stack) for each in _listed(statement.get("Action"))]
                resources = [
                    expanded(text_of(each, self.stack), self.stack)
                    for each in _listed(statement.get("Resource"))
                ]
                if self._grants(actions, resources, wanted, inner):
                    break
            else:
                return f"{action} would be lost"
        return ""

    def _grants(
        self, actions: list[Text], resources: list[Text], action: Text, resource: Text | None
    ) -> bool:
        return any(covers(each, action, True) is True for each in actions) and (
            resource is None or any(covers(each, resource) is True for each in resources)
        )

    def _beside(self) -> list[Statement]:
        """The statements that share the quota: of the same managed policy, or the roles' inline ones."""
        carrier = self.original.carrier
        if carrier.kind == "managed-policy":
            return [other for other in self.stack.statements if other.carrier is carrier]
        held = [each for role in self.stack.roles_of(carrier) for each in role.statements]
        return [each for each in dict.fromkeys(held) if each.carrier.kind != "managed-policy"]

    def size(self, suggested: list[dict[str, Any]]) -> str:
        """Whether the policy would certainly be too large; every hole counts as one character."""
        carrier = self.original.carrier
        managed = carrier.kind == "managed-policy"
        quota = MANAGED_QUOTA if managed else INLINE_QUOTA
        size = sum(_length(statement) for statement in suggested)
        others = [
            other
            for other in self._beside()
            if other is not self.original and other.carrier.kind not in ("managed-arn", "generated")
        ]
        # Quotes, colons and commas make a statement at most so much longer than its text; an anchor may more.
        shared = "&" in self.stack.document.text
        if not shared and size + sum(3 * (other.node.end - other.node.start) for other in others) <= quota:
            return ""
        size += sum(_node_length(other.node) for other in others)
        return f"the policy would hold over {quota:,} characters" if size > quota else ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _conditions(original: Node | None, suggested: Any) -> str:
    """Whether every condition is kept, with the same or fewer values; more conditions only narrow."""
    if original is None:
        return ""
    if not isinstance(suggested, dict):
        return "the condition is missing"
    if not isinstance(original, Mapping):
        return "the condition cannot be followed"
    kept = {operator.lower(): keys for operator, keys in suggested.items()}
    for operator, keys in original.entries:
        given = kept.get(operator.value.lower())
        if not isinstance(keys, Mapping) or not isinstance(given, dict):
            if given is None or _plain(keys) != _flat(given):
                return f"the condition {operator.value} is not kept"
            continue
        values = {key.lower(): value for key, value in given.items()}
        for key, value in keys.entries:
            if key.value.lower() not in values:
                return f"the condition on {key.value} is not kept"
            if not _values(values[key.value.lower()]) <= _values_of(value):
                return f"the condition on {key.value} allows other values"
    return ""


def _values(value: Any) -> set[str]:
    return {_flat(item) for item in _listed(value)}


def _values_of(node: Node) -> set[str]:
    return {_plain(item) for item in (node.items if isinstance(node, Sequence) else [node])}


def _flat(value: Any) -> str:
    text = canonical(value)
    return text.lower() if text.lower() in ("true", "false") else text


def _plain(node: Node) -> str:
    """``_flat`` of a node; GetAtt in both its spellings is one."""
    if isinstance(node, Mapping):
        pairs = []
        for key, value in node.entries:
            if key.value == "Fn::GetAtt" and isinstance(value, Scalar):
                id, _, attribute = value.value.partition(".")
                pairs.append(f"{key.value}:[{id},{attribute}]")
            else:
                pairs.append(f"{key.value}:{_plain(value)}")
        return "{" + ",".join(pairs) + "}"
    if isinstance(node, Sequence):
        return "[" + ",".join(_plain(item) for item in node.items) + "]"
    text = node.value if isinstance(node, Scalar) else ""
    return text.lower() if text.lower() in ("true", "false") else text


def _length(value: Any) -> int:
    """A lower bound of the characters that a value has in the deployed policy."""
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)).startswith(("Ref", "Fn::")):
            return 1
        return sum(len(key) + _length(inner) + 4 for key, inner in value.items())
    if isinstance(value, list):
        return sum(_length(item) + 2 for item in value)
    return len(str(value))


def _node_length(node: Node) -> int:
    if isinstance(node, Mapping):
        if len(node.entries) == 1 and node.entries[0][0].value.startswith(("Ref", "Fn::")):
            return 1
        return sum(len(key.value) + _node_length(value) + 4 for key, value in node.entries)
    if isinstance(node, Sequence):
        return sum(_node_length(item) + 2 for item in node.items)
    return len(node.value) if isinstance(node, Scalar) else 0
