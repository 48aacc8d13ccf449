"""The engine: templates in, Report out.

Reads each template into a Stack, runs the rules over it, joins suggestions to findings, folds findings of
one cause and applies suppressions. A check that crashes is reported and never hides other findings.
"""

from __future__ import annotations

import os

from .iam.breadth import Facts
from .iam.policy import Carrier, Statement
from .rulebook import index, matcher
from .rulebook.context import Context
from .rulebook.finding import SEVERITIES, Finding, Suppressed, Unresolved
from .source.tree import InputError
from .template import cloudformation
from .template.stack import Role

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .config import Options
    from .source.discovery import Template
    from .source.reader import Reader
    from .source.tree import Span
    from .suggest.suggestion import Suggestion
    from .template.stack import Stack
    from .values.imports import Exports


class Report:
    """What a run found.

    Args:
        findings: every finding, folded ones too, by file, line, column and rule.
        unresolved: what could not be decided.
        suppressed: findings that a comment silences.
        unused_suppressions: (place, message) of comments that silence nothing or name an unknown rule.
        errors: input that could not be used.
        internal: checks that crashed, one line each.
        skipped: (path, reason) of files that were left out although they bear a template's marks.
        templates: how many templates were checked, services among them.
        services: how many of them are services of the Serverless Framework.
        files_skipped: how many files a walk passed over; what a service includes is not among them.
        hidden: findings of low confidence that were left out.
    """

    __slots__ = (
        "errors",
        "files_skipped",
        "findings",
        "hidden",
        "internal",
        "services",
        "skipped",
        "suppressed",
        "templates",
        "unresolved",
        "unused_suppressions",
    )

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.unresolved: list[Unresolved] = []
        self.suppressed: list[Suppressed] = []
        self.unused_suppressions: list[tuple[Span, str]] = []
        self.errors: list[InputError] = []
        self.internal: list[str] = []
        self.skipped: list[tuple[str, str]] = []
        self.templates = self.services = 0
        self.files_skipped = 0
        self.hidden = 0

    @property
    def catalog_date(self) -> str:
        """The day of the AWS data, as YYYY-MM-DD."""
        from .catalog import store

        return str(store.manifest()["date"])


def check(options: Options) -> Report:
    """Checks every template that the options name.

    Returns:
        The report; input that cannot be used stands in its errors and never hides other files.
    """
    from .source.discovery import discover

    report = Report()
    rules = Rules(options)
    found = discover(options.paths, options.exclude, options.hook, options.root)
    seen: set[str] = set()
    included: set[str] = set()
    holders: dict[str, set[str]] = {}  # included files, and the templates that include them
    parents: list[tuple[Stack, Reader]] = []
    waiting: list[Template] = []
    order: dict[str, int] = {}
    for template in found.templates():
        order[template.path] = len(order)
        if template.path.endswith(_NESTED) and template.reader is not None:
            waiting.append(template)
            continue
        seen.add(_real(template.path))
        stack = _check_template(report, rules, template, options.params, options)
        if stack is not None and stack.packaged is not None:
            included.update(document.path for document in stack.documents[1:])
            for document in stack.documents[1:]:
                holders.setdefault(_real(document.path), set()).add(template.path)
        if stack is not None and template.reader is not None and _nests(template.document.text):
            parents.append((stack, template.reader))
    _check_nested(report, rules, parents, seen, options)
    for template in waiting:
        if _real(template.path) not in seen:
            _check_template(report, rules, template, options.params, options)
    if waiting:
        report.findings.sort(key=lambda finding: order.get(finding.primary.span.path, len(order)))
    if any(len(templates) > 1 for templates in holders.values()):
        from .suggest import included as shared

        shared.settle([each.suggestion for each in report.findings if each.suggestion], holders)
    report.errors += found.errors
    report.skipped += found.skipped
    report.files_skipped = found.passed_over - len(included.intersection(found.passed))
    return report


# What the CDK calls the template of a nested stack. It says little without its parameters, so where a path
# of the run leads to the parent too, it is checked through that.
_NESTED = ".nested.template.json"


def _nests(text: str) -> bool:
    return "AWS::CloudFormation::Stack" in text or "AWS::Serverless::Application" in text


def _check_nested(
    report: Report, rules: Rules, parents: list[tuple[Stack, Reader]], seen: set[str], options: Options
) -> None:
    """Checks the nested templates that no path of the run names, each with what its parent hands down."""
    for parent, reader in parents:
        from .template.nested import children

        for child in children(parent, reader):
            template, real = child.template, _real(child.template.path)
            if real in seen:
                continue
            seen.add(real)
            stack = _check_template(report, rules, template, child.given, options)
            if stack is not None and _nests(template.document.text):
                parents.append((stack, reader))


def _real(path: str) -> str:
    return os.path.realpath(path)


def check_text(path: str, text: str, options: Options) -> Report:
    """Checks one template given as text (standard input, tests); ``path`` is what to call it."""
    from .source.discovery import from_text

    report = Report()
    found = from_text(path, text)
    for template in found.templates():
        _check_template(report, Rules(options), template, options.params, options)
    report.errors += found.errors
    return report


