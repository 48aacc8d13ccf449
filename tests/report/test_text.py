"""The text report, exactly as it is printed."""

from __future__ import annotations

from scopedown.report.screen import Screen
from scopedown.report.text import render
from scopedown.source.tree import InputError
from scopedown.suggest.suggestion import Need

from . import samples

WHOLE = """\
template.yaml:9:23  high  service-star  OrdersFunction may call every S3 action
    9 │               Action: s3:*
      │                       ^^^^ 176 actions, 21 of them change permissions
   when    IsProd
   covers  resource-star (line 10)
   needs   s3:GetObject   src/orders.py:3  s3.get_object → ORDERS_BUCKET →
                          OrdersBucket
           s3:PutObject   src/orders.py:4  s3.put_object → ORDERS_BUCKET →
                          OrdersBucket
   suggest (complete evidence; grants nothing the original did not)
         - Effect: Allow
           Action: [s3:GetObject, s3:PutObject]
           Resource: !Sub '${OrdersBucket.Arn}/*'
   drops   Permissions management: s3:PutBucketPolicy, s3:PutBucketAcl
   note    nothing else in src/orders.py calls AWS
   scopedown explain service-star

template.yaml:13:13  high  shared-role  SharedRole is the role of 2 functions
   13 │       Role: !GetAtt SharedRole.Arn
      │             ^^^^^^^^^^^^^^^^^^^^^^
   see     line 17  the role
   also    MailFunction (line 16)
   scopedown explain shared-role

template.yaml:17:3  unresolved  Role: the parameter 'RoleArn' has no default
template.yaml:7:11  suppressed  star-in-name: agreed in review
template.yaml:17:3  suppression  'admin-star' finds nothing here; remove it
infra/app.yaml.j2  skipped  templated (line 4), not analysed

broken.yaml:3:1  error  not YAML: a tab; indent with blanks
template.yaml: internal error in x: KeyError: 'y'; please report it, with the template if you may share it

2 findings (2 high) · 3 of low confidence (--pedantic) · 1 suppressed
1 unresolved · 2 errors · 4 templates, 10 files skipped
"""


def text(
    report: object = None, screen: Screen | None = None, today: str = "2026-11-01", **settings: object
) -> str:
    made = samples.report() if report is None else report
    return render(made, samples.options(**settings), screen or Screen(), today)  # type: ignore[arg-type]


def test_everything_that_text_can_hold() -> None:
    assert text(verbose=True, show_unresolved=True) == WHOLE


def test_quiet_leaves_out_hints_and_summary() -> None:
    shown = text(quiet=True)
    assert "explain" not in shown
    assert "findings" not in shown
    assert "broken.yaml:3:1  error" in shown


def test_unresolved_records_are_only_counted_unless_asked_for() -> None:
    assert "RoleArn" not in text()
    assert "1 unresolved" in text()


def test_low_confidence_shows_under_pedantic_only() -> None:
    assert "no-concurrency-limit" not in text()
    shown = text(pedantic=True)
    assert "no-concurrency-limit" in shown
    assert "low confidence: shown because of --pedantic" in shown


def test_min_severity_hides_and_counts() -> None:
    shown = text(min_severity="error")
    assert "service-star" not in shown
    assert shown.startswith("template.yaml:17:3  suppression")
    assert "no findings · 4 below error; 3 high, 1 medium fail the run (--fail-on medium)" in shown
    assert "4 below error; 3 high fail the run (--fail-on high)" in text(min_severity="error", fail_on="high")
    assert "fail the run" not in text(min_severity="error", fail_on="error")
    assert "fail the run" not in text(min_severity="error", exit_zero=True)
    assert "fail the run" not in text(min_severity="medium", fail_on="high")


def test_functions_of_one_api_stand_in_one_block() -> None:
    template = samples.document()
    report = samples.report()
    report.findings = [
        samples.finding(
            samples.span(template, "!GetAtt SharedRole.Arn", nth),
            "no-concurrency-limit",
            "low",
            f"REST API Shop can drive {name} without bound",
            resource=name,
            guard=guard,
            cause=("rest-api", "Shop"),
        )
        for nth, name, guard in ((1, "BillingFunction", None), (2, "MailFunction", "IsProd"))
    ]
    shown = text(report)
    assert shown.count("low  no-concurrency-limit") == 1
    assert "   also    MailFunction (line 16, when IsProd)\n" in shown
    assert "1 finding (1 low)" in shown


def test_where_nothing_was_checked_there_is_nothing_to_sum_up() -> None:
    from scopedown.engine import Report

    assert text(Report()) == ""


def test_hiding_a_finding_brings_up_what_is_folded_into_it() -> None:
    report = samples.report()
    report.findings[0].severity = "low"
    shown = text(report, min_severity="medium")
    assert "medium  resource-star" in shown
    assert "service-star" not in shown


