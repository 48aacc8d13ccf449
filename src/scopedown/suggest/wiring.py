"""Suggestions from wiring alone: a statement with a wildcard becomes statements on what the template hands to
the functions that hold it.

No source is read here, so no action is ever dropped: what has no linked resource keeps its old resource in a
statement of its own.
"""

from __future__ import annotations

from ..source.tree import Node, Sequence, Span
from . import arns, render
from .linking import Linking
from .original import embedded, long_form, obstacle, shortened
from .suggestion import Need, Suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..catalog import Action
    from ..iam.breadth import ActionFact, Facts
    from ..iam.policy import Statement
    from ..template.stack import Stack
    from .arns import Expression

WRITABLE = frozenset(("inline", "policy", "role-policy", "managed-policy", "sam-inline"))
# More actions of one wildcard than this are not spelled out: nobody would paste or review the list.
SPELLED = 35
LEFT_OVER = 30
_OPEN = ("star", "service_glob", "unresolved")
_WRITING = ("Write", "Permissions management")
# Globs that AWS itself writes for "may use the key"; their variants grant nothing more.
_VARIANTS = ("kms:generatedatakey*", "kms:reencrypt*")


def suggest(stack: Stack, statement: Statement, facts: Facts) -> Suggestion | None:
    """The best replacement of a statement that wiring gives.

    Args:
        stack: the template.
        statement: an identity statement with a wildcard in its actions or resources.
        facts: how broad it is.

    Returns:
        None where the statement is none of which a narrower form can be said (a Deny, NotAction,
        NotResource, a statement that SAM or AWS wrote).
    """
    if statement.effect != "Allow" or statement.not_actions is not None or statement.principals is not None:
        return None
    if statement.not_resources is not None or statement.carrier.kind not in WRITABLE:
        return None
    if not statement.actions or not statement.resources or embedded(statement):
        return None
    if not any(fact.expands or fact.breadth in _OPEN for fact in facts.actions):
        return None  # unknown names, or actions that the resources cannot take
    return Wiring(stack, statement, facts).suggestion()


class Portion:
    """Actions of the statement that share their resources.

    Args:
        actions: as they will be written.
        resources: expressions; None: the old ones stay.
    """

    __slots__ = ("actions", "resources")

    def __init__(self, actions: list[str], resources: list[Expression] | None) -> None:
        self.actions = actions
        self.resources = resources