class Rules:
    """The rules that run: the selected ones less the ignored ones."""

    __slots__ = ("all", "exports", "matcher")

    def __init__(self, options: Options) -> None:
        selected, ignored = set(options.select), set(options.ignore)
        self.all = [
            rule
            for rule in index.load_index()
            if (not selected or rule.id in selected) and rule.id not in ignored
        ]
        self.matcher = matcher.Matcher(self.all)
        self.exports: Exports | None = None  # of the templates of the run, once one of them imports

    def results(self, stack: Stack, report: Report) -> list[Finding | Unresolved]:
        """What every rule says of a stack; a rule that crashes is named in the report."""
        results: list[Finding | Unresolved] = []
        try:
            findings, unresolved = self.matcher.run(stack)
        except Exception as error:
            known = len(report.internal)
            findings, unresolved = self._one_by_one(stack, report)
            if len(report.internal) == known:
                report.internal.append(_crash("match", stack.document.path, error))
        results += findings
        results += unresolved
        for rule in self.all:
            if rule.check and stack.dialect in rule.dialects:
                try:
                    module = __import__(f"scopedown.checks.{rule.check}", fromlist=["check"])
                    results += module.check(Context(stack, rule))
                except Exception as error:
                    report.internal.append(_crash(rule.id, stack.document.path, error))
        return results

    def _one_by_one(self, stack: Stack, report: Report) -> tuple[list[Finding], list[Unresolved]]:
        """The matcher once more, rule by rule, so that one that crashes does not hide the others."""
        findings: list[Finding] = []
        unresolved: list[Unresolved] = []
        for rule in self.all:
            try:
                some, more = matcher.Matcher([rule]).run(stack)
            except Exception as error:
                report.internal.append(_crash(rule.id, stack.document.path, error))
            else:
                findings += some
                unresolved += more
        return findings, unresolved


# As in values.parameter_files, which few templates need.
_SAM_CONFIGS = ("samconfig.toml", "samconfig.yaml", "samconfig.yml")


def _outside(
    report: Report, rules: Rules, template: Template, params: dict[str, str], options: Options
) -> tuple[dict[str, str], Exports | None]:
    """What a template takes from outside: parameter values, and exports where it imports.

    A nested template (``params`` from its parent) has no samconfig file; a run of one file has no exports but
    those of the cloud assembly that it stands in.
    """
    folder = os.path.dirname(template.path)
    own = params is options.params and template.reader is not None
    if own and any(os.path.exists(os.path.join(folder, name)) for name in _SAM_CONFIGS):
        from .values.parameter_files import beside

        params = beside(template, params, report.errors, options.config_env)
    paths = options.paths
    if "ImportValue" not in template.document.text or template.reader is None:
        return params, None
    if len(paths) == 1 and not os.path.isdir(paths[0]):
        folder = os.path.dirname(template.path)
        if not (template.path.endswith(".template.json") and _is_assembly(folder)):
            return params, None
        paths = [folder or "."]
    if rules.exports is None:
        from .values.imports import Exports

        rules.exports = Exports(paths, options.exclude, options.hook, options.root, options.params)
    return params, rules.exports


def _is_assembly(folder: str) -> bool:
    return os.path.exists(os.path.join(folder, "manifest.json"))


def _check_template(
    report: Report, rules: Rules, template: Template, params: dict[str, str], options: Options
) -> Stack | None:
    document = template.document
    report.templates += 1
    report.services += template.dialect == "serverless"
    told = (report.unresolved, report.errors, report.internal)
    before = len(told[0]), len(told[1]), len(told[2])
    judged = _judge(report, rules, template, params, options)
    if judged is None:
        return None
    stack = judged[0]
    groups = [judged]
    if options.all_stages and stack.packaged is not None:
        from . import stages

        groups = stages.every(
            judged, lambda stage: _judge(report, rules, template, params, options, stage), told, before
        )
    findings = [finding for _, some in groups for finding in some]
    findings.sort(key=_order)
    _number(findings)
    if any("scopedown" in each.text for each in stack.documents):
        from . import suppress

        ran = {rule.id for rule in rules.all}
        findings = suppress.apply(findings, document, report, ran, stack.documents, stack)
    if not options.pedantic:
        sure = [finding for finding in findings if finding.confidence != "low"]
        report.hidden += len(findings) - len(sure)
        findings = sure
    _fold(findings)
    for each, some in groups if findings else ():
        _answer(
            each, [finding for finding in findings if len(groups) == 1 or finding in some], report, options
        )
    if findings and (stack.assembly is not None or "aws:cdk:path" in document.text):
        _trace(stack, findings)
    report.findings += findings
    return stack


