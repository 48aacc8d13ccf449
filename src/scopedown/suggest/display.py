"""What to show where wiring decides nothing: the statement as it should be, or one line on what to name.

No use of any action is assumed: a wildcard is spelled out in full or the reader is asked for the actions. A
statement is shown only where it names a resource of the template and leaves nothing of the finding behind.
"""

from __future__ import annotations

from . import arns, render
from .graph import graph_of
from .links import fixed_name
from .suggestion import Suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..catalog import Action
    from ..iam.breadth import ActionFact
    from ..template.stack import Resource
    from .arns import Expression
    from .wiring import Wiring

# A wildcard of at most so many actions is shown as their names.
FEW = 12
# Services of which the only resource in the template says nothing: keys and roles are seldom the ones that it
# makes itself, its log groups and functions belong to its functions.
_NEVER_ALONE = ("kms", "iam", "cloudformation", "logs", "lambda")
# Writing its own log is what every principal does; no finding is about that.
OWN_LOG = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
# What the role of a state machine needs so that Step Functions delivers its log, all of it on "*" alone.
# https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)


def display(wiring: Wiring) -> Suggestion | None:
    """A suggestion of tier none: a statement, or no text and a note that says what to name.

    Returns:
        None where there is nothing narrower to say.
    """
    chosen = _Chosen(wiring)
    for fact in wiring.facts.actions:
        chosen.take(fact)
    notes = [*chosen.notes, *wiring.linking.notes]
    statements = wiring.statements() if chosen.answered else []
    if statements and not wiring.unchanged():
        place = render.Place(wiring.statement.node, wiring.statement.path.endswith("]"))
        style = wiring.style()
        text = render.statements_text(
            wiring.as_written(statements), style, place, wiring.statement.node.document
        )
        if chosen.asked:
            notes.append(f"fill in {' and '.join(chosen.asked)}")
        return Suggestion("none", None, [], text, note="; ".join(dict.fromkeys(notes)))
    from .naming import advice

    lines = [
        *advice(wiring, chosen.open + chosen.spelled, chosen.unnamed),
        *chosen.delivery,
        *wiring.linking.notes,
    ]
    note = "; ".join(dict.fromkeys(lines))
    if note and wiring.stack.packaged is not None:
        from . import dialect

        note = dialect.noted(wiring.stack, note)
    return Suggestion("none", None, [], "", note=note) if lines else None


# The bucket in which the framework keeps packages: no function of the service uses it.
_FRAMEWORK_S = "ServerlessDeploymentBucket"


