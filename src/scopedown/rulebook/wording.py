"""What a match finding says: templates of a rule file become messages, notes and unresolved records.

Loaded only when there is something to say.
"""

from __future__ import annotations

from ..iam.policy import Condition, Statement
from ..source.tree import Node
from ..values.text import Element
from .clauses import HELPER_NAMES, HELPERS, Subject, aws_managed_name, judge, scopable
from .context import several
from .finding import Unresolved

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..catalog import Action
    from ..iam.breadth import ActionFact, ResourceFact
    from ..iam.policy import Carrier
    from ..template.stack import Function, Stack
    from .index import Rule
    from .verdict import Unknown, Verdict

    Fact = ActionFact | ResourceFact

SERVICES = {
    "aoss": "OpenSearch Serverless",
    "apigateway": "API Gateway",
    "appsync": "AppSync",
    "athena": "Athena",
    "autoscaling": "EC2 Auto Scaling",
    "bedrock": "Bedrock",
    "cassandra": "Keyspaces",
    "cloudformation": "CloudFormation",
    "cloudfront": "CloudFront",
    "cloudtrail": "CloudTrail",
    "cloudwatch": "CloudWatch",
    "codebuild": "CodeBuild",
    "codecommit": "CodeCommit",
    "codedeploy": "CodeDeploy",
    "codepipeline": "CodePipeline",
    "cognito-identity": "Cognito identity pool",
    "cognito-idp": "Cognito user pool",
    "comprehend": "Comprehend",
    "config": "AWS Config",
    "dynamodb": "DynamoDB",
    "ec2messages": "EC2 Messages",
    "elasticache": "ElastiCache",
    "elasticfilesystem": "EFS",
    "elasticloadbalancing": "Elastic Load Balancing",
    "elasticmapreduce": "EMR",
    "es": "OpenSearch",
    "events": "EventBridge",
    "execute-api": "API Gateway",
    "firehose": "Firehose",
    "geo": "Location Service",
    "glue": "Glue",
    "inspector2": "Inspector",
    "iot": "IoT",
    "iotjobsdata": "IoT Jobs",
    "kafka": "MSK",
    "kafka-cluster": "MSK cluster",
    "kendra": "Kendra",
    "kinesis": "Kinesis",
    "kinesisanalytics": "Managed Flink",
    "lambda": "Lambda",
    "logs": "CloudWatch Logs",
    "mediaconvert": "MediaConvert",
    "mobiletargeting": "Pinpoint",
    "organizations": "Organizations",
    "pipes": "EventBridge Pipes",
    "polly": "Polly",
    "rds-data": "RDS Data API",
    "redshift": "Redshift",
    "redshift-data": "Redshift Data API",
    "rekognition": "Rekognition",
    "route53": "Route 53",
    "sagemaker": "SageMaker",
    "scheduler": "EventBridge Scheduler",
    "schemas": "EventBridge Schemas",
    "secretsmanager": "Secrets Manager",
    "servicediscovery": "Cloud Map",
    "ssmmessages": "SSM Messages",
    "states": "Step Functions",
    "synthetics": "CloudWatch Synthetics",
    "tag": "Resource Groups Tagging",
    "textract": "Textract",
    "timestream": "Timestream",
    "transcribe": "Transcribe",
    "transfer": "Transfer Family",
    "translate": "Translate",
    "wafv2": "WAF",
    "xray": "X-Ray",
}
PLACEHOLDERS = (
    "action",
    "besides",
    "count",
    "levels",
    "name",
    "on",
    "resource",
    "rest",
    "scopable",
    "service",
    "who",
)
# Carriers whose statements name their principals.
RECEIVING = ("resource-policy", "trust")


def who(stack: Stack, carrier: Carrier) -> str:
    """How to name who holds a policy: its functions, else its role, else the resource that has the text."""
    if carrier.kind in RECEIVING:
        return f"whoever {carrier.owner} lets in"
    roles = stack.roles_of(carrier)
    labels = dict.fromkeys(_spoken(function) for role in roles for function, _, _ in role.functions)
    if not roles and carrier.kind in ("policy", "managed-policy", "role-policy"):
        return f"whoever holds {carrier.owner}"
    return several(list(labels) or [role.label for role in roles] or [carrier.owner], 1)


def _spoken(function: Function) -> str:
    """How to name a function; a helper that the CDK adds, by what it is for: its own name does not say."""
    for start, purpose in HELPER_NAMES.items() if function.id.startswith(HELPERS) else ():
        if function.id.startswith(start):
            return f"the CDK's helper for {purpose}"
    return function.label


def service_name(prefix: str) -> str:
    """A service as people call it."""
    return SERVICES.get(prefix) or (prefix.upper() if len(prefix) <= 3 else prefix)