def _judge(
    report: Report,
    rules: Rules,
    template: Template,
    params: dict[str, str],
    options: Options,
    stage: str | None = None,
) -> tuple[Stack, list[Finding]] | None:
    """A template as read, and what the rules find in it; None where it cannot be read."""
    document = template.document
    try:
        given, exports = _outside(report, rules, template, params, options)
        service = options.service(params, stage) if template.dialect == "serverless" else None
        stack = cloudformation.read(
            document, template.root, template.dialect, given, template.reader, exports, service
        )
    except InputError as error:
        report.errors.append(error)
        return None
    except Exception as error:
        report.internal.append(_crash("reading the template", document.path, error))
        return None
    findings: list[Finding] = []
    noted: dict[tuple[str, int], Unresolved] = {}
    for note in stack.notes:
        record = Unresolved(note.what, note.reason, note.span, note.resource, note.path)
        report.unresolved.append(record)
        if stack.packaged is not None:
            noted[note.span.path, note.span.start] = record
    for result in rules.results(stack, report):
        if not isinstance(result, Unresolved):
            findings.append(result)
        elif (known := noted.get((result.span.path, result.span.start))) is None:
            report.unresolved.append(result)
        elif not known.path:
            # Why a variable is not known, reading has noted; what that is the value of, the rule says.
            known.resource, known.path = result.resource, result.path
    return stack, findings


def _trace(stack: Stack, findings: list[Finding]) -> None:
    """Says of findings in a template of the CDK what made the resource."""
    from .template.cdk import assembly as cdk

    for finding in findings:
        finding.origin = cdk.origin(stack, finding.resource)


def _order(finding: Finding) -> tuple[str, int, str]:
    return finding.primary.span.path, finding.primary.span.start, finding.rule


def _number(findings: list[Finding]) -> None:
    """Numbers findings that would have the same fingerprint, in file order."""
    seen: dict[tuple[str | None, ...], int] = {}
    for finding in findings:
        key = (finding.rule, finding.resource, *finding.identity)
        finding.ordinal = seen.get(key, 0)
        seen[key] = finding.ordinal + 1


def _fold(findings: list[Finding]) -> None:
    """Folds the findings of one statement into the one that says most."""
    causes: dict[int, list[Finding]] = {}
    for finding in findings:
        if isinstance(finding.cause, Statement):
            causes.setdefault(id(finding.cause), []).append(finding)
    for group in causes.values():
        first = min(group, key=_weight)
        for finding in group:
            if finding is not first:
                finding.folded_into = first


def _weight(finding: Finding) -> tuple[int, int, int]:
    rank = _TELLING.index(finding.rule) if finding.rule in _TELLING else len(_TELLING)
    return SEVERITIES.index(finding.severity), rank, finding.primary.span.start


# Of findings that are equally severe, the earlier says more.
_TELLING = ("admin-star", "action-star", "service-name-glob", "service-star", "resource-star")


def _answer(stack: Stack, findings: list[Finding], report: Report, options: Options) -> None:
    """Gives every finding about a statement, a managed policy or a service's role the best suggestion.

    Text tells the roles of a service's functions for the first one only, so it alone is worked out for it.
    """
    answers: dict[tuple[int, str | None], Suggestion | None] = {}
    every = options.format not in ("text", "") or any(form != "text" for form, _ in options.outputs)
    first: dict[int, str | None] = {}
    for finding in findings:
        cause = finding.cause
        split = isinstance(cause, Role) and stack.packaged is not None
        if split and not every and first.setdefault(id(cause), finding.resource) != finding.resource:
            continue
        if isinstance(cause, (Statement, Carrier, Role)) and (split or not isinstance(cause, Role)):
            key = (id(cause), finding.resource if split else None)
            if key not in answers:
                answers[key] = None
                try:
                    answers[key] = _suggestion(stack, cause, finding.resource)
                except Exception as error:
                    report.internal.append(_crash("suggest", stack.document.path, error))
            finding.suggestion = answers[key]


def _suggestion(stack: Stack, cause: Statement | Carrier | Role, owner: str | None) -> Suggestion | None:
    """A suggestion that is proved to grant nothing new, or one that only shows; None for no answer."""
    if isinstance(cause, Role):
        from .proof.splitting import widens
        from .suggest import own_role

        split = own_role.suggest(stack, cause, owner)
        return None if split is None or widens(cause, split.statements, stack) else split
    if isinstance(cause, Carrier):
        from .suggest import managed

        roles = stack.roles_of(cause)
        return managed.suggest_managed(stack, roles[0], cause) if roles else None
    from .suggest import wiring

    if stack.packaged is not None:
        from .proof.redundancy import loss
        from .suggest import redundant

        copy = redundant.suggest(stack, cause)
        if copy is not None and not loss(cause, stack):
            return copy
    suggestion = wiring.suggest(stack, cause, Facts(cause))
    if suggestion is None or not suggestion.statements:
        return suggestion
    from . import proof

    needs = [(need.action, need.resource) for need in suggestion.needs]
    return None if proof.objection(cause, suggestion.statements, stack, needs) else suggestion


def _crash(what: str, path: str, error: Exception) -> str:
    if os.environ.get("SCOPEDOWN_DEBUG"):
        raise error
    return f"{path}: internal error in {what}: {type(error).__name__}: {error}"
