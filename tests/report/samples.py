"""Reports made by hand: what the engine could say of one small template."""

from __future__ import annotations

from scopedown.config import Options
from scopedown.engine import Report
from scopedown.rulebook.finding import Finding, Label, Suppressed, Unresolved
from scopedown.source.tree import Document, InputError, Span
from scopedown.suggest.suggestion import Need, Suggestion

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  OrdersFunction:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        - Statement:
            - Effect: Allow
              Action: s3:*
              Resource: '*'
  BillingFunction:
    Properties:
      Role: !GetAtt SharedRole.Arn
  MailFunction:
    Properties:
      Role: !GetAtt SharedRole.Arn
  SharedRole:
    Type: AWS::IAM::Role
"""
SOURCE = "import boto3\ns3 = boto3.client('s3')\ns3.get_object(Bucket=BUCKET)\ns3.put_object(Bucket=BUCKET)\n"


def document(text: str = TEMPLATE, path: str = "template.yaml") -> Document:
    """A template."""
    return Document(path, text)


def span(where: Document, text: str, nth: int = 1) -> Span:
    """The n-th place where a text stands."""
    start = -1
    for _ in range(nth):
        start = where.text.index(text, start + 1)
    return Span(where, start, start + len(text))


def finding(
    where: Span,
    rule: str = "service-star",
    severity: str = "high",
    message: str = "OrdersFunction may call every S3 action",
    note: str = "176 actions, 21 of them change permissions",
    confidence: str = "high",
    resource: str | None = "OrdersFunction",
    suggestion: Suggestion | None = None,
    related: tuple[tuple[Span, str], ...] = (),
    guard: str | None = None,
    cause: object = None,
) -> Finding:
    """One finding."""
    labels = [Label(where, note)] + [Label(place, text, "related") for place, text in related]
    path = f"Resources.{resource}.Properties.Policies[0].Statement[0].Action"
    identity = ("inline", where.text)
    return Finding(
        rule,
        severity,
        confidence,
        message,
        labels,
        resource,
        path,
        guard,
        identity,
        cause=cause,
        suggestion=suggestion,
    )


def suggestion(template: Document) -> Suggestion:
    """A complete one, for the only statement."""
    source = Document("src/orders.py", SOURCE)
    arn = "${OrdersBucket.Arn}/*"
    way = "→ ORDERS_BUCKET → OrdersBucket"
    return Suggestion(
        "complete",
        span(template, "- Effect: Allow\n              Action: s3:*\n              Resource: '*'"),
        [{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": {"Fn::Sub": arn}}],
        f"- Effect: Allow\n  Action: [s3:GetObject, s3:PutObject]\n  Resource: !Sub '{arn}'\n",
        [
            Need("s3:GetObject", arn, [(span(source, "s3.get_object"), f"s3.get_object {way}")]),
            Need("s3:PutObject", arn, [(span(source, "s3.put_object"), f"s3.put_object {way}")]),
        ],
        {"Permissions management": ["s3:PutBucketPolicy", "s3:PutBucketAcl"]},
        note="nothing else in src/orders.py calls AWS",
    )


def report() -> Report:
    """A bit of everything."""
    template = document()
    shown = finding(span(template, "s3:*"), suggestion=suggestion(template), guard="IsProd")
    folded = finding(span(template, "'*'"), "resource-star", "medium", "OrdersFunction may use every bucket")
    folded.folded_into = shown
    role = span(template, "SharedRole:\n")
    shared = [
        finding(
            span(template, "!GetAtt SharedRole.Arn", nth),
            "shared-role",
            "high",
            "SharedRole is the role of 2 functions",
            "",
            resource=name,
            related=((role, "the role"),),
            cause=("role", "SharedRole"),
        )
        for nth, name in enumerate(("BillingFunction", "MailFunction"), 1)
    ]
    unsure = finding(span(template, "Policies"), "no-concurrency-limit", "low", "unsure", confidence="low")
    made = Report()
    made.findings = [shown, folded, *shared, unsure]
    made.unresolved.append(
        Unresolved(
            "Role", "the parameter 'RoleArn' has no default", role, "SharedRole", "Resources.SharedRole"
        )
    )
    silenced = finding(span(template, "Allow"), "star-in-name")
    made.suppressed.append(Suppressed(silenced, "agreed in review", span(template, "Statement")))
    made.unused_suppressions.append((role, "'admin-star' finds nothing here; remove it"))
    made.errors.append(InputError("broken.yaml", "not YAML: a tab", "indent with blanks", 3, 1))
    made.internal.append("template.yaml: internal error in x: KeyError: 'y'")
    made.skipped.append(("infra/app.yaml.j2", "templated (line 4), not analysed"))
    made.templates, made.files_skipped, made.hidden = 4, 9, 2
    return made


def options(**settings: object) -> Options:
    """Options with some settings."""
    made = Options()
    for name, value in settings.items():
        setattr(made, name, value)
    return made
