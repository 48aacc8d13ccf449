"""The declarative matcher: rules with a ``match`` and a stack come in, what they find goes out.

Rules are dispatched by what they look at: a statement is shown only to the rules whose ``is`` words occur
among its actions and resources, and this choice is made once per combination, not once per statement.
"""

from __future__ import annotations

from ..iam.breadth import Facts
from ..iam.policy import Condition
from .clauses import Subject, breadths, judge
from .context import Context
from .verdict import Verdict, meet

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ..iam.breadth import ActionFact, ResourceFact
    from ..iam.policy import Statement
    from ..source.tree import Node, Span
    from ..template.stack import Stack
    from .finding import Finding, Unresolved
    from .index import Rule


class Matcher:
    """Runs the rules that have a ``match``.

    Args:
        rules: those selected; rules with a check are left to the engine.
        options: rule id to configured options.
    """

    __slots__ = ("_carrier_rules", "_chosen", "_effects", "_options", "_receiving", "_statement_rules")

    def __init__(self, rules: Iterable[Rule], options: dict[str, dict[str, Any]] | None = None) -> None:
        self._options = options or {}
        self._carrier_rules: list[Rule] = []
        self._statement_rules: list[tuple[Rule, frozenset[str] | None, frozenset[str] | None]] = []
        self._receiving: list[Rule] = []
        self._effects: set[str] = {""}
        self._chosen: dict[tuple[object, ...], list[Rule]] = {}
        for rule in rules:
            if rule.match is None:
                continue
            if rule.match["at"] == "carrier":
                self._carrier_rules.append(rule)
            else:
                self._effects |= {rule.match["effect"]} if "effect" in rule.match else {"Allow", "Deny"}
                actions = _wanted(rule.match.get("action", {}).get("is"))
                resources = _wanted(rule.match.get("resource", {}).get("is"))
                self._statement_rules.append((rule, actions, resources))
                if "policies" in rule.match:
                    self._receiving.append(rule)

    def run(self, stack: Stack) -> tuple[list[Finding], list[Unresolved]]:
        """Judges every statement and every attached managed policy of a stack."""
        run = _Run(stack, self._options)
        for statement in stack.statements:
            if statement.effect in self._effects:
                facts = Facts(statement)
                for rule in self._rules_for(statement, facts, stack.dialect):
                    run.statement(rule, facts)
        if self._receiving:
            self._run_receiving(run, stack)
        if self._carrier_rules:
            carriers = {id(carrier): carrier for role in stack.roles.values() for carrier in role.carriers}
            for carrier in carriers.values():
                if carrier.kind == "managed-arn":
                    for rule in self._carrier_rules:
                        if stack.dialect in rule.dialects:
                            run.judge(rule, Subject(stack, carrier))
        return run.findings, list(run.unresolved.values())

    def _run_receiving(self, run: _Run, stack: Stack) -> None:
        """Judges trust and resource policies by the rules that ask for them."""
        rules = [
            rule
            for rule in self._receiving
            if stack.dialect in rule.dialects
            and any(_may_occur(rule, document.text) for document in stack.documents)
        ]
        if not rules:
            return
        trusted = [statement for role in stack.roles.values() for statement in role.trust]
        for kind, statements in (("trust", trusted), ("resource", stack.resource_policies)):
            chosen = [rule for rule in rules if kind in rule.match["policies"]]  # type: ignore[index]
            for statement in statements if chosen else ():
                facts = Facts(statement)
                for rule in chosen:
                    run.statement(rule, facts)

    def _rules_for(self, statement: Statement, facts: Facts, dialect: str) -> list[Rule]:
        actions = frozenset(fact.breadth for fact in facts.actions)
        resources = frozenset(fact.breadth for fact in facts.resources)
        key = (dialect, statement.effect, actions, resources)
        chosen = self._chosen.get(key)
        if chosen is None:
            chosen = self._chosen[key] = [
                rule
                for rule, some_action, some_resource in self._statement_rules
                if dialect in rule.dialects
                and (not statement.effect or rule.match.get("effect", statement.effect) == statement.effect)  # type: ignore[union-attr]
                and (some_action is None or some_action & actions)
                and (some_resource is None or some_resource & resources)
            ]
        return chosen