class Words:
    """The words and the place of one finding."""

    __slots__ = (
        "_scope",
        "_subject",
        "_text",
        "_used",
        "identity",
        "message",
        "node",
        "note",
        "path",
        "severity",
    )

    def __init__(self, rule: Rule, subject: Subject, found: Verdict) -> None:
        assert rule.match is not None
        self._subject = subject
        self._used = found.used
        self._scope = rule.match.get("resource", {})
        element = self._place(rule.match["at"])
        self.identity = (subject.carrier.kind, rule.match["at"], self._text)
        self.message = self._filled(rule.message) + self._via(element) + self._less() + self._under()
        self.note = self._filled(rule.note)
        self.severity: str | None = None
        for milder in rule.milder:
            if self.severity is None and judge(milder["when"], subject).holds.is_always:
                self.severity = milder["severity"]

    def _under(self) -> str:
        statement = self._subject.statement
        keys = dict.fromkeys(each.key for each in statement.conditions if each.key) if statement else {}
        return f", under a condition on {several(list(keys), 2)}" if keys else ""

    def _place(self, at: str) -> Element | None:
        subject = self._subject
        statement = subject.statement
        self.node: Node = subject.carrier.node
        self.path = subject.carrier.path
        self._text = ""
        if statement is None:
            element = subject.carrier.element
            self._text = element.text.display() if element is not None else ""
            return element
        self.node, self.path = statement.node, statement.path
        if at == "statement":
            return None
        fact: Fact = subject.actions[0] if at == "action" else subject.resources[0]
        self._text = _pattern(fact, "not")
        self.node = fact.element.node
        self.path += f".{'' if fact.besides is None else 'Not'}{at.capitalize()}"
        return fact.element

    def _via(self, element: Element | None) -> str:
        given = [element, *self._used] if element is not None else self._used
        ways = dict.fromkeys(each.via for each in given if each.via)
        return f", by {' and '.join(ways)}" if ways else ""

    def _less(self) -> str:
        """What a Deny refuses of the actions that are spoken of."""
        statement = self._subject.statement
        if statement is None or not statement.refused:
            return ""
        from ..iam.algebra import overlaps

        refused = [
            each.text
            for each in statement.refused
            if any(overlaps(each.text, fact.element.text, True) for fact in self._subject.actions)
        ]
        names = several(list(dict.fromkeys(each.display() for each in refused)))
        return f", but not {names}" if names else ""

    def _filled(self, template: str) -> str:
        values = {name: getattr(self, f"_{name}")() for name in PLACEHOLDERS if "{" + name + "}" in template}
        # A note that counts nothing (a service that the data does not know) says nothing.
        return "" if values.get("count") == "" else template.format(**values)

    def _who(self) -> str:
        return who(self._subject.stack, self._subject.carrier)

    def _action(self) -> str:
        return several([_pattern(fact, "every action") for fact in self._subject.actions])

    def _besides(self) -> str:
        facts: list[Fact] = [*self._subject.actions, *self._subject.resources]
        return several([each.text.display() for fact in facts for each in fact.besides or ()])

    def _resource(self) -> str:
        facts = self._subject.resources
        return several(list(dict.fromkeys(_pattern(fact, "everything") for fact in facts)))

    def _on(self) -> str:
        facts = self._subject.resources
        if not facts or any(fact.breadth in ("star", "unresolved") for fact in facts):
            return ""
        return f" that {self._resource()} takes"

    def _service(self) -> str:
        services = dict.fromkeys(fact.service for fact in self._subject.actions if fact.service)
        return several([service_name(service) for service in services])

    def _name(self) -> str:
        return aws_managed_name(self._subject.carrier) or ""

    def _expanded(self) -> list[Action]:
        return list({a.full: a for fact in self._subject.actions for a in fact.expands}.values())

    def _count(self) -> str:
        number = len(self._expanded())
        return "1 action" if number == 1 else f"{number} actions" if number else ""

    def _levels(self) -> str:
        actions = self._expanded()
        for level, one, many in (
            ("Permissions management", "changes permissions", "change permissions"),
            ("Write", "writes", "write"),
        ):
            number = sum(action.level == level for action in actions)
            if number == len(actions):
                return f"it {one}" if number == 1 else f"all of them {many}"
            if number:
                return f"{number} of them {one if number == 1 else many}"
        return "none of them writes"

    def _scopable(self) -> str:
        for fact in self._facts():
            if fact.breadth in ("star", "not"):
                return _pattern(fact, "every action") if fact.besides else "every action"
        patterns = [
            f.element.text.display() for f in self._facts() if scopable(self._scope, f, self._subject)[0]
        ]
        return several(list(dict.fromkeys(patterns)), 2)

    def _rest(self) -> str:
        need = (
            action.full for fact in self._facts() for action in scopable(self._scope, fact, self._subject)[1]
        )
        return several(list(dict.fromkeys(need)), 2)

    def _facts(self) -> list[ActionFact]:
        return self._subject.facts.actions if self._subject.facts is not None else []


def _pattern(fact: Fact, everything: str) -> str:
    """An element as written; what a NotAction or NotResource grants in words."""
    if fact.besides is None:
        return fact.element.text.display()
    left_out = several([each.text.display() for each in fact.besides])
    return f"{everything} but {left_out}" if left_out else everything


# How a run is told the values of a service's variables.
_GIVEN = {"env:": "--env reads it from this environment", "param:": "give it with --param {}=VALUE"}


def unresolved(item: Unknown, subject: Subject) -> Unresolved:
    """The record for something that kept a rule from deciding."""
    owner = subject.carrier.owner
    path = subject.statement.path if subject.statement is not None else subject.carrier.path
    if isinstance(item, Element):
        what = item.text.display()
        return Unresolved(what, _reason(item), item.node.span, owner, path)
    if isinstance(item, Statement):
        return Unresolved("Effect", "it is known only at deployment", item.node.span, owner, path)
    if isinstance(item, Condition):
        reason = f"it is not known whether {item.operator} on it says which resource is meant"
        return Unresolved(f"condition {item.key}", reason, item.node.span, owner, path)
    what = f"trust policy of {item.label}"
    return Unresolved(what, "it is known only at deployment", subject.carrier.node.span, owner, path)


def _reason(element: Element) -> str:
    for hole in element.text.holes:
        if hole.kind == "parameter":
            return f"it depends on parameter {hole.resource}"
        if hole.kind == "variable" and hole.identity.startswith(tuple(_GIVEN)):
            source, _, name = hole.identity.partition(":")
            return f"it is known only at deployment; {_GIVEN[source + ':'].format(name)}"
    return "it is known only at deployment" if element.text.holes else "no action is known that it matches"