class Wiring:
    """One statement on its way to a suggestion."""

    def __init__(
        self, stack: Stack, statement: Statement, facts: Facts, linking: Linking | None = None
    ) -> None:
        self.stack = stack
        self.statement = statement
        self.facts = facts
        self.linking = linking or Linking(stack, statement, facts)
        self.portions: list[Portion] = []
        self.unproven: list[str] = []
        self.removed: dict[str, list[str]] = {}
        self._sids: set[str] = set()
        self.too_long = ""
        self.notes: list[str] = []

    def suggestion(self) -> Suggestion | None:
        """The suggestion, of whatever tier the links allow."""
        for fact in self.facts.actions:
            if fact.breadth == "literal":
                self._literal(fact)
            elif fact.breadth in ("glob", "service_star"):
                self._pattern(fact)
            else:
                self.keep(fact.element.text.display())
        if self._answers() and not self.unchanged():
            return self._built()
        from .display import display

        return display(self)

    def flagged(self, fact: ActionFact) -> bool:
        """Whether an action is a wildcard that findings are about, not one that only reads."""
        if fact.breadth in ("star", "service_glob", "service_star"):
            return True
        if fact.breadth != "glob" or fact.element.text.display().lower() in _VARIANTS:
            return False
        return len(fact.expands) > 1 and any(action.level in _WRITING for action in fact.expands)

    def _answers(self) -> bool:
        """Whether something is narrowed, and no wildcard that a finding is about stays where it was."""
        if not any(portion.resources is not None for portion in self.portions):
            return False
        kept = {name for each in self.portions if each.resources is None for name in each.actions}
        for fact in self.facts.actions:
            if fact.element.text.display() not in kept:
                continue
            # Of several open ARNs, those that the kept actions stand on would all stay.
            scoped = any(action.star == "never" for action in fact.expands)
            if self.flagged(fact) or (scoped and len(self.linking.wide) > 1):
                return False
        return True

    def unchanged(self) -> bool:
        """Whether the portions grant what the statement grants already, in other words."""
        old = {_spelling(element.text.display()) for element in self.statement.resources}
        new: set[tuple[str, str]] = set()
        for portion in self.portions:
            shown = old if portion.resources is None else {arns.shown(each) for each in portion.resources}
            new |= {(name.lower(), _spelling(text)) for name in portion.actions for text in shown}
        names = [element.text.display().lower() for element in self.statement.actions]
        return new == {(name, text) for name in names for text in old}

    # -- actions ---------------------------------------------------------------------------------------

    def keep(self, *actions: str) -> None:
        """Leaves actions on the old resources."""
        if actions:
            self.add(list(actions), None)

    def add(self, actions: list[str], resources: list[Expression] | None) -> None:
        """Puts actions on resources, beside others that have the same."""
        shown = [arns.shown(resource) for resource in resources or ()]
        for portion in self.portions:
            alike = resources is portion.resources or (
                None not in (resources, portion.resources)
                and shown == [arns.shown(resource) for resource in portion.resources or ()]
            )
            if alike:
                portion.actions += [action for action in actions if action not in portion.actions]
                return
        self.portions.append(Portion(actions, resources))

    def _literal(self, fact: ActionFact) -> None:
        written = fact.element.text.display()
        for action in fact.expands:
            found = self.linking.linked(action)
            if found:
                self.add([written], found)
                return
            if action.star == "never":
                self.unproven.append(written)
        self.keep(written)

    def _pattern(self, fact: ActionFact) -> None:
        """A wildcard: what applies to linked resources is spelled out, the rest stays on the old resource."""
        written = fact.element.text.display()
        covered = self._covered(fact, True)
        if not covered:
            self.keep(written)
            return
        least = self._least(covered) if fact.service == "kms" else covered
        if len(least) < len(covered):
            self._only(written, fact, least)
            return
        reached = {action.full for action in fact.expands}
        named = any(not reached.isdisjoint(link.actions or ()) for link in self.linking.links)
        if len(covered) > SPELLED or not (named or self.flagged(fact)):
            covered = self._covered(fact, fact.service == "logs")
            self.add([written], collapsed(covered))
        else:
            for full, found in covered.items():
                self.add([full], found)
        rest = [action for action in fact.expands if action.full not in covered]
        if self.linking.principals.deciding:
            self._remove(rest)
            return
        self._needs_of(written, covered)
        scoped = any(action.star == "never" and not action.eni for action in rest)
        stay = [] if scoped and not named else shortened(rest, set(covered), written)
        if len(stay) > LEFT_OVER or (scoped and not named):
            self._take_away(written, rest)
            self.unproven += covered
            return
        self.unproven += [action.full for action in fact.expands]
        if rest:
            self.keep(*stay)
            self.notes.append(
                f"{len(rest)} of {len(fact.expands)} actions of {written} have no linked resource and stay"
            )

    def _only(self, written: str, fact: ActionFact, covered: dict[str, list[Expression]]) -> None:
        """Names what the use of a key needs, and nothing else of the wildcard."""
        needs = self.linking.needs
        needs[:] = [need for need in needs if need.action in covered or not need.action.startswith("kms:")]
        for full, found in covered.items():
            self.add([full], found)
        self._take_away(written, [action for action in fact.expands if action.full not in covered])

    def _least(self, covered: dict[str, list[Expression]]) -> dict[str, list[Expression]]:
        """Of what a wildcard may do with keys that only encrypt something, what the use of that needs."""
        links = self.linking.links
        used = {name for link in links for name in link.least or ()}
        if not used or any(link.kind == "key" and not link.least for link in links):
            return covered
        named = any(link.kind != "key" and link.resource.type.startswith("AWS::KMS::") for link in links)
        return covered if named else {full: found for full, found in covered.items() if full in used}

    def _take_away(self, written: str, rest: list[Action]) -> None:
        """Leaves out what linked resources cannot take; written it would be as broad as before."""
        self._remove(rest)
        names = ", ".join(action.full for action in rest[:2])
        some = f"{names}…" if len(rest) > 2 else names
        what = f"{len(rest)} actions" if len(rest) > 1 else "1 action"
        self.notes.append(
            f"takes {what} of {written} away ({some}); only the source can show whether they are used"
        )
        self.too_long = written

    def _needs_of(self, written: str, covered: dict[str, list[Expression]]) -> None:
        """What speaks for a wildcard's narrowing: no single action is seen, only the resources are."""
        shown = sorted(_union(covered))
        for link in self.linking.links:
            own = [
                text
                for text in shown
                if "${" + link.resource.id + "}" in text or f"${{{link.resource.id}." in text
            ]
            if link.actions is None and own:
                self.linking.needs.append(Need(written, min(own, key=len), list(link.evidence)))

    def _covered(self, fact: ActionFact, expanded: bool) -> dict[str, list[Expression]]:
        if not self.linking.links or fact.service is None:
            return {}
        return self.linking.all_linked(fact.expands, expanded)

    def _remove(self, actions: list[Action]) -> None:
        for action in actions:
            self.removed.setdefault(action.level, []).append(action.full)

    # -- statements ------------------------------------------------------------------------------------

    def _built(self) -> Suggestion:
        statements = self.statements()
        place = render.Place(self.statement.node, self.statement.path.endswith("]"))
        style = self.style()
        document = self.statement.node.document
        text = render.statements_text(self.as_written(statements), style, place, document)
        why = obstacle(self.statement)
        if not why and self.stack.packaged is not None:
            from .included import elsewhere

            why = elsewhere(self.stack, self.statement)
        tier = "partial"
        if self.too_long:
            tier = "weak"
        elif why:
            tier = "none"
            self.notes.append(why)
        replaces = _span(self.statement, place) if tier == "partial" else None
        unproven = list(dict.fromkeys(self.unproven))
        if tier == "none":
            statements = []
        return Suggestion(
            tier,
            replaces,
            statements,
            text,
            self.linking.needs,
            self.removed,
            unproven,
            "; ".join([*self.linking.notes, *self.notes]),
        )

    def statements(self) -> list[dict[str, Any]]:
        """The portions as statements, in the old statement's order of keys."""
        first = True
        found = []
        for portion in sorted(self.portions, key=lambda portion: portion.resources is None):
            found.append(self.statement_of(portion.actions, portion.resources, first))
            first = False
        return found

    def statement_of(
        self, actions: list[str], resources: list[Expression] | None, first: bool = True
    ) -> dict[str, Any]:
        """One statement like the old one, with other actions and resources."""
        built: dict[str, Any] = {}
        for key, value in self.statement.node.entries:
            name = key.value.lower()
            if name == "action":
                as_list = isinstance(value, Sequence) or len(actions) > 1
                built["Action"] = actions if as_list else actions[0]
            elif name == "resource":
                built["Resource"] = self._resource(value, resources)
            elif name == "sid":
                built["Sid"] = self.statement.sid if first else self._fresh_sid()
            else:
                built[key.value] = self.kept(value)
        return built

    def kept(self, node: Node) -> Any:
        """What stays of the statement, as data; where the author wrote a variable for it is remembered."""
        value = long_form(node)
        packaged = self.stack.packaged
        if packaged is not None:
            from . import dialect

            said = dialect.as_plugin(self.stack, node, long_form(node, packaged.service.variables.written))
            if said != value:
                self.linking.authored[repr(value)] = said
        return value

    def style(self) -> render.Style:
        """How the statement and the file around it are written."""
        if self.stack.packaged is None:
            return render.style_of(self.statement.node)
        from . import dialect

        return dialect.style_of(self.stack, self.statement.node)

    def as_written(self, value: Any) -> Any:
        """Statements as the author would write them: the variables of the service where they stood."""
        if self.stack.packaged is None:
            return value
        from . import dialect

        return dialect.spoken(self.stack, self._authored(value))

    def _authored(self, value: Any) -> Any:
        known = self.linking.authored
        if not known:
            return value
        if repr(value) in known:
            return known[repr(value)]
        if isinstance(value, dict):
            return {key: self._authored(each) for key, each in value.items()}
        return [self._authored(each) for each in value] if isinstance(value, list) else value

    def _resource(self, node: Node, resources: list[Expression] | None) -> Any:
        if resources is None:
            return self.kept(node)
        wide = [element.node.start for element in self.linking.wide]
        items = node.items if isinstance(node, Sequence) else [node]
        kept = [self.kept(item) for item in items if not any(item.start <= at < item.end for at in wide)]
        listed = [*kept, *[each for each in resources if each not in kept]]
        return listed[0] if len(listed) == 1 and not isinstance(node, Sequence) else listed

    def _fresh_sid(self) -> str:
        taken = {other.sid for other in self.stack.statements if other.carrier is self.statement.carrier}
        taken |= self._sids
        number = 2
        while f"{self.statement.sid}{number}" in taken:
            number += 1
        sid = f"{self.statement.sid}{number}"
        self._sids.add(sid)
        return sid


def _union(covered: dict[str, list[Expression]]) -> dict[str, Expression]:
    """All resources of several actions by their text; equal lists are mostly the same one."""
    lists = {id(found): found for found in covered.values()}
    return {arns.shown(expression): expression for found in lists.values() for expression in found}


def collapsed(covered: dict[str, list[Expression]]) -> list[Expression]:
    """The resources of several actions, those below one resource as one: table/* for its indexes."""
    union = _union(covered)
    collapsed: dict[str, Expression] = {}
    for text in sorted(union):
        head, brace, tail = text.partition("}") if text.startswith("${") else (text, "", "")
        if brace and tail[:1] in (":", "/"):
            joined = f"{head}}}{tail[0]}*"
            collapsed[joined] = arns.spelled(joined)
        else:
            collapsed[text] = union[text]
    return list(collapsed.values())


def _spelling(resource: str) -> str:
    """One text for ARNs that differ in how they say the partition."""
    return resource.replace("arn:aws:", "arn:${AWS::Partition}:", 1)


def _span(statement: Statement, place: render.Place) -> Span:
    return Span(statement.node.document, place.start, place.end)
