"""Comments that silence findings: where they reach, what they name, and what is said of idle ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scopedown import suppress
from scopedown.config import Options
from scopedown.engine import Report, check_text
from scopedown.rulebook.finding import Finding, Label
from scopedown.rulebook.index import load_index
from scopedown.source.tree import Document, Span

from .conftest import Command, Run


def found(document: Document, text: str, rule: str = "service-star", kind: str = "primary") -> Finding:
    start = document.text.index(text)
    span = Span(document, start, start + len(text))
    labels = [Label(span)]
    if kind != "primary":
        labels = [Label(Span(document, 0, 1)), Label(span, "", kind)]
    return Finding(rule, "high", "high", "message", labels, "F", "Resources.F")


def left(template: str, *findings: tuple[str, str], ran: set[str] | None = None) -> tuple[list[str], Report]:
    """The rules that stay, and the report."""
    document = Document("t.yaml", template)
    report = Report()
    kept = suppress.apply([found(document, *one) for one in findings], document, report, ran)
    return [finding.rule for finding in kept], report


STAR = ("s3:*", "service-star")


@pytest.mark.parametrize(
    "template",
    [
        "Action: s3:*  # scopedown: ignore[service-star] agreed\n",
        "# scopedown: ignore[service-star] agreed\nAction: s3:*\n",
        "a: b  # scopedown: ignore[service-star] agreed\nAction: s3:*\n",
        "# scopedown: ignore[service-star] agreed\n# more words\nAction: s3:*\n",
        "#scopedown:ignore[ resource-star , service-star ]: agreed\nAction: s3:*\n",
        "a: b\n\nAction: s3:*\nlast: 1 # scopedown: ignore-file[service-star] agreed\n",
        "Action: s3:*  # nosec # scopedown: ignore[service-star] agreed\n",
        "Action: s3:*  # scopedown: ignore[service-star] agreed\r\nb: c\r\n",
    ],
)
def test_a_comment_silences(template: str) -> None:
    kept, report = left(template, STAR)
    assert kept == []
    (silenced,) = report.suppressed
    assert silenced.reason == "agreed"
    assert silenced.span.text.startswith("#")
    assert "scopedown" in silenced.span.text


@pytest.mark.parametrize(
    "template",
    [
        "# scopedown: ignore[service-star]\n\nAction: s3:*\n",
        "Action: s3:*\n# scopedown: ignore[service-star]\n",
        "# scopedown: ignore[resource-star]\nAction: s3:*\n",
        "# scopedown: ignore\nAction: s3:*\n",
        "# scopedown: ignore[]\nAction: s3:*\n",
        "# scopedown: ignored[service-star]\nAction: s3:*\n",
        "a: '# scopedown: ignore[service-star]'\nAction: s3:*\n",
        "a: |\n  # scopedown: ignore[service-star]\nAction: s3:*\n",
    ],
)
def test_what_does_not_silence(template: str) -> None:
    kept, report = left(template, STAR)
    assert kept == ["service-star"]
    assert report.suppressed == []


def test_any_line_of_the_span_will_do() -> None:
    template = "- Effect: Allow\n  Action: s3:* # scopedown: ignore[service-star] x\n  Resource: y\n"
    kept, _ = left(template, (template.rstrip(), "service-star"))
    assert kept == []


def test_a_comment_behind_one_item_does_not_silence_the_next() -> None:
    template = "- s3:*  # scopedown: ignore[service-star] needed\n- sqs:*\n"
    kept, report = left(template, STAR, ("sqs:*", "service-star"))
    assert kept == ["service-star"]
    assert len(report.suppressed) == 1


def test_the_next_of_the_same_cause_stays() -> None:
    template = "Action: s3:* # scopedown: ignore[service-star] needed\n"
    kept, _ = left(template, STAR, ("s3:*", "resource-star"))
    assert kept == ["resource-star"]


def test_hidden_labels_reach_and_related_ones_do_not() -> None:
    document = Document("t.yaml", "a: b\n\n\nRole: x # scopedown: ignore[shared-role] y\n")
    report = Report()
    hidden = found(document, "x", "shared-role", "hidden")
    related = found(document, "x", "shared-role", "related")
    assert suppress.apply([hidden, related], document, report) == [related]


def test_a_finding_in_an_included_file_obeys_the_comments_there() -> None:
    template = Document("t.yaml", "Resources: {}\n")
    included = Document("part.yaml", "Action: s3:* # scopedown: ignore[service-star] there\n")
    report = Report()
    assert suppress.apply([found(included, "s3:*")], template, report) == []
    assert report.suppressed[0].span.path == "part.yaml"


def test_former_ids_work() -> None:
    rules = [rule for rule in load_index() if rule.aliases]
    for rule in rules:
        kept, report = left(f"a: s3:* # scopedown: ignore[{rule.aliases[0]}] x\n", ("s3:*", rule.id))
        assert kept == []
        assert report.unused_suppressions == []


def test_idle_comments_are_reported_where_they_stand() -> None:
    _, report = left("# scopedown: ignore[service-star, resource-star] x\nAction: s3:*\n", STAR)
    ((span, message),) = report.unused_suppressions
    assert (span.line, span.column) == (1, 1)
    assert message == "'resource-star' finds nothing here; remove it"


def test_a_comment_for_a_rule_that_did_not_run_is_not_idle() -> None:
    template = "Action: s3:* # scopedown: ignore[resource-star] x\n"
    assert left(template, ran={"service-star"})[1].unused_suppressions == []
    assert len(left(template, ran={"resource-star"})[1].unused_suppressions) == 1


def test_unknown_rules_are_reported_with_the_nearest() -> None:
    _, report = left("a: b # scopedown: ignore[servic-star] x\n")
    assert [message for _, message in report.unused_suppressions] == [
        "unknown rule 'servic-star'; did you mean 'service-star'?"
    ]


def test_a_comment_without_rules_is_reported() -> None:
    _, report = left("a: b # scopedown: ignore all of it\n")
    assert "names no rule" in report.unused_suppressions[0][1]


def test_json_has_no_comments() -> None:
    document = Document("t.json", '{"a": "s3:*", "b": "# scopedown: ignore[service-star] x"}', "json")
    report = Report()
    assert len(suppress.apply([found(document, "s3:*")], document, report)) == 1
    assert report.unused_suppressions == []


# -- files that a template includes ----------------------------------------------------------------------

INCLUDING = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      Policies:
        - PolicyName: tills
          PolicyDocument:
            Fn::Transform: {Name: AWS::Include, Parameters: {Location: tills.yaml}}
"""
INCLUDED = "Statement:\n  Effect: Allow\n  Action: 's3:*'  # scopedown: ignore[service-star] agreed\n"
INCLUDED += "  Resource: 'arn:aws:s3:::bakery-tills/*'\n"


