"""What resource policies say of a role, a user or a group: a principal comes in, statements about it go out.

Within an account it is enough that a resource policy allows a call and names the principal; an account or its
root only lets the identity policies decide. A Deny counts whoever allows. Services are no roles.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re

from .. import catalog
from ..iam.policy import Condition
from ..source.tree import Mapping, Scalar
from ..values.guard import NEVER
from ..values.intrinsics import call
from ..values.text import STAR, Element, Hole, Text
from .narrowed import copied

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..iam.policy import Statement
    from ..source.tree import Node
    from ..values.guard import Guard
    from .stack import Resource, Role
    from .whole import Whole

# What a policy is attached to, by the property that names it.
_ATTACHED = {
    "AWS::Events::EventBusPolicy": "EventBusName",
    "AWS::Kinesis::ResourcePolicy": "ResourceArn",
    "AWS::Lambda::Permission": "FunctionName",
    "AWS::S3::BucketPolicy": "Bucket",
    "AWS::SNS::TopicInlinePolicy": "TopicArn",
    "AWS::SNS::TopicPolicy": "Topics",
    "AWS::SQS::QueueInlinePolicy": "Queue",
    "AWS::SQS::QueuePolicy": "Queues",
    "AWS::SecretsManager::ResourcePolicy": "SecretId",
}
_ARNS = {
    "AWS::Lambda::Permission": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:",
    "AWS::S3::BucketPolicy": "arn:${AWS::Partition}:s3:::",
}
_ACCOUNT = re.compile(r"\d{12}|arn:[^:]*:iam::[^:]*(?:\$\{AWS::AccountId\})?:root|\$\{AWS::AccountId\}")
_SESSION = re.compile(r":assumed-role/([^/]+)/")


class _Named:
    """Whom a Principal or NotPrincipal names."""

    __slots__ = ("account", "everyone", "keys", "unknown")

    def __init__(self) -> None:
        self.keys: dict[str, Guard] = {}
        self.everyone: Guard = NEVER
        self.account: Guard = NEVER
        self.unknown: list[Element] = []


class Admitted:
    """The resource policies of a stack, by whom they are about."""

    __slots__ = ("_found", "_stack", "_whole")

    def __init__(self, whole: Whole) -> None:
        self._whole = whole
        self._stack = whole.stack
        self._found = [
            (self._about(statement), statement.principals is None, self._named(statement))
            for statement in whole.resource_policies
        ]

    def of(self, role: Role, asked: bool = False) -> list[Statement]:
        """The statements that concern a principal; its name in them is taken as read.

        Args:
            role: a role, a user or a group.
            asked: also what is allowed to everybody, and to whom only deployment knows; that concerns all
                principals alike.
        """
        found: list[Statement] = []
        for statement, negative, named in self._found:
            if statement.effect == "Deny" or asked or role.key in named.keys:
                found += _concerning(statement, negative, named, role, asked)
        return found

    # -- principals ------------------------------------------------------------------------------------

    def _named(self, statement: Statement) -> _Named:
        named = _Named()
        node = statement.principals or _not_principal(statement.node)
        for branch, guard in self._stack.resolver.branches(node, statement.guard):
            if isinstance(branch, Scalar):
                self._principal(Element(Text.of(branch.value), guard, branch), named)
            elif isinstance(branch, Mapping) and call(branch) is None:
                for key, value in branch.entries:
                    if key.value == "AWS":
                        for element in self._stack.resolver.elements(value, guard):
                            self._principal(element, named)
        return named

    def _principal(self, element: Element, named: _Named) -> None:
        shown = element.text.display()
        if shown == "*":
            named.everyone = named.everyone.or_(element.guard)
        elif _ACCOUNT.fullmatch(shown):
            named.account = named.account.or_(element.guard)
        elif shown.endswith((".amazonaws.com", ".amazonaws.com.cn", ".${AWS::URLSuffix}")):
            return
        else:
            role = self._one(element)
            if role is not None:
                before = named.keys.get(role.key, NEVER)
                named.keys[role.key] = before.or_(element.guard)
            elif element.text.holes:
                named.unknown.append(element)

    def _one(self, element: Element) -> Role | None:
        """The role or user of the template that an ARN stands for."""
        session = _SESSION.search(element.text.display())
        if session is not None:
            element = Element(Text.of(f"role/{session[1]}"), element.guard, element.node)
        principals = self._stack.principals
        people = self._whole.people
        for text in (element.origin, element.text):
            hole = text.hole
            if hole is not None and hole.resource in people and hole.kind != "parameter":
                return people[hole.resource]
            literal = text.literal or ""
            if ":user/" in literal:
                return self._whole.user_named(literal.rpartition("/")[2])
        return principals.find(element, self._whole.roles) if principals is not None else None

    # -- resources -------------------------------------------------------------------------------------

    def _about(self, statement: Statement) -> Statement:
        """A statement with the ARNs of what it is about: ``*`` is the resource that has the policy."""
        owner = self._stack.resources.get(statement.carrier.owner)
        if owner is None or statement.not_resources is not None:
            return statement
        resources: list[Element] = []
        for element in statement.resources:
            if element.text.literal == "*":
                resources += self._attached(owner, element.node, element.guard)
            else:
                resources.append(self._arn(owner.type, element))
        if not statement.resources:
            resources = self._attached(owner, statement.node, statement.guard)
        found = copied(statement, statement.carrier, statement.guard)
        found.resources = resources
        return found

    def _attached(self, owner: Resource, node: Node, guard: Guard) -> list[Element]:
        """What a policy is attached to, and the objects below it where that is a bucket."""
        name = _ATTACHED.get(owner.type)
        if name is None:
            arn = self._own_arn(owner.id)
            texts = [arn] if arn is not None else []
        else:
            value = owner.properties.get(name) if owner.properties is not None else None
            elements = self._stack.resolver.elements(value, guard)
            texts = [self._arn(owner.type, element).text for element in elements]
        if owner.type == "AWS::S3::BucketPolicy":
            texts += [Text.join([*text.parts, "/", STAR]) for text in texts]
        unknown = Text((Hole(f"what {owner.id} is attached to", "unknown"),))
        return [Element(text, guard, node) for text in texts or [unknown]]

    def _arn(self, type: str, element: Element) -> Element:
        """An element with the ARN in place of a resource's reference or name."""
        hole = element.text.hole
        text: Text | None = None
        if hole is not None and hole.kind == "reference":
            text = self._own_arn(hole.resource)
        elif hole is None and type in _ARNS and not element.text.display().startswith("arn:"):
            before = self._stack.resolver.expression(_sub(element, _ARNS[type]))[0][0]
            text = Text.join([*before.parts, *element.text.parts])
        return element if text is None else Element(text, element.guard, element.node)

    def _own_arn(self, id: str) -> Text | None:
        resource = self._stack.resources.get(id)
        known = catalog.cfn_type(resource.type) if resource is not None else None
        if known is None:
            return None
        if known.ref == "arn":
            return self._stack.resolver.reference(id)
        return self._stack.resolver.attribute(f"{id}.{known.arn_attribute}") if known.arn_attribute else None


