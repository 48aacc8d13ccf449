"""Policy grammar to statements: located nodes of a policy document become Statements.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

from ..source.tree import Mapping, Node, Scalar
from ..values.embedded import embedded
from ..values.guard import ALWAYS, Guard
from ..values.intrinsics import call
from ..values.text import Text, Variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..values.intrinsics import Resolver
    from ..values.text import Element


class Carrier:
    """What brings a policy to a role, or holds another policy that is read.

    Args:
        kind: ``inline`` (Policies of a role), ``policy`` (AWS::IAM::Policy), ``role-policy``
            (AWS::IAM::RolePolicy), ``managed-policy`` (AWS::IAM::ManagedPolicy), ``sam-inline`` (a
            document in a SAM ``Policies``), ``sam-template`` (a SAM policy template), ``managed-arn`` (a
            managed policy attached by ARN or name) or ``generated`` (SAM adds it by itself). What brings a
            role nothing: ``trust`` (who may assume it), ``boundary`` (a permissions boundary by ARN),
            ``resource-policy`` (of a queue, a bucket, a function…) and ``limit`` (session and
            organization policies, which only restrict).
        owner: logical id of the resource in which the text stands; in a service "provider" or the function's
            name. ``resource`` is the logical id even there, of the first role that has it.
        node: the document, or the name or ARN.
        path: where it stands, as keys from the template's root.
        guard: when the role has it.
        name: name of the managed policy or SAM policy template.
        arn: the managed policy's ARN or name as written.
        element: the ARN or name with its alternatives' provenance.
    """

    __slots__ = ("arn", "element", "guard", "kind", "name", "node", "owner", "path", "resource")

    def __init__(
        self,
        kind: str,
        owner: str,
        node: Node,
        path: str,
        guard: Guard = ALWAYS,
        name: str = "",
        element: Element | None = None,
    ) -> None:
        self.kind = kind
        self.owner = self.resource = owner
        self.node = node
        self.path = path
        self.guard = guard
        self.name = name
        self.element = element
        self.arn: Text | None = element.text if element is not None else None


class Condition:
    """One operator and key of a statement's Condition with its values.

    Both are "" where the Condition cannot be read. ``guard`` says when the policy has it at all.
    """

    __slots__ = ("guard", "key", "node", "operator", "values")

    def __init__(
        self, operator: str, key: str, values: list[Element], node: Node, guard: Guard = ALWAYS
    ) -> None:
        self.operator = operator
        self.key = key
        self.values = values
        self.node = node
        self.guard = guard


class Statement:
    """One statement of a policy document; Action xor NotAction, Resource xor NotResource.

    ``not_actions`` and ``not_resources`` are None where the element is absent. ``denied`` holds actions that
    a Deny takes away in every role (see ``deny``); they no longer stand in ``actions``. ``refused`` are
    patterns that some of ``actions`` reach into and that are denied in every role. A statement that misses an
    element keeps an empty list: whoever judges it says so.
    """

    __slots__ = (
        "actions",
        "carrier",
        "conditions",
        "denied",
        "effect",
        "guard",
        "node",
        "not_actions",
        "not_resources",
        "path",
        "principals",
        "refused",
        "resources",
        "sid",
    )

    def __init__(self, node: Mapping, guard: Guard, carrier: Carrier, path: str) -> None:
        self.node = node
        self.guard = guard
        self.carrier = carrier
        self.path = path
        self.sid = ""
        self.effect = ""
        self.actions: list[Element] = []
        self.denied: list[Element] = []
        self.refused: list[Element] = []
        self.not_actions: list[Element] | None = None
        self.resources: list[Element] = []
        self.not_resources: list[Element] | None = None
        self.principals: Node | None = None
        self.conditions: list[Condition] = []


def read_document(node: Node | None, resolver: Resolver, carrier: Carrier) -> list[Statement]:
    """The statements of a policy document, through Fn::If on every level.

    Args:
        node: the document (a mapping with Statement); anything else yields nothing.
        resolver: evaluates the template's expressions.
        carrier: what brings the document to a role; its guard is added to every statement's.
    """
    found: list[Statement] = []
    for branch, guard in resolver.branches(node, carrier.guard):
        document = embedded(branch) or branch
        if isinstance(document, Mapping):
            listed = resolver.members(document.get("Statement"), guard)
            has_variables = _has_variables(document.get("Version"))
            single = len(listed) == 1
            for number, (member, when) in enumerate(listed):
                if isinstance(member, Mapping) and call(member) is None:
                    index = "" if single and member is document.get("Statement") else f"[{number}]"
                    path = f"{carrier.path}.Statement{index}"
                    found.append(read_statement(member, resolver, carrier, when, path))
                    if not has_variables:
                        _without_variables(found[-1])
    return found


def read_statement(node: Mapping, resolver: Resolver, carrier: Carrier, guard: Guard, path: str) -> Statement:
    """One statement; keys are matched without case, as IAM reads them."""
    statement = Statement(node, guard, carrier, path)
    for key, value in node.entries:
        name = key.value.lower()
        if name == "effect":
            effects = resolver.texts(value, guard)
            statement.effect = (effects[0].text.literal or "").capitalize() if len(effects) == 1 else ""
        elif name == "action":
            statement.actions = resolver.elements(value, guard, filled=True)
        elif name == "notaction":
            statement.not_actions = resolver.elements(value, guard, filled=True)
        elif name == "resource":
            statement.resources = resolver.elements(value, guard)
        elif name == "notresource":
            statement.not_resources = resolver.elements(value, guard)
        elif name == "condition":
            statement.conditions = _conditions(value, resolver, guard)
        elif name == "principal":
            statement.principals = value
        elif name == "sid" and isinstance(value, Scalar):
            statement.sid = value.value
    return statement


def _has_variables(version: Node | None) -> bool:
    """Whether ``${aws:username}`` is a policy variable: only in policies of the later Version.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
    """
    return version is not None and (not isinstance(version, Scalar) or version.value == "2012-10-17")


def _without_variables(statement: Statement) -> None:
    """Makes what reads like a policy variable the plain text that it is for IAM."""
    values = [value for condition in statement.conditions for value in condition.values]
    lists = (statement.resources, statement.not_resources or (), values)
    for element in (element for elements in lists for element in elements):
        if any(isinstance(part, Variable) for part in element.text.parts):
            element.text = Text.join(
                "${" + part.name + "}" if isinstance(part, Variable) else part for part in element.text.parts
            )


def _conditions(node: Node, resolver: Resolver, guard: Guard) -> list[Condition]:
    found = []
    for block, when in resolver.branches(node, guard):
        if not isinstance(block, Mapping) or call(block) is not None:
            found.append(Condition("", "", [], block, when))
            continue
        for operator, keys in block.entries:
            for pairs, also in resolver.branches(keys, when):
                if not isinstance(pairs, Mapping) or call(pairs) is not None:
                    found.append(Condition(operator.value, "", [], pairs, also))
                    continue
                for key, values in pairs.entries:
                    elements = resolver.elements(values, also)
                    found.append(Condition(operator.value, key.value, elements, key, also))
    return found
