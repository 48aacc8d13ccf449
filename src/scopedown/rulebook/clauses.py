"""Clauses: the words of a rule's ``match``, decided with three values over guards (``verdict``).

The words (``rulebook.vocabulary`` has the same list for the loader, with what each accepts):

effect: Allow or Deny.
action:
    is            some action is a star, service_star, service_glob, glob or literal, or not: the statement
                  has a NotAction
    covers_any    some action pattern grants all of one of these ("iam:PassRole")
    level_any     some action reaches one of these access levels
    level_only    every action stays within these access levels
    more_than     some action pattern matches more known actions than this
    variants      whether some action pattern matches forms of one action only: PutRecord and PutRecords
    within        every action lies within one of these patterns ("logs:Put*")
resource:
    is            some resource is a star, type_star, prefix, named or unscoped (star or type_star), or not:
                  the statement has a NotResource
    only          every resource is one of these (``unresolved`` may stand among them)
    covers_any    some resource pattern covers one of these
    scopable      all, some (but not all) or any of the actions could be limited to a resource
    scopable_levels   all actions that could be limited to a resource stay within these access levels
    besides       actions that ``scopable`` and ``scopable_levels`` leave out of account
condition:
    has, lacks    one of these condition keys is used, none of them is
    narrows       whether the condition says which resource is meant
    surely_narrows  the same, where what cannot be told counts as no
carrier:
    kind          what brings the policy (``iam.policy.Carrier``)
    managed_any   the AWS managed policy has one of these names (a ``*`` stands for anything)
    generated     whether a framework wrote the policy for a helper of its own
    synthesised   whether the CDK wrote the template
role:
    assumed_by_only   every principal of the role's trust policy is one of these services
policies: in which kinds of policy to look (identity if not said; resource, trust).
all, any: lists of clauses; unless: one clause that must not hold.

In one ``action`` or ``resource`` clause the words that ask for "some" speak of the same element.
"""

from __future__ import annotations

from .. import catalog
from ..iam.pattern import both, covers, either, negated
from ..iam.policy import Carrier, read_document
from ..iam.reach import Reach
from ..values.text import Hole, Text
from .verdict import Verdict, every, some, verdict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..catalog import Action
    from ..iam.breadth import ActionFact, Facts, ResourceFact
    from ..iam.policy import Statement
    from ..template.stack import Role, Stack

    Clause = dict[str, Any]

# Logical ids and constructs of the helpers that the CDK adds by itself: log retention, bucket deployment,
# auto-delete, notifications, AwsCustomResource, the provider framework.
# https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources-readme.html
HELPER_NAMES = {
    "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a": "log retention",
    "CustomCDKBucketDeployment": "BucketDeployment",
    "CustomS3AutoDeleteObjects": "autoDeleteObjects",
    "CustomECRAutoDeleteImages": "autoDeleteImages",
    "CustomVpcRestrictDefaultSG": "restrictDefaultSecurityGroup",
    "CustomCDKECSDeployment": "ECS deployments",
    "CustomCrossRegionExport": "cross-region references",
    "BucketNotificationsHandler050a0587b7544547bf325f094a3db834": "bucket notifications",
    "AWS679f53fac002430cb0da5b7982bd2287": "AwsCustomResource",
}
HELPERS = tuple(HELPER_NAMES)


class Subject:
    """What a rule is asked about: a carrier, or a statement with the elements under the lens."""

    __slots__ = ("actions", "carrier", "facts", "resources", "stack", "statement")

    def __init__(self, stack: Stack, carrier: Carrier, facts: Facts | None = None) -> None:
        self.stack = stack
        self.carrier = carrier
        self.facts = facts
        self.statement: Statement | None = facts.statement if facts is not None else None
        self.actions: list[ActionFact] = facts.actions if facts is not None else []
        self.resources: list[ResourceFact] = facts.resources if facts is not None else []


def judge(clause: Clause, subject: Subject) -> Verdict:
    """Decides a clause: all its words must hold. Costly words come last, after the others agreed."""
    result = verdict(True)
    for word, decide in _WORDS:
        if word in clause:
            result = result.and_(decide(clause[word], subject))
            if result.maybe.is_never:
                return result
    if "scopable" in clause.get("resource", ()):
        result = result.and_(_scopable(clause["resource"], subject))
    if "scopable_levels" in clause.get("resource", ()):
        result = result.and_(_scopable_levels(clause["resource"], subject))
    return result


def _effect(wanted: str, subject: Subject) -> Verdict:
    statement = subject.statement
    if statement is None:
        return verdict(False)
    return verdict(statement.effect == wanted if statement.effect else None, statement)


def _action(words: Clause, subject: Subject) -> Verdict:
    result = verdict(True)
    if not words.keys() <= {"level_only", "within"}:
        result = some(subject.actions, lambda fact: _action_answer(words, fact))
    if "within" in words:
        patterns = [Text.of(pattern) for pattern in words["within"]]
        result = result.and_(every(subject.actions, lambda fact: _covered(fact.element.text, patterns)))
    if "level_only" in words:
        levels = words["level_only"]
        result = result.and_(every(subject.actions, lambda fact: negated(_reaches(fact, levels, False))))
    return result