def test_a_rule_is_explained_once() -> None:
    report = samples.report()
    report.findings *= 2
    assert text(report).count("scopedown explain service-star") == 1


def test_old_aws_data_is_named() -> None:
    report = samples.report()
    assert "AWS data" not in text(report, today=report.catalog_date)
    assert f"AWS data of {report.catalog_date}: update scopedown" in text(report, today="2099-01-01")


def test_nothing_found() -> None:
    report = samples.report()
    report.findings, report.hidden = [], 0
    for rest in (report.unresolved, report.suppressed, report.unused_suppressions, report.skipped):
        rest.clear()
    report.errors.clear()
    report.internal.clear()
    report.templates, report.files_skipped = 1, 0
    assert text(report) == "no findings · 1 template\n"
    assert text(report, quiet=True) == ""


def test_a_long_message_gets_lines_of_its_own() -> None:
    template = samples.document()
    report = samples.report()
    words = "OrdersFunction may call every S3 action on every bucket of the account, and so may its users"
    report.findings = [samples.finding(samples.span(template, "s3:*"), message=words)]
    lines = text(report).splitlines()
    assert lines[:3] == [
        "template.yaml:9:23  high  service-star",
        "   OrdersFunction may call every S3 action on every bucket of the account, and",
        "   so may its users",
    ]


def test_colours_change_nothing_but_colours() -> None:
    import re

    colored = text(screen=Screen(80, True), verbose=True, show_unresolved=True)
    assert "\x1b[31mhigh\x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == WHOLE


def test_ascii_terminals_get_ascii() -> None:
    shown = text(screen=Screen(80, False, True))
    assert shown.isascii()
    assert "    9 |               Action: s3:*" in shown


def test_nothing_from_a_template_reaches_the_terminal_raw() -> None:
    evil = "\x1b]0;owned\x07\u202e\r\n\x00\x9b2J"
    template = samples.document(f"Action: '{evil}'\n", path=f"a{evil}.yaml")
    report = samples.report()
    found = samples.finding(
        samples.span(template, "Action"), message=evil, note=evil, guard=evil, resource=evil
    )
    answer = samples.suggestion(samples.document())
    answer.note, answer.text = evil, evil
    answer.removed, answer.kept_unproven = {evil: [evil]}, [evil]
    found.suggestion = answer
    report.findings = [found]
    report.skipped = [(evil, evil)]
    report.internal = [evil]
    report.errors = [InputError(evil, evil, evil)]
    shown = text(report, verbose=True, show_unresolved=True)
    assert not [character for character in shown if character in "\x1b\x07\u202e\r\x00\x9b"]
    assert "\\x1b]0;owned\\x07\\u202e\\r\\n\\x00\\x9b2J" in shown


def test_weak_and_empty_answers_say_so() -> None:
    report = samples.report()
    found = report.findings[0]
    assert found.suggestion is not None
    found.suggestion.text, found.suggestion.statements = "", []
    assert "remove it: nothing of it is needed" in text(report)
    found.suggestion.tier = "weak"
    assert "suggest (weak evidence; check before use)" in text(report)
    assert "remove it:" not in text(report)


def test_long_lists_are_counted_unless_verbose() -> None:
    report = samples.report()
    answer = report.findings[0].suggestion
    assert answer is not None
    answer.removed = {"Write": [f"s3:Put{number}" for number in range(40)]}
    shown = " ".join(text(report).split())
    assert "drops Write: s3:Put0, s3:Put1, s3:Put2, and 37 more (--verbose)" in shown
    assert "s3:Put39" in text(report, verbose=True)


def test_needs_that_one_place_shows_stand_together() -> None:
    report = samples.report()
    answer = report.findings[0].suggestion
    assert answer is not None
    (where, words), *_ = answer.needs[0].evidence
    answer.needs = [Need(f"s3:Get{number}", None, [(where, words)]) for number in range(9)]
    assert (
        "   needs   s3:Get0, s3:Get1, s3:Get2, and 6 more (--verbose)\n"
        "             src/orders.py:3  s3.get_object → ORDERS_BUCKET → OrdersBucket\n"
    ) in text(report)
    answer.needs = [Need(f"s3:Get{number}", None, [(where, str(number))]) for number in range(20)]
    assert "           and 12 more (--verbose)\n" in text(report)


def test_a_suggestion_stands_at_one_edge() -> None:
    report = samples.report()
    answer = report.findings[0].suggestion
    assert answer is not None
    answer.text = "      - Effect: Allow\n        Action: x\n\n      - Effect: Deny\n"
    shown = "         - Effect: Allow\n           Action: x\n\n         - Effect: Deny\n"
    assert shown in text(report)


def test_lines_stay_within_eighty_columns() -> None:
    shown = text(verbose=True, show_unresolved=True)
    assert [line for line in shown.splitlines() if len(line) > 80 and "internal" not in line] == []