class _Run:
    """The findings of one stack, as they come."""

    def __init__(self, stack: Stack, options: dict[str, dict[str, Any]]) -> None:
        self.stack = stack
        self.options = options
        self.findings: list[Finding] = []
        self.unresolved: dict[tuple[int, str], Unresolved] = {}

    def statement(self, rule: Rule, facts: Facts) -> None:
        """Judges a statement once per element that the rule points at."""
        assert rule.match is not None
        at = rule.match["at"]
        statement = facts.statement
        if at == "statement":
            self.judge(rule, Subject(self.stack, statement.carrier, facts))
        pointed = facts.actions if at == "action" else facts.resources if at == "resource" else []
        for group in _groups(pointed, statement.carrier.kind == "sam-template"):
            # What a SAM policy template says by itself is underlined at its name: SAM wrote it, not the user.
            if group[0].element.node is not statement.carrier.node:
                subject = Subject(self.stack, statement.carrier, facts)
                setattr(subject, f"{at}s", group)
                self.judge(rule, subject)

    def judge(self, rule: Rule, subject: Subject) -> None:
        """Judges one subject and keeps what comes of it."""
        assert rule.match is not None
        found = judge(rule.match, subject)
        base = subject.statement.guard if subject.statement is not None else subject.carrier.guard
        found.holds, found.maybe = meet(base, found.holds), meet(base, found.maybe)
        if found.maybe.is_never:
            return
        if not found.holds.is_never:
            self._report(rule, subject, found)
        elif found.unknown and all(isinstance(item, Condition) for item in found.unknown):
            # Only a condition that nobody can judge here stands between the statement and the finding.
            found.holds = found.maybe
            self._report(rule, subject, found, "low")
            self._note(subject, found)
        if not found.maybe.implies(found.holds):
            self._note(subject, found)

    def _report(self, rule: Rule, subject: Subject, found: Verdict, confidence: str | None = None) -> None:
        from .wording import Words

        words = Words(rule, subject, found)
        context = Context(self.stack, rule, self.options.get(rule.id))
        self.findings.append(
            context.finding(
                words.node,
                words.message,
                resource=subject.carrier.owner,
                path=words.path,
                guard=found.holds.display(),
                identity=words.identity,
                note=words.note,
                related=_use(words.node, subject),
                severity=words.severity,
                confidence=confidence,
                cause=subject.statement or subject.carrier,
            )
        )

    def _note(self, subject: Subject, found: Verdict) -> None:
        if subject.statement is None:
            return  # the reader has already said that it cannot see the policy
        from .wording import unresolved

        for item in found.unknown:
            record = unresolved(item, subject)
            self.unresolved.setdefault((record.span.start, record.what), record)


def _use(node: Node, subject: Subject) -> list[tuple[Node | Span, str]]:
    """The statement, where what is wrong with it stands in another place that a variable leads to."""
    statement = subject.statement
    if subject.stack.packaged is None or statement is None:
        return []
    whole = statement.node
    inside = node.document is whole.document and whole.start <= node.start <= whole.end
    return [] if inside else [(whole, "the statement that takes it from there")]


def _may_occur(rule: Rule, text: str) -> bool:
    """Whether a rule about NotAction or NotResource can find one; others always can.

    Reading trust and resource policies takes time that most templates need not spend.
    """
    match = rule.match or {}
    for name in ("action", "resource"):
        if match.get(name, {}).get("is") == ["not"]:
            return f"not{name}" in text.lower()
    return True


def _wanted(words: list[str] | None) -> frozenset[str] | None:
    return None if words is None else frozenset([*breadths(words), "unresolved"])


def _groups(facts: list[Any], by_place: bool) -> list[list[ActionFact] | list[ResourceFact]]:
    """The elements of a statement, alternatives that read alike at one place taken together.

    ``by_place``: whatever they read, as where one value that the user gave fills several ARNs.
    """
    groups: dict[tuple[int, object], list[Any]] = {}
    for fact in facts:
        text = "" if by_place else fact.element.text
        groups.setdefault((fact.element.node.start, text), []).append(fact)
    return list(groups.values())