def _action_answer(words: Clause, fact: ActionFact) -> bool | None:
    answer: bool | None = True
    if "is" in words:
        answer = None if fact.breadth == "unresolved" else fact.breadth in words["is"]
    if "covers_any" in words and answer is not False:
        answer = both(answer, _covers(fact, words["covers_any"], True))
    if "level_any" in words and answer is not False:
        answer = both(answer, _reaches(fact, words["level_any"], True))
    if "more_than" in words and answer is not False:
        everything = fact.breadth in ("star", "not")
        answer = both(answer, everything or len(fact.expands) > words["more_than"])
    if "variants" in words and answer is not False:
        answer = both(answer, _are_variants(fact) == words["variants"])
    return answer


def _are_variants(fact: ActionFact) -> bool:
    """Whether the names of all actions that a pattern matches begin with the shortest of them."""
    names = [action.name for action in fact.expands]
    return bool(names) and all(name.startswith(min(names, key=len)) for name in names)


def _reaches(fact: ActionFact, levels: list[str], within: bool) -> bool | None:
    """Whether an action reaches a level that is (``within``) or is not among those listed."""
    if fact.breadth in ("star", "not"):
        return True
    if not fact.expands:
        # A pattern that is known and takes effect on none of the statement's resources reaches nothing.
        return False if fact.matches_known else None
    return any((action.level in levels) is within for action in fact.expands)


def _resource(words: Clause, subject: Subject) -> Verdict:
    result = verdict(True)
    if "is" in words or "covers_any" in words:
        result = some(subject.resources, lambda fact: _resource_answer(words, fact))
    if "only" in words:
        wanted = breadths(words["only"])
        result = result.and_(every(subject.resources, lambda fact: fact.breadth in wanted))
    return result


def _resource_answer(words: Clause, fact: ResourceFact) -> bool | None:
    answer: bool | None = True
    if "is" in words:
        answer = None if fact.breadth == "unresolved" else fact.breadth in breadths(words["is"])
    if "covers_any" in words and answer is not False:
        answer = both(answer, _covers(fact, words["covers_any"], False))
    return answer


def breadths(wanted: list[str]) -> list[str]:
    """The breadths that a resource's ``is`` stands for."""
    return [*wanted, "star", "type_star"] if "unscoped" in wanted else wanted


def _scopable_levels(words: Clause, subject: Subject) -> Verdict:
    """Whether every action that could be limited to a resource stays within some access levels."""
    facts = subject.facts
    if facts is None or any(fact.breadth in ("star", "unresolved") for fact in facts.actions):
        return verdict(False)
    can = [action for fact in facts.actions for action in scopable(words, fact, subject)[0]]
    return verdict(bool(can) and all(action.level in words["scopable_levels"] for action in can))


def _scopable(words: Clause, subject: Subject) -> Verdict:
    facts = subject.facts
    if facts is None:
        return verdict(False)
    how = words["scopable"]
    if any(fact.breadth in ("star", "not") for fact in facts.actions):
        return verdict(how != "all")
    split = {id(fact): scopable(words, fact, subject) for fact in facts.actions}
    narrow = some(
        facts.actions, lambda fact: None if fact.breadth == "unresolved" else bool(split[id(fact)][0])
    )
    if how == "any":
        return narrow
    # An action that nobody knows here neither asks for the split nor speaks against scoping the others.
    rest = some(facts.actions, lambda fact: bool(split[id(fact)][1])).holds
    certain = Verdict(rest, rest)
    return narrow.and_(certain if how == "some" else certain.not_())


def scopable(words: Clause, fact: ActionFact, subject: Subject) -> tuple[list[Action], list[Action]]:
    """What an action pattern matches: actions that can be limited to a resource, and those that need ``*``.

    Actions that have nothing to do with the ARNs under the lens are in neither list. A glob of reads most of
    which need ``*`` (``ec2:Describe*``), and one of which all but a few do (``xray:*``), counts as one that
    needs it: nobody would split it for the others.

    Args:
        words: the ``resource`` clause; what its ``besides`` names is in neither list.
        fact: the action.
        subject: has the resources.
    """
    here = {action.service for action in fact.expands}
    besides = [each for each in words.get("besides", ()) if each.partition(":")[0] in here]
    left_out = {action.full for each in besides for action in catalog.expand(each)}
    matched = [action for action in fact.expands if action.full not in left_out]
    reach = Reach([each.element for each in subject.resources])
    if not reach.everything:
        matched = [action for action in matched if reach.takes_effect(action)]
    can = [action for action in matched if action.star == "never"]
    cannot = [action for action in matched if action.star != "never"]
    mostly_star = len(can) <= len(cannot) and all(action.level in ("List", "Read") for action in can)
    if mostly_star or len(can) * 3 <= len(cannot):
        return [], matched
    return can, cannot