class _Chosen:
    """The portions to show, one action of the statement after the other.

    ``open`` are wildcards that only the reader can replace, ``spelled`` those that are named in full,
    ``unnamed`` actions whose resource only the reader knows, ``asked`` the capitals to fill in; ``left`` says
    that something of the finding stays.
    """

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        self.notes: list[str] = []
        self.open: list[ActionFact] = []
        self.spelled: list[ActionFact] = []
        self.unnamed: dict[str, Action] = {}
        self.asked: list[str] = []
        self.delivery: list[str] = []
        self.left = False
        self.named = False
        self._real: dict[tuple[object, ...], list[Expression]] = {}
        linking = wiring.linking
        self.wide = bool(linking.wide) and wiring.facts.narrows is not True
        wiring.portions.clear()

    @property
    def answered(self) -> bool:
        """Whether the portions answer the finding with what the template has."""
        return self.named and not self.left and not self.open

    def take(self, fact: ActionFact) -> None:
        """Adds what stands for one action of the old statement."""
        written = fact.element.text.display()
        principals = self.wiring.linking.principals
        if fact.service == "logs" and (principals.machine or principals.services == {"apigateway"}):
            self._delivered(fact, written, principals.machine)
        elif fact.breadth == "literal" and fact.expands:
            self._action(fact.expands[0], written)
        elif self.wiring.flagged(fact):
            self._flagged(fact, written)
        elif fact.breadth == "glob" and self.wide:
            self._reading(fact, written)
        else:
            self.wiring.keep(written)

    def _flagged(self, fact: ActionFact, written: str) -> None:
        """A wildcard that reaches further than reading: spelled out, or for the reader to replace."""
        if fact.breadth != "glob" or not 0 < len(fact.expands) <= FEW:
            self.open.append(fact)
            for action in fact.expands if self.wide and fact.breadth == "glob" else ():
                self._ask(action)
            return
        self.spelled.append(fact)
        self._note(f"names what {written} matches")
        self.named = self.named or not self.wide
        for action in fact.expands:
            self._action(action, action.full)

    def _reading(self, fact: ActionFact, written: str) -> None:
        """A wildcard that only reads stays as it is, on the resources that its actions have."""
        scoped = [action for action in fact.expands if action.star == "never" and not action.eni]
        found = {arns.shown(each): each for action in scoped for each in self._resources(action)}
        if scoped and all(self._resources(action) for action in scoped):
            self.named = True
            self.wiring.add([written], list(found.values()))
            rest = [action.full for action in fact.expands if action not in scoped]
            self.wiring.keep(*rest)
            return
        self.wiring.keep(written)
        self.left = self.left or bool(scoped)
        for action in scoped:
            self._ask(action)

    def _delivered(self, fact: ActionFact, written: str, machine: bool) -> None:
        """A state machine's log: the service delivers it, and asks for these actions on ``*``.

        The role under which API Gateway writes the logs of every API of the region stays as it is.
        """
        matched = {action.full for action in fact.expands}
        needed = [full for full in _DELIVERY if full in matched]
        if fact.breadth == "literal" or not machine or not needed:
            self.wiring.keep(written)
            self.left = self.left or any(
                action.star == "never" and action.full not in OWN_LOG for action in fact.expands
            )
            return
        self.named = True
        self.wiring.keep(*needed)
        self._note(f"assumes that of {written} only the delivery of the state machine's own log is used")
        self.delivery = [f"for a state machine's log {', '.join(needed)} on * are enough"]

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def _action(self, action: Action, written: str) -> None:
        """One action by name."""
        if not self.wide or action.star != "never" or action.eni or action.full in OWN_LOG:
            self.wiring.keep(written)
            return
        found = self._resources(action)
        if found:
            self.named = True
            self.wiring.add([written], found)
            return
        from .naming import filled

        self._ask(action)
        templates = filled(self.wiring, action) if action.full in self.unnamed else []
        if not templates:
            self.left = True
            self.wiring.keep(written)
            return
        self.wiring.add([written], [arns.spelled(text) for text, _ in templates])
        self.asked += [name for _, name in templates if name and name not in self.asked]

    def _ask(self, action: Action) -> None:
        # Text messages go to no topic: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
        if action.full != "sns:Publish" or "cognito-idp" not in self.wiring.linking.principals.services:
            self.unnamed[action.full] = action

    # -- resources of the template ---------------------------------------------------------------------

    def _resources(self, action: Action) -> list[Expression]:
        """The resources of the template that an action is meant for, as far as that can be said."""
        name = action.name if action.service in ("logs", "execute-api") or action.name in arns.TAGGING else ""
        key = (action.service, action.types, name)
        if key not in self._real or self.wiring.linking.links:
            self._real[key] = self.wiring.linking.linked(action) or self._alone(action)
        return self._real[key]

    def _alone(self, action: Action) -> list[Expression]:
        """The only resource of its type, where functions of the stack are asking."""
        linking = self.wiring.linking
        api = action.service == "execute-api"
        if action.service in _NEVER_ALONE or not (api or linking.principals.only_functions):
            return []
        fitting = {}
        for resource in _of_service(self.wiring, "apigateway" if api else action.service):
            if resource.id == _FRAMEWORK_S:
                continue
            made = arns.arns_for(self.wiring.stack, resource, action)
            if made and arns.required_types(action) <= {name for name, _ in made}:
                fitting[resource.id] = [arn for _, arn in made]
        if len(fitting) != 1:
            return []
        ((id, candidates),) = fitting.items()
        resource = self.wiring.stack.resources[id]
        if not self._usable(resource) or not (api or self._free(resource)):
            return []
        notes = list(linking.notes)
        usable = [linking.within(arn, action) for arn in candidates]
        linking.notes[:] = notes
        if None in usable:
            return []
        self._note(f"assumes that {id} is meant, the only one of its type in the template")
        return [expression for expression in usable if expression is not None]

    def _usable(self, resource: Resource) -> bool:
        """Whether a resource can be named here."""
        linking = self.wiring.linking
        if not self.wiring.statement.guard.implies(resource.guard):
            return False
        return not linking.circular(resource.id) or fixed_name(linking.stack, resource) is not None

    def _free(self, resource: Resource) -> bool:
        """Whether nothing ties a resource to another function."""
        linking = self.wiring.linking
        own = {function.id for role in linking.roles for function, _, _ in role.functions}
        graph = graph_of(linking.stack)
        others = [function for function in linking.stack.functions if function.id not in own]
        for function in others:
            stem = function.id.removesuffix("Function").removesuffix("Lambda")
            if stem in resource.id or graph.names(function.resource, resource.id):
                return False
            if graph.names(resource, function.id):
                return False
        return True


def _of_service(wiring: Wiring, service: str) -> list[Resource]:
    """The resources of the template whose type has the IAM prefix, found by the beginning of their types."""
    graph = graph_of(wiring.stack)
    if service not in graph.by_service:
        from .. import catalog

        for resource in wiring.stack.resources.values() if not graph.by_service else ():
            known = catalog.cfn_type(resource.type)
            if known is not None and known.service:
                graph.by_service.setdefault(known.service, []).append(resource)
        graph.by_service.setdefault(service, [])
    return graph.by_service[service]
