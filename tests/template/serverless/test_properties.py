"""What must not change what is said of a service: its format, its files, the order of its functions."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scopedown import engine
from scopedown.config import Options
from scopedown.rulebook.finding import fingerprint
from scopedown.source.discovery import from_text
from scopedown.template import cloudformation

from ...eval import packaged
from .drawn import SERVICES, WRITERS, as_json, as_yaml
from .variable_services import plain, variables

# A busy machine is no failure.
SLOW = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _options(*paths: str) -> Options:
    options = Options(paths)
    options.pedantic = True
    return options


def _said(report: engine.Report) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Findings and notes, without their places."""
    assert report.errors == [] and report.internal == [] and report.templates == 1
    findings = [
        (each.rule, each.severity, each.confidence, each.resource, each.path, each.message, each.guard)
        for each in report.findings
    ]
    notes = [(each.what, each.reason, each.resource, each.path) for each in report.unresolved]
    return sorted(findings, key=str), sorted(notes, key=str)


def _roles(name: str, text: str) -> Any:
    (template,) = from_text(name, text).templates()
    stack = cloudformation.read(template.document, template.root, template.dialect, {})
    return packaged.roles(stack)


@settings(SLOW, max_examples=25)
@given(SERVICES)
def test_the_format_of_a_service_changes_nothing(service: Any) -> None:
    texts = {name: write(service) for name, write in WRITERS.items()}
    said = {name: _said(engine.check_text(name, text, _options())) for name, text in texts.items()}
    roles = {name: _roles(name, text) for name, text in texts.items()}
    for name in WRITERS:
        assert said[name] == said["serverless.yml"], name
        assert roles[name] == roles["serverless.yml"], name


TEXTS = st.text("a1:. -*/", max_size=6) | st.sampled_from(
    ["${AWS::Region}", "${Loaf}", "${Loaf.Arn}", "#{AWS::AccountId}", "$", "{}", "x${Foo:bar}y", "yes", "01"]
)
TREES = st.recursive(
    TEXTS | st.integers(-9, 99) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


@settings(SLOW, max_examples=200)
@given(TREES)
def test_a_tree_without_variables_is_what_it_is(tree: Any) -> None:
    service = {"service": "bakery", "provider": {"name": "aws"}, "custom": tree}
    found = variables(as_json(service))
    assert plain(found.root) == plain(found.source)
    assert found.notes == []


@settings(SLOW, max_examples=40)
@given(SERVICES)
def test_what_is_resolved_stays_as_it_is(service: Any) -> None:
    # Without resources, which hold functions of CloudFormation: those are written in another way.
    more = ["${self:custom.names}", "a-${self:custom.names.0}", "${sls:stage}"]
    service = {**service, "resources": {}, "custom": {**service["custom"], "more": more}}
    once = plain(variables(as_yaml(service)).root)
    assert "${self" not in str(once)
    assert plain(variables(as_json(once)).root) == once


PARTS = st.sets(
    st.sampled_from(["functions", "resources", "statements", "functions.bake", "role", "custom"]), min_size=1
)


def _split(service: Any, parts: set[str]) -> dict[str, str]:
    """The service in several files."""
    files: dict[str, str] = {}
    service = {key: dict(value) if isinstance(value, dict) else value for key, value in service.items()}

    def move(holder: Any, key: str, name: str) -> None:
        if key in holder:
            deep = name.endswith(".json")
            files[name] = as_json({"part": holder[key]}) if deep else as_yaml(holder[key])
            holder[key] = f"${{file(./{name}):part}}" if deep else f"${{file({name})}}"

    if "role" in parts:
        resources = dict(service["resources"]["Resources"])
        move(resources, "BakerRole", "role.yml")
        service["resources"] = {"Resources": resources}
    if "statements" in parts and "iam" in service["provider"]:
        role = dict(service["provider"]["iam"]["role"])
        move(role, "statements", "statements.json")
        service["provider"]["iam"] = {"role": role}
    if "functions.bake" in parts:
        move(service["functions"], "bake", "bake.yml")
    for part in ("functions", "resources", "custom"):
        if part in parts:
            move(service, part, f"{part}.yml")
    files["serverless.yml"] = as_yaml(service)
    return files


def _on_disk(files: dict[str, str]) -> tuple[engine.Report, list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            Path(folder, name).write_text(text, encoding="utf-8")
        report = engine.check(_options(f"{folder}/serverless.yml"))
        return report, *_said(report)


@settings(SLOW, max_examples=25)
@given(SERVICES, PARTS)
def test_files_change_nothing_but_places(service: Any, parts: set[str]) -> None:
    _, findings, notes = _on_disk({"serverless.yml": as_yaml(service)})
    files = _split(service, parts)
    report, in_files, noted = _on_disk(files)
    assert (in_files, noted) == (findings, notes)
    for finding in report.findings:
        span = finding.primary.span
        assert span.document.text == files[Path(span.path).name]


@settings(SLOW, max_examples=25)
@given(SERVICES, st.randoms(use_true_random=False))
def test_the_order_of_functions_changes_no_finding(service: Any, chance: Any) -> None:
    names = list(service["functions"])
    chance.shuffle(names)
    other = {**service, "functions": {name: service["functions"][name] for name in names}}
    # Messages name the first function of several, and findings stand where they stand.
    said = [
        sorted(
            (fingerprint(each), each.rule, each.severity, each.confidence, each.resource or "", each.path)
            for each in engine.check_text("serverless.yml", as_yaml(one), _options()).findings
        )
        for one in (service, other)
    ]
    assert said[0] == said[1]