def _sub(element: Element, text: str) -> Node:
    from .grown import grow

    return grow({"Fn::Sub": text}, element.node)


def _not_principal(node: Mapping) -> Node | None:
    return next((value for key, value in node.entries if key.value.lower() == "notprincipal"), None)


def _concerning(
    statement: Statement, negative: bool, named: _Named, role: Role, asked: bool
) -> list[Statement]:
    """A statement as it concerns a principal: under the guard of its name, or if it is who it may be."""
    deny = statement.effect == "Deny"
    meant = named.everyone
    if deny:
        meant = meant.or_(named.account)
    if role.key in named.keys:
        meant = meant.or_(named.keys[role.key])
    if negative:
        # An account beside the role only makes the exception work; alone it exempts nobody.
        meant = named.everyone.or_(named.keys.get(role.key, NEVER)).not_()
    found = [] if meant.is_never else [copied(statement, statement.carrier, meant)]
    if not named.unknown or not (asked or deny) or (found and not negative):
        return found
    key = named.unknown[0].node
    if negative:
        for one in found:
            one.conditions = [
                *one.conditions,
                Condition("ArnNotEquals", "aws:PrincipalArn", named.unknown, key),
            ]
        return found
    perhaps = copied(statement, statement.carrier, statement.guard)
    perhaps.conditions = [
        *statement.conditions,
        Condition("ArnEquals", "aws:PrincipalArn", named.unknown, key),
    ]
    return [perhaps]
