"""What to show where wiring decides nothing: the statement as it should be, for the reader to finish."""

from __future__ import annotations

from .. import catalog
from ..iam.arn import fields_of
from ..values.text import Text, Wildcard
from . import arns, render
from .links import fixed_name
from .suggestion import Suggestion

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..catalog import Action
    from ..iam.breadth import ActionFact
    from .arns import Expression
    from .wiring import Wiring

# What code mostly does with a service, for the reader who has to choose: kept short on purpose.
USUAL = {
    "s3": ("GetObject", "PutObject"),
    "dynamodb": ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query"),
    "sqs": ("SendMessage",),
    "sns": ("Publish",),
    "lambda": ("InvokeFunction",),
    "states": ("StartExecution",),
    "events": ("PutEvents",),
    "secretsmanager": ("GetSecretValue",),
    "ssm": ("GetParameter",),
    "kms": ("Decrypt",),
    "kinesis": ("PutRecord", "PutRecords"),
    "firehose": ("PutRecord", "PutRecordBatch"),
    "logs": ("CreateLogStream", "PutLogEvents"),
    "ses": ("SendEmail", "SendRawEmail"),
    "execute-api": ("Invoke",),
}


# A wildcard of at most so many actions is shown as their names.
FEW = 12
# Keys and roles are seldom the ones a template makes itself; where one is the only of its type says nothing.
_NEVER_ALONE = ("kms", "iam", "cloudformation")
# What a function does with its own log group.
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html
_LOGGING = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams")


def display(wiring: Wiring) -> Suggestion | None:
    """A suggestion of tier none: ARNs with a visible placeholder, or the only resource of its type.

    Returns:
        None where there is nothing narrower to say.
    """
    chosen = _Chosen(wiring)
    for fact in wiring.facts.actions:
        chosen.take(fact)
    if not chosen.narrowed:
        return None
    statements = wiring.statements()
    place = render.Place(wiring.statement.node, wiring.statement.path.endswith("]"))
    style = render.style_of(wiring.statement.node)
    text = render.statements_text(statements, style, place, wiring.stack.document)
    notes = dict.fromkeys([*chosen.notes, *wiring.linking.notes])
    return Suggestion("none", None, [], text, [], {}, [], "; ".join(notes))


class _Chosen:
    """The portions to show, one action of the statement after the other."""

    def __init__(self, wiring: Wiring) -> None:
        self.wiring = wiring
        self.notes: list[str] = []
        self.narrowed = False
        wiring.portions.clear()

    def take(self, fact: ActionFact) -> None:
        """Adds what stands for one action of the old statement."""
        written = fact.element.text.display()
        if fact.breadth == "literal" and fact.expands:
            self._action(fact.expands[0], written)
        elif fact.breadth == "glob" and 0 < len(fact.expands) <= FEW:
            self.narrowed = True
            self._note(f"names what {written} matches")
            for action in fact.expands:
                self._action(action, action.full)
        elif fact.service in USUAL and (usual := self._usual(fact)):
            self.narrowed = True
            self._note(f"assumes that of {written} only this is used")
            for action in usual:
                self._action(action, action.full)
        elif fact.breadth in ("star", "service_glob"):
            self._everything(written)
        else:
            self.wiring.keep(written)

    def _everything(self, written: str) -> None:
        """Of all actions there are, what is usual with the linked resources."""
        for link in self.wiring.linking.links:
            known = catalog.cfn_type(link.resource.type)
            prefix = (known.service if known is not None else "") or ""
            usual = [f"{prefix}:{name}" for name in USUAL.get(prefix, ())]
            for name in sorted(link.actions) if link.actions is not None else usual:
                action = catalog.action(name)
                found = self.wiring.linking.linked(action) if action is not None else []
                if found:
                    self.narrowed = True
                    self.wiring.add([name], found)
                    self._note(f"assumes that of {written} only this is used")

    def _usual(self, fact: ActionFact) -> list[Action]:
        names = USUAL.get(fact.service or "", ())
        return [action for action in fact.expands if action.name in names]

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def _action(self, action: Action, written: str) -> None:
        wiring = self.wiring
        if not wiring.linking.wide:
            wiring.keep(written)
            return
        found = self._resources(action) if action.star == "never" and not action.eni else []
        if not found:
            wiring.keep(written)
            return
        self.narrowed = True
        wiring.add([written], found)

    def _resources(self, action: Action) -> list[Expression]:
        """The ARNs to show for an action; what they assume is noted."""
        stack = self.wiring.stack
        if action.full in _LOGGING and (groups := self._log_groups()):
            return groups
        fitting = {}
        for resource in stack.resources.values():
            made = arns.arns_for(stack, resource, action)
            if made and arns.required_types(action) <= {name for name, _ in made}:
                fitting[resource.id] = [arn for _, arn in made]
        if len(fitting) == 1 and action.service not in _NEVER_ALONE and not self._nameless(*fitting):
            ((id, candidates),) = fitting.items()
            usable = [
                self.wiring.linking.within(arn, action)
                for arn in candidates
                if self.wiring.linking.exists(id)
            ]
            if usable and None not in usable:
                self._note(f"assumes that {id} is meant, the only one of its type in the template")
                return [expression for expression in usable if expression is not None]
        templates = arns.main_templates(action)
        if not templates or len(templates) > 3:
            return []
        several = f": it may be {' or '.join(fitting)}" if 1 < len(fitting) <= 4 else ""
        self._note(f"fill in the name{several}")
        return [arns.spelled(self._placed(arns.with_placeholder(template))) for template in templates]

    def _nameless(self, id: str) -> bool:
        """Whether a resource can be named neither by reference nor by a name of its own."""
        linking = self.wiring.linking
        return linking.circular(id) and fixed_name(linking.stack, linking.stack.resources[id]) is None

    def _placed(self, arn: str) -> str:
        """An ARN with the partition, region and account of the old resource, where that says them."""
        fields = arns.split(arn)
        for element in self.wiring.linking.wide:
            old = fields_of(element.text)
            if old is not None and old[2] == [fields[2]]:
                for at in (1, 3, 4):
                    if fields[at] and old[at] and not any(isinstance(part, Wildcard) for part in old[at]):
                        fields[at] = Text(tuple(old[at])).display()
        return ":".join(fields)

    def _log_groups(self) -> list[Expression]:
        """The log groups of the functions that hold the statement.

        A function without a name gets one that begins with the stack's.
        """
        names: dict[str, None] = {}
        for role in self.wiring.linking.roles:
            for function, _, _ in role.functions:
                if function.properties.get("LoggingConfig") is not None:
                    return []
                texts = (
                    self.wiring.stack.resolver.texts(node)
                    if (node := function.properties.get("FunctionName"))
                    else []
                )
                given = [text.text.display() for text in texts if text.text.holes or text.text.literal]
                if not given:
                    self._note("a function without FunctionName is named after its stack")
                names.update(dict.fromkeys(given or ["${AWS::StackName}-*"]))
        region = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}"
        if names:
            self._note("assumes that only the functions' own log groups are written")
        return [arns.spelled(self._placed(f"{region}:log-group:/aws/lambda/{name}:*")) for name in names]