def _condition(words: Clause, subject: Subject) -> Verdict:
    statement, facts = subject.statement, subject.facts
    if statement is None or facts is None:
        return verdict(False)
    used = {condition.key.lower().partition("/")[0] for condition in statement.conditions}
    result = verdict(True)
    if "has" in words:
        result = result.and_(verdict(any(key.lower() in used for key in words["has"])))
    if "lacks" in words:
        result = result.and_(verdict(not any(key.lower() in used for key in words["lacks"])))
    if "narrows" in words:
        narrows = verdict(facts.narrows)
        narrows.unknown += statement.conditions if facts.narrows is None else []
        result = result.and_(narrows if words["narrows"] else narrows.not_())
    if "surely_narrows" in words:
        result = result.and_(verdict((facts.narrows is True) is words["surely_narrows"]))
    return result


def _carrier(words: Clause, subject: Subject) -> Verdict:
    carrier = subject.carrier
    result = verdict(True)
    if "kind" in words:
        result = verdict(carrier.kind in words["kind"])
    if "generated" in words:
        made = carrier.kind == "generated" or carrier.owner.startswith(HELPERS)
        result = result.and_(verdict(made is words["generated"]))
    if "synthesised" in words and not result.maybe.is_never:
        result = result.and_(verdict(subject.stack.synthesised is words["synthesised"]))
    if "managed_any" in words and not result.maybe.is_never:
        name = aws_managed_name(carrier)
        known = None if name is None else name != "" and _is_named(name, words["managed_any"])
        result = result.and_(verdict(known, carrier.element))
    return result


def _is_named(name: str, patterns: list[str]) -> bool:
    likely = [pattern for pattern in patterns if all(piece in name for piece in pattern.split("*"))]
    return bool(likely) and _covered(Text.of(name), [Text.of(pattern) for pattern in likely]) is True


def aws_managed_name(carrier: Carrier) -> str | None:
    """The name of the AWS managed policy that a carrier attaches.

    Returns:
        "" for any other policy, None where that cannot be told. A bare name is what SAM accepts; an ARN of
        an AWS managed policy has the account ``aws`` and may have a path.
    """
    if carrier.kind != "managed-arn" or carrier.arn is None:
        return ""
    whole = carrier.arn.hole
    if whole is not None:
        return "" if whole.kind in ("reference", "attribute") else None
    parts = carrier.arn.parts
    flat = "".join(
        "\0" if isinstance(part, Hole) else part if isinstance(part, str) else "" for part in parts
    )
    fields = flat.split(":", 5)
    if len(fields) == 1:
        return None if "\0" in flat else flat
    if len(fields) < 6:
        return None if "\0" in flat else ""
    if fields[4] != "aws" or not fields[5].startswith("policy/"):
        return ""
    name = fields[5].rpartition("/")[2]
    return None if "\0" in name else name


def _role(words: Clause, subject: Subject) -> Verdict:
    roles = subject.stack.roles_of(subject.carrier)
    result = verdict(bool(roles))
    for role in roles:
        result = result.and_(verdict(_assumed_by_only(words["assumed_by_only"], role, subject.stack), role))
    return result


def _assumed_by_only(services: list[str], role: Role, stack: Stack) -> bool | None:
    properties = role.resource.properties if role.resource is not None and not role.generated else None
    node = properties.get("AssumeRolePolicyDocument") if properties is not None else None
    if node is None:
        return False if role.generated else None
    trust = Carrier("trust", role.key, node, "", role.guard)
    answer: bool | None = None
    for statement in read_document(node, stack.resolver, trust):
        for branch, guard in stack.resolver.branches(statement.principals, statement.guard):
            entries = getattr(branch, "entries", None)
            if not entries:
                return False
            for key, value in entries:
                if key.value != "Service":
                    return False
                for element in stack.resolver.elements(value, guard):
                    if element.text.literal not in services:
                        return None if element.text.holes else False
                    answer = True
    return answer


def _all(clauses: list[Clause], subject: Subject) -> Verdict:
    result = verdict(True)
    for clause in clauses:
        result = result.and_(judge(clause, subject))
    return result


def _any(clauses: list[Clause], subject: Subject) -> Verdict:
    result = verdict(False)
    for clause in clauses:
        result = result.or_(judge(clause, subject))
    return result


def _unless(clause: Clause, subject: Subject) -> Verdict:
    return judge(clause, subject).not_()


_WORDS: tuple[tuple[str, Callable[[Any, Subject], Verdict]], ...] = (
    ("effect", _effect),
    ("carrier", _carrier),
    ("action", _action),
    ("resource", _resource),
    ("condition", _condition),
    ("role", _role),
    ("all", _all),
    ("any", _any),
    ("unless", _unless),
)


def _covers(fact: ActionFact | ResourceFact, patterns: list[str], ignore_case: bool) -> bool | None:
    if fact.besides is None:
        return either(covers(fact.element.text, Text.of(pattern), ignore_case) for pattern in patterns)
    from ..iam.algebra import overlaps

    # All of a pattern is granted where nothing of it is left out.
    left_out = [each.text for each in fact.besides]
    return either(
        negated(either(overlaps(each, Text.of(pattern), ignore_case) for each in left_out))
        for pattern in patterns
    )


def _covered(text: Text, patterns: list[Text]) -> bool | None:
    return either(covers(pattern, text, True) for pattern in patterns)