def _unused(run: Run) -> list[tuple[str, int]]:
    listed = run.report["unusedSuppressions"]
    return [(one["file"].rpartition("/")[2], one["line"]) for one in listed]


def _silenced(run: Run) -> list[str]:
    return [one["finding"]["rule"] for one in run.report["suppressed"]]


def test_a_comment_in_an_included_file_silences_the_finding_there(scopedown: Command, tmp_path: Path) -> None:
    (tmp_path / "tills.yaml").write_text(INCLUDED, "utf-8")
    run = scopedown.check(INCLUDING)
    assert "service-star" not in run.rules
    assert _silenced(run) == ["service-star"]
    assert _unused(run) == []


def test_a_comment_in_the_template_does_not_reach_an_included_file(
    scopedown: Command, tmp_path: Path
) -> None:
    (tmp_path / "tills.yaml").write_text(INCLUDED.replace("scopedown:", "once:"), "utf-8")
    run = scopedown.check("# scopedown: ignore-file[service-star]\n" + INCLUDING)
    assert "service-star" in run.rules
    assert _unused(run) == [("template.yaml", 1)]


def test_an_idle_comment_in_an_included_file_is_told_once(scopedown: Command, tmp_path: Path) -> None:
    (tmp_path / "tills.yaml").write_text(INCLUDED.replace("s3:*", "s3:GetObject"), "utf-8")
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(INCLUDING, "utf-8")
    run = scopedown("check", "--format", "json", tmp_path)
    assert run.report["summary"]["templates"] == 3  # a policy is checked by itself too
    assert _unused(run) == [("tills.yaml", 3)]


def test_a_comment_that_works_in_one_of_two_templates_is_not_idle(scopedown: Command, tmp_path: Path) -> None:
    (tmp_path / "tills.yaml").write_text(INCLUDED.replace("'s3:*'", "!Ref Verb"), "utf-8")
    for name, verb in (("a.yaml", "s3:GetObject"), ("b.yaml", "s3:*"), ("c.yaml", "s3:GetObject")):
        head = f"Parameters: {{Verb: {{Type: String, Default: '{verb}'}}}}\n"
        (tmp_path / name).write_text(head + INCLUDING, "utf-8")
    run = scopedown("check", "--format", "json", tmp_path)
    assert _silenced(run) == ["service-star"]
    assert _unused(run) == []


# -- settings, for files that have no comments --------------------------------------------------------------


def _template(resource: dict[str, str] | None = None, whole: dict[str, str] | None = None) -> str:
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::recipes/*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    resources: dict[str, object] = {}
    template: dict[str, object] = {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}
    if whole is not None:
        template["Metadata"] = {"scopedown": {"ignore": whole}}
    for name in ("Bake", "Sell"):
        function: dict[str, object] = {
            "Type": "AWS::Serverless::Function",
            "Properties": {"Handler": "a.b", "Runtime": "python3.13", "CodeUri": "s", "Policies": [document]},
        }
        if name == "Bake" and resource is not None:
            function["Metadata"] = {"scopedown": {"ignore": resource}}
        resources[name] = function
    return json.dumps(template, indent=1)


def _told(text: str) -> tuple[list[str | None], list[tuple[str | None, str]], list[str]]:
    report = check_text("template.json", text, Options())
    assert not report.errors
    silenced = [(one.finding.resource, one.reason) for one in report.suppressed]
    return (
        [each.resource for each in report.findings],
        silenced,
        [text for _, text in report.unused_suppressions],
    )


def test_metadata_of_a_resource_silences_what_it_owns() -> None:
    assert _told(_template(resource={"service-star": "moving house"})) == (
        ["Sell"],
        [("Bake", "moving house")],
        [],
    )


def test_metadata_of_a_template_silences_everywhere() -> None:
    found, silenced, unused = _told(_template(whole={"service-star": "agreed"}))
    assert (found, unused) == ([], [])
    assert silenced == [("Bake", "agreed"), ("Sell", "agreed")]


def test_metadata_that_silences_nothing_is_told() -> None:
    ignored = {"admin-star": "no longer", "service-sta": "typo"}
    found, silenced, unused = _told(_template(resource=ignored))
    assert (found, silenced) == (["Bake", "Sell"], [])
    assert unused == [
        "'admin-star' finds nothing in Bake; remove it",
        "unknown rule 'service-sta'; did you mean 'service-star'?",
    ]
