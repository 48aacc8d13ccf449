"""Cloud assemblies of the CDK: constructs, lines of the app, nested stacks, stages, exports, grants."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from scopedown.report import json as report_json
from scopedown.source.discovery import discover
from scopedown.template import cloudformation
from scopedown.template.stack import Stack

from ..conftest import ROOT, Command, Run

BAKERY = ROOT / "fixtures" / "projects" / "bakery" / "cdk.out"
TRUST = {
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]
}
HASH = "cd5372bf0ebeb5b9a476269d5f00a34080fa1f98601964d509d301e418b41c36"
URL = {"Fn::Join": ["", ["https://s3.", {"Ref": "AWS::URLSuffix"}, f"/assets/{HASH}.json"]]}

Json = dict[str, Any]


def statement(action: str | list[str] = "s3:*", resource: Any = "*") -> Json:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def policy(role: Any, *statements: Json, kind: str = "Policy") -> Json:
    return {
        "Type": f"AWS::IAM::{kind}",
        "Properties": {"PolicyDocument": {"Statement": list(statements)}, "Roles": [role]},
    }


def role() -> Json:
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}}


def function(runs_as: Any) -> Json:
    code = {"ZipFile": "exports.handler = async () => {}"}
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {"Code": code, "Handler": "index.handler", "Runtime": "nodejs22.x", "Role": runs_as},
    }


def oven(*statements: Json) -> Json:
    """What the CDK writes for a function "Oven" with statements."""
    return {
        "OvenServiceRole1": role(),
        "OvenServiceRoleDefaultPolicy2": policy({"Ref": "OvenServiceRole1"}, *(statements or [statement()])),
        "Oven3": function({"Fn::GetAtt": ["OvenServiceRole1", "Arn"]}),
    }


def made(id: str, *frames: str) -> list[Json]:
    """The metadata of a construct as it is written today."""
    entries = [{"type": "aws:cdk:logicalId", "data": id}]
    return [*entries, {"type": "aws:cdk:creationStack", "data": list(frames)}] if frames else entries


OVEN = {
    "/Shop/Oven/ServiceRole/Resource": made("OvenServiceRole1"),
    "/Shop/Oven/ServiceRole/DefaultPolicy/Resource": made(
        "OvenServiceRoleDefaultPolicy2",
        "...PropertyInjectable.addToRolePolicy in aws-cdk-lib...",
        "new Shop (/app/shop.ts:14:10)",
        "<anonymous> (/app/bin/app.ts:4:4)",
        "...node internals...",
    ),
    "/Shop/Oven/Resource": made("Oven3"),
}


def assembly(folder: Path, resources: Json, metadata: Json | None = None, **more: Any) -> Path:
    """A cloud assembly with one stack "Shop"; its template."""
    folder.mkdir(parents=True, exist_ok=True)
    artifact: Json = {
        "type": "aws:cloudformation:stack",
        "properties": {"templateFile": "Shop.template.json"},
    }
    artifacts: Json = {"Shop": artifact, **more.pop("artifacts", {})}
    if metadata is not None:
        artifact["additionalMetadataFile"] = "Shop.metadata.json"
        write(folder / "Shop.metadata.json", metadata)
    artifact.update(more.pop("artifact", {}))
    write(folder / "manifest.json", {"version": "55.0.0", "artifacts": artifacts})
    return write(folder / "Shop.template.json", {"Resources": resources, **more})


def write(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content, indent=1))
    return path


def read(path: Path) -> Stack:
    (template,) = discover([str(path)], root=str(path.parent)).templates()
    return cloudformation.read(template.document, template.root, template.dialect, reader=template.reader)


def check(scopedown: Command, *paths: Path) -> Run:
    return scopedown("check", "--format", "json", "--show-unresolved", *paths)


def told(run: Run) -> list[tuple[str, str, str]]:
    """(rule, severity, message) of the findings that stand on their own."""
    return [
        (each["rule"], each["severity"], each["message"]) for each in run.findings if not each["foldedInto"]
    ]


# Names


def test_the_path_in_the_template_names_a_resource(tmp_path: Path, scopedown: Command) -> None:
    resources = oven()
    resources["Oven3"]["Metadata"] = {"aws:cdk:path": "Shop/Oven/Resource"}
    path = write(tmp_path / "shop.json", {"Resources": resources})
    run = check(scopedown, path)
    assert told(run) == [("service-star", "high", "Shop/Oven may call every S3 action")]
    assert run.findings[0]["madeBy"] is None, "the policy itself has no path"


def test_a_path_without_an_assembly_still_says_what_made_a_resource(
    tmp_path: Path, scopedown: Command
) -> None:
    resources = oven()
    resources["OvenServiceRoleDefaultPolicy2"]["Metadata"] = {
        "aws:cdk:path": "Shop/Oven/ServiceRole/DefaultPolicy/Resource"
    }
    path = write(tmp_path / "shop.json", {"Resources": resources})
    construct = "Shop/Oven/ServiceRole/DefaultPolicy"
    assert check(scopedown, path).findings[0]["madeBy"] == {"construct": construct, "of": None, "at": []}
    assert f"   made by {construct}; change it in the CDK app\n" in scopedown("check", path).out.replace(
        "\n           ", " "
    )


def test_names_come_from_the_metadata_file(tmp_path: Path, scopedown: Command) -> None:
    path = assembly(tmp_path, oven(), OVEN)
    assert told(check(scopedown, path)) == [("service-star", "high", "Shop/Oven may call every S3 action")]
    stack = read(path)
    assert stack.functions[0].label == "Shop/Oven"
    assert stack.roles["OvenServiceRole1"].label == "Shop/Oven/ServiceRole"


def test_names_come_from_the_manifest_of_older_versions(tmp_path: Path) -> None:
    path = assembly(tmp_path, oven(), artifact={"metadata": OVEN})
    assert read(path).functions[0].label == "Shop/Oven"


def test_without_metadata_the_logical_id_stays(tmp_path: Path) -> None:
    path = assembly(tmp_path, oven())
    assert read(path).functions[0].label == "Oven3"
    (tmp_path / "manifest.json").unlink()
    assert read(path).functions[0].label == "Oven3"


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "[]",
        "{",
        '{"version": "55.0.0"}',
        '{"version": "55.0.0", "artifacts": []}',
        '{"version": "55.0.0", "artifacts": {"Shop": 1}}',
        '{"version": "55.0.0", "artifacts": {"Shop": {"type": "aws:cloudformation:stack", "metadata": 3}}}',
        '{"version": "55.0.0", "artifacts": {"Shop": {"type": "aws:cloudformation:stack", "properties":'
        ' {"templateFile": "Shop.template.json"}, "additionalMetadataFile": "../Shop.metadata.json"}}}',
        '{"version": "55.0.0", "artifacts": {"Shop": {"type": "aws:cloudformation:stack", "properties":'
        ' {"templateFile": "Shop.template.json"}, "metadata": {"/Shop/Oven/Resource":'
        ' [3, {"type": "aws:cdk:logicalId", "data": []}]}}}}',
        "[" * 100_000,
        '{"name": "a web app", "icons": []}',
    ],
)
def test_a_manifest_that_is_none_says_nothing(tmp_path: Path, scopedown: Command, manifest: str) -> None:
    path = assembly(tmp_path / "out", oven())
    write(tmp_path / "Shop.metadata.json", OVEN)
    (path.parent / "manifest.json").write_text(manifest)
    run = check(scopedown, path)
    assert told(run) == [("service-star", "high", "Oven3 may call every S3 action")]
    assert run.findings[0]["madeBy"] is None


_opened: list[list[str]] = []


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _opened and isinstance(arguments[0], str):
        _opened[-1].append(os.path.basename(arguments[0]))


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """The names of the files that are opened during a test."""
    if not getattr(sys, "_scopedown_audited", False):
        sys.addaudithook(_note)
        sys._scopedown_audited = True  # type: ignore[attr-defined]
    _opened.append([])
    yield _opened[-1]
    _opened.pop()


def test_the_assembly_is_opened_only_for_a_finding(
    tmp_path: Path, scopedown: Command, opened: list[str]
) -> None:
    path = assembly(tmp_path, oven(statement("s3:GetObject", "arn:aws:s3:::cakes/*")), OVEN)
    opened.clear()
    assert check(scopedown, path).findings == []
    assert "Shop.template.json" in opened
    assert not {"manifest.json", "Shop.metadata.json"} & {*opened}
    path = assembly(tmp_path, oven(), OVEN)
    opened.clear()
    assert check(scopedown, path).findings
    assert {"manifest.json", "Shop.metadata.json"} <= {*opened}
    assert "shop.ts" not in opened


def test_any_other_template_looks_for_no_assembly(
    tmp_path: Path, scopedown: Command, opened: list[str]
) -> None:
    assembly(tmp_path, oven(), OVEN)
    path = write(tmp_path / "shop.json", {"Resources": oven()})
    opened.clear()
    assert told(check(scopedown, path)) == [("service-star", "high", "Oven3 may call every S3 action")]
    assert not {"manifest.json", "Shop.metadata.json"} & {*opened}


# Lines of the app


def origin(tmp_path: Path, scopedown: Command, metadata: Json) -> Any:
    """What made the policy with the finding."""
    path = assembly(tmp_path, oven(), {**OVEN, **metadata})
    return check(scopedown, path).findings[0]["madeBy"]


POLICY = "/Shop/Oven/ServiceRole/DefaultPolicy/Resource"


def test_a_finding_tells_the_line_of_the_app(tmp_path: Path, scopedown: Command) -> None:
    assert origin(tmp_path, scopedown, {}) == {
        "construct": "Shop/Oven/ServiceRole/DefaultPolicy",
        "of": None,
        "at": [
            {"file": "/app/shop.ts", "line": 14, "column": 10, "function": "new Shop"},
            {"file": "/app/bin/app.ts", "line": 4, "column": 4, "function": "<anonymous>"},
        ],
    }
    out = scopedown("check", tmp_path / "Shop.template.json").out
    assert "   made at /app/shop.ts:14:10 (Shop/Oven/ServiceRole/DefaultPolicy)\n" in out


def test_a_line_below_the_current_folder_is_told_from_there(
    tmp_path: Path, scopedown: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    entries = made("OvenServiceRoleDefaultPolicy2", f"new Shop ({tmp_path}/lib/shop.ts:14:10)")
    (place,) = origin(tmp_path, scopedown, {POLICY: entries})["at"]
    assert place == {"file": "lib/shop.ts", "line": 14, "column": 10, "function": "new Shop"}


def test_traces_of_older_versions(tmp_path: Path, scopedown: Command) -> None:
    trace = [
        "new Policy (/app/node_modules/aws-cdk-lib/aws-iam/lib/policy.js:1:1)",
        "Shop.bake (/app/lib/shop.js:9:7)",
        "new Shop (/app/lib/shop.js:5:10)",
        "Object.<anonymous> (/app/bin/app.js:7:1)",
        "Module._compile (node:internal/modules/cjs/loader:1105:14)",
        "internal/main/run_main_module.js:22:47",
    ]
    entries = [{"type": "aws:cdk:logicalId", "data": "OvenServiceRoleDefaultPolicy2", "trace": trace}]
    places = origin(tmp_path, scopedown, {POLICY: entries})["at"]
    assert [(each["file"], each["line"]) for each in places] == [
        ("/app/lib/shop.js", 9),
        ("/app/lib/shop.js", 5),
        ("/app/bin/app.js", 7),
    ]
    out = scopedown("check", tmp_path / "Shop.template.json").out
    assert "   made at /app/lib/shop.js:9:7, called from /app/lib/shop.js:5:10\n" in out


@pytest.mark.parametrize(
    "frame, place",
    [
        ("new Shop (/app/lib/shop.js:9:7)", ("/app/lib/shop.js", 9, 7, "new Shop")),
        ("/app/app.js:3:1", ("/app/app.js", 3, 1, "")),
        ("file:///app/app.mjs:3:1", ("/app/app.mjs", 3, 1, "")),
        ("at async main (/app/app.js:3:1)", ("/app/app.js", 3, 1, "async main")),
        (r"new Shop (C:\app\shop.js:9:7)", (r"C:\app\shop.js", 9, 7, "new Shop")),
        ("new Shop (/my app (new)/shop.js:9:7)", ("/my app (new)/shop.js", 9, 7, "new Shop")),
        ("Function.<anonymous> (<anonymous>)", None),
        ("...aws-cdk-lib...", None),
        ("(no user code in 10 frames, use --stack-trace-limit to capture more)", None),
        ("Kernel.create (/tmp/tmpa1/lib/program.js:8442:25)", None),
        ("new Table (/tmp/jsii-kernel-x1/node_modules/aws-cdk-lib/aws-dynamodb/lib/table.js:1:2)", None),
        ("node:internal/main/run_main_module:28:49", None),
        ("new Shop (/app/shop.js:0:7)", None),
        ("new Shop (/app/shop.js:" + "9" * 5000 + ":7)", None),
        ("x" * 100_000 + ":1:1", None),
    ],
)
def test_frames(
    tmp_path: Path, scopedown: Command, frame: str, place: tuple[str, int, int, str] | None
) -> None:
    found = origin(tmp_path, scopedown, {POLICY: made("OvenServiceRoleDefaultPolicy2", frame)})
    assert found["construct"] == "Shop/Oven/ServiceRole/DefaultPolicy"
    keys = ("file", "line", "column", "function")
    assert found["at"] == ([dict(zip(keys, place, strict=True))] if place else [])


def test_apps_in_other_languages_have_no_lines(tmp_path: Path, scopedown: Command) -> None:
    frames = ("...aws-cdk-lib, jsii runtime, node internals...", "(no user code in 10 frames)")
    found = origin(tmp_path, scopedown, {POLICY: made("OvenServiceRoleDefaultPolicy2", *frames)})
    assert found == {"construct": "Shop/Oven/ServiceRole/DefaultPolicy", "of": None, "at": []}


def test_what_the_cdk_adds_is_traced_to_the_construct_around_it(tmp_path: Path, scopedown: Command) -> None:
    metadata = {
        POLICY: made("OvenServiceRoleDefaultPolicy2", "...aws-cdk-lib..."),
        "/Shop/Oven/Resource": made("Oven3", "new Shop (/app/shop.ts:12:18)"),
    }
    found = origin(tmp_path, scopedown, metadata)
    assert found["of"] == "Shop/Oven"
    assert [(each["file"], each["line"]) for each in found["at"]] == [("/app/shop.ts", 12)]
    out = scopedown("check", tmp_path / "Shop.template.json").out
    assert "   made at /app/shop.ts:12:18 (Shop/Oven)\n" in out


def test_frames_that_are_cut_go_on_in_the_construct_around(tmp_path: Path, scopedown: Command) -> None:
    metadata = {
        POLICY: made("OvenServiceRoleDefaultPolicy2", "code (/app/shop.ts:3:10)"),
        "/Shop/Oven/Resource": made("Oven3", "code (/app/shop.ts:3:10)", "new Shop (/app/shop.ts:12:18)"),
    }
    found = origin(tmp_path, scopedown, metadata)
    assert found["of"] is None
    assert [each["line"] for each in found["at"]] == [3, 12]


def test_every_format_tells_the_line(scopedown: Command, tmp_path: Path) -> None:
    path = assembly(tmp_path, oven(), OVEN)
    schema = json.loads((Path(report_json.__file__).parent / "schema.json").read_text())
    Draft202012Validator(schema).validate(check(scopedown, path).report)
    (result,) = scopedown("check", "--format", "sarif", path).report["runs"][0]["results"]
    assert result["relatedLocations"][-1] == {
        "id": 2,
        "physicalLocation": {
            "artifactLocation": {"uri": "file:///app/shop.ts"},
            "region": {"startLine": 14, "startColumn": 10},
        },
        "message": {"text": "the line that makes Shop/Oven/ServiceRole/DefaultPolicy"},
    }
    assert "[the line that makes Shop/Oven/ServiceRole/DefaultPolicy](2)" in result["message"]["text"]


# Nested stacks


CHILD = {
    "Parameters": {"verb": {"Type": "String"}},
    "Resources": {
        "ReportServiceRole1": role(),
        "ReportPolicy2": policy({"Ref": "ReportServiceRole1"}, statement({"Ref": "verb"})),  # type: ignore[arg-type]
        "Report3": function({"Fn::GetAtt": ["ReportServiceRole1", "Arn"]}),
    },
}


def nesting(url: Any = URL, **metadata: str) -> Json:
    properties = {"TemplateURL": url, "Parameters": {"verb": "s3:*"}}
    nightly: Json = {"Type": "AWS::CloudFormation::Stack", "Properties": properties}
    return {"Nightly4": {**nightly, "Metadata": metadata} if metadata else nightly}


ASSETS = {"version": "55.0.0", "files": {HASH: {"source": {"path": "ShopNightly5.nested.template.json"}}}}
LISTED = {"Shop.assets": {"type": "cdk:asset-manifest", "properties": {"file": "Shop.assets.json"}}}


def by_hash(folder: Path) -> Path:
    path = assembly(folder, nesting(), artifacts=LISTED)
    write(folder / "Shop.assets.json", ASSETS)
    return path


def by_metadata(folder: Path) -> Path:
    asset = {"aws:asset:path": "ShopNightly5.nested.template.json", "aws:asset:property": "TemplateURL"}
    return assembly(folder, nesting({"Fn::Sub": "https://x/y.json"}, **asset))


def by_template_file(folder: Path) -> Path:
    metadata = {
        "/Shop/Nightly": [{"type": "aws:cdk:templateFile", "data": "ShopNightly5.nested.template.json"}],
        "/Shop/Nightly.NestedStack/Nightly.NestedStackResource": made("Nightly4"),
    }
    return assembly(folder, nesting({"Fn::Sub": "https://x/y.json"}), metadata)


def by_older_metadata(folder: Path) -> Path:
    url = {"Fn::Join": ["", ["https://s3/", {"Ref": f"AssetParameters{HASH}S3Bucket1"}, "/x"]]}
    asset = {"path": "ShopNightly5.nested.template.json", "id": HASH, "packaging": "file", "sourceHash": HASH}
    metadata = {"/Shop": [{"type": "aws:cdk:asset", "data": asset}]}
    return assembly(folder, nesting(url), artifact={"metadata": metadata})


@pytest.mark.parametrize("found", [by_hash, by_metadata, by_template_file, by_older_metadata])
def test_a_nested_template_is_found_and_judged_with_its_parameters(
    tmp_path: Path, scopedown: Command, found: Any
) -> None:
    parent = found(tmp_path)
    child = write(tmp_path / "ShopNightly5.nested.template.json", CHILD)
    for paths in ((parent,), (tmp_path,), (parent, child), (child, parent)):
        run = check(scopedown, *paths)
        by = f"by the value of parameter verb in {parent}"
        assert told(run) == [("service-star", "high", f"Report3 may call every S3 action, {by}")]
        assert run.report["unresolved"] == []
        assert run.report["summary"]["templates"] == 2


def test_a_nested_template_by_itself_has_no_parameters(tmp_path: Path, scopedown: Command) -> None:
    by_hash(tmp_path)
    run = check(scopedown, write(tmp_path / "ShopNightly5.nested.template.json", CHILD))
    assert told(run) == []
    assert [each["what"] for each in run.report["unresolved"]] == ["${verb}"]


def test_a_nested_template_that_nobody_deploys_is_checked(tmp_path: Path, scopedown: Command) -> None:
    assembly(tmp_path, {})
    write(tmp_path / "Old.nested.template.json", {"Resources": oven()})
    run = check(scopedown, tmp_path)
    assert told(run) == [("service-star", "high", "Oven3 may call every S3 action")]


@pytest.mark.parametrize("path", ["../Outside.template.json", "/etc/x.template.json", "asset.1", ""])
def test_a_nested_template_lies_in_the_assembly(tmp_path: Path, scopedown: Command, path: str) -> None:
    asset = {"aws:asset:path": path, "aws:asset:property": "TemplateURL"}
    parent = assembly(tmp_path / "cdk.out", nesting({"Fn::Sub": "https://x/y.json"}, **asset))
    write(tmp_path / "Outside.template.json", CHILD)
    run = check(scopedown, parent)
    assert run.report["summary"]["templates"] == 1
    assert run.report["errors"] == []


def twins(folder: Path, **files: str) -> None:
    """Two nested stacks of one class: their logical ids are the same."""
    metadata: Json = {}
    for name, file in files.items():
        scope = f"/Shop/{name}"
        metadata[f"{scope}.NestedStack/{name}.NestedStackResource"] = made(f"{name}9")
        if file:
            metadata[scope] = [{"type": "aws:cdk:templateFile", "data": file}]
        metadata[f"{scope}/Report/ServiceRole/Resource"] = made("ReportServiceRole1")
        metadata[f"{scope}/Report/Policy/Resource"] = made("ReportPolicy2")
        metadata[f"{scope}/Report/Resource"] = made("Report3")
        metadata[f"{scope}/verb"] = made("verb")
        write(folder / f"{name}.nested.template.json", CHILD)
    assembly(folder, oven(), {**OVEN, **metadata})


def test_nested_stacks_with_the_same_ids_are_told_apart(tmp_path: Path) -> None:
    twins(tmp_path, East="East.nested.template.json", West="West.nested.template.json")
    assert read(tmp_path / "East.nested.template.json").functions[0].label == "Shop/East/Report"
    assert read(tmp_path / "West.nested.template.json").functions[0].label == "Shop/West/Report"
    assert read(tmp_path / "Shop.template.json").functions[0].label == "Shop/Oven"


def test_a_nested_stack_of_older_versions_is_known_by_its_ids(tmp_path: Path) -> None:
    twins(tmp_path, East="")
    assert read(tmp_path / "East.nested.template.json").functions[0].label == "Shop/East/Report"
    twins(tmp_path, East="", West="")
    assert read(tmp_path / "East.nested.template.json").functions[0].label == "Report3", "either may be meant"


def test_a_stack_nested_in_a_nested_one(tmp_path: Path, scopedown: Command) -> None:
    metadata = {
        "/Shop/Mid": [{"type": "aws:cdk:templateFile", "data": "Mid.nested.template.json"}],
        "/Shop/Mid.NestedStack/Mid.NestedStackResource": made("Nightly4"),
        "/Shop/Mid/Deep": [{"type": "aws:cdk:templateFile", "data": "Deep.nested.template.json"}],
        "/Shop/Mid/Deep.NestedStack/Deep.NestedStackResource": made("Nightly4"),
        "/Shop/Mid/Deep/Report/Resource": made("Report3"),
    }
    assembly(tmp_path, nesting(), metadata)
    write(tmp_path / "Mid.nested.template.json", {"Resources": nesting({"Fn::Sub": "https://x/y.json"})})
    write(tmp_path / "Deep.nested.template.json", CHILD)
    by = f"by the value of parameter verb in {tmp_path}/Mid.nested.template.json"
    for path in (tmp_path, tmp_path / "Shop.template.json"):
        run = check(scopedown, path)
        assert told(run) == [("service-star", "high", f"Shop/Mid/Deep/Report may call every S3 action, {by}")]
        assert run.report["summary"]["templates"] == 3


def test_an_output_of_a_nested_stack_is_known(tmp_path: Path, scopedown: Command) -> None:
    output = {"Fn::GetAtt": ["Nightly4", "Outputs.cakes"]}
    by_hash(tmp_path)
    write(tmp_path / "Shop.template.json", {"Resources": {**nesting(), **oven(statement("s3:*", output))}})
    child = {"Resources": {"Cakes1": {"Type": "AWS::S3::Bucket"}}, "Outputs": {"cakes": {"Value": ARN}}}
    write(tmp_path / "ShopNightly5.nested.template.json", child)
    (finding,) = check(scopedown, tmp_path).findings
    assert finding["labels"][0]["text"] == "62 actions, 5 of them change permissions", "those of a bucket"


# The assembly as a whole


def test_stages_exports_and_nested_stacks_of_a_real_app(scopedown: Command) -> None:
    run = check(scopedown, BAKERY)
    assert run.report["errors"] == run.report["skipped"] == run.report["unresolved"] == []
    assert run.report["summary"]["templates"] == 6
    expected = [
        ("service-star", "medium", "Shop/Counter may call every DynamoDB action that"),
        ("service-star", "high", "Shop/Oven may call every S3 action that"),
        ("service-star", "high", "Shop/Receipts may call every SQS action"),
        ("resource-star", "high", "Shop/Nightly/Report may call ses:SendEmail on every resource"),
    ]
    found = [(rule, severity, message.partition(" ${")[0]) for rule, severity, message in told(run)]
    assert found == expected + [(rule, severity, f"Prod/{message}") for rule, severity, message in expected]


def test_a_stage_is_told_with_the_stack_it_repeats(scopedown: Command) -> None:
    out = scopedown("check", BAKERY).out
    assert "4 findings (3 high, 1 medium) · 6 templates" in out
    assert "also    Prod/Shop/Oven/ServiceRole/DefaultPolicy" in out


def test_an_export_of_the_assembly_says_what_kind_of_resource_it_is(scopedown: Command) -> None:
    for path in (BAKERY, BAKERY / "Shop.template.json"):
        notes = {each["labels"][0]["text"] for each in check(scopedown, path).findings}
        assert "62 actions, 5 of them change permissions" in notes, "those that a bucket takes"
        assert "58 actions, 2 of them change permissions" in notes, "those that a table takes"


def test_one_template_outside_an_assembly_has_no_exports(scopedown: Command, tmp_path: Path) -> None:
    for name in ("Shop.template.json", "Storage.template.json"):
        (tmp_path / name).write_text((BAKERY / name).read_text())
    notes = {each["labels"][0]["text"] for each in check(scopedown, tmp_path / "Shop.template.json").findings}
    assert "62 actions, 5 of them change permissions" not in notes


def test_what_else_the_cdk_writes_is_no_template(scopedown: Command, tmp_path: Path) -> None:
    out = tmp_path / "cdk.out"
    by_hash(out)
    write(out / "ShopNightly5.nested.template.json", CHILD)
    write(out / "cdk.out", {"version": "55.0.0"})
    write(out / "tree.json", {"tree": {"attributes": {"Resources": {}, "Statement": [statement()]}}})
    write(out / "validation-report.json", {"version": "55.0.0", "pluginReports": []})
    (out / "asset.0a1b").mkdir()
    write(out / "asset.0a1b" / "template.json", {"Resources": oven()})
    report = check(scopedown, out).report
    assert report["summary"]["templates"] == 2
    assert report["errors"] == report["skipped"] == []


def test_what_every_template_of_the_cdk_has_is_nothing_to_report(scopedown: Command, tmp_path: Path) -> None:
    resources = {
        **oven(statement("s3:GetObject", "arn:aws:s3:::cakes/*")),
        "CDKMetadata": {
            "Type": "AWS::CDK::Metadata",
            "Properties": {"Analytics": "v2:x"},
            "Condition": "CDKMetadataAvailable",
        },
    }
    path = assembly(
        tmp_path,
        resources,
        OVEN,
        Conditions={
            "CDKMetadataAvailable": {
                "Fn::Or": [
                    {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]},
                    {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-2"]},
                ]
            }
        },
        Parameters={
            "BootstrapVersion": {
                "Type": "AWS::SSM::Parameter::Value<String>",
                "Default": "/cdk-bootstrap/x/version",
            }
        },
        Rules={
            "CheckBootstrapVersion": {
                "Assertions": [
                    {"Assert": {"Fn::Not": [{"Fn::Contains": [["1"], {"Ref": "BootstrapVersion"}]}]}}
                ]
            }
        },
    )
    report = check(scopedown, path).report
    assert report["findings"] == report["unresolved"] == report["errors"] == []


# Carriers


def test_default_and_overflow_policies_are_read(tmp_path: Path) -> None:
    overflow = policy({"Ref": "OvenServiceRole1"}, statement("iam:PassRole"), kind="ManagedPolicy")
    resources = {
        **oven(statement("s3:GetObject", "arn:aws:s3:::cakes/*")),
        "OvenServiceRoleOverflowPolicy15": overflow,
    }
    resources["OvenServiceRole1"]["Properties"]["ManagedPolicyArns"] = [
        {
            "Fn::Join": [
                "",
                [
                    "arn:",
                    {"Ref": "AWS::Partition"},
                    ":iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
                ],
            ]
        }
    ]
    stack = read(assembly(tmp_path, resources, OVEN))
    carriers = [(each.kind, each.owner, each.name) for each in stack.roles["OvenServiceRole1"].carriers]
    assert carriers == [
        ("managed-arn", "OvenServiceRole1", "AWSLambdaBasicExecutionRole"),
        ("policy", "OvenServiceRoleDefaultPolicy2", ""),
        ("managed-policy", "OvenServiceRoleOverflowPolicy15", ""),
    ]


IMPORTED = {
    "Fn::Join": [
        "",
        ["arn:", {"Ref": "AWS::Partition"}, ":iam::", {"Ref": "AWS::AccountId"}, ":role/staff/till"],
    ]
}


@pytest.mark.parametrize(
    "arn",
    [
        IMPORTED,
        "arn:aws:iam::111122223333:role/till",
        {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:role/till"},
    ],
)
@pytest.mark.parametrize("first", ["policy", "function"])
def test_a_policy_added_to_an_imported_role_is_the_functions(
    tmp_path: Path, scopedown: Command, arn: Any, first: str
) -> None:
    parts = {"TillPolicy1": policy("till", statement("sqs:*")), "Receipts2": function(arn)}
    ordered = dict(sorted(parts.items(), key=lambda pair: pair[0].startswith("Till") != (first == "policy")))
    path = assembly(tmp_path, ordered)
    assert told(check(scopedown, path)) == [("service-star", "high", "Receipts2 may call every SQS action")]
    assert len(read(path).roles) == 1


def test_roles_of_other_accounts_stay_apart(tmp_path: Path) -> None:
    one, other = "arn:aws:iam::111122223333:role/till", "arn:aws:iam::222233334444:role/till"
    stack = read(
        assembly(
            tmp_path,
            {"A": function(one), "B": function(other), "C": function("arn:aws:iam::111122223333:role/oven")},
        )
    )
    assert sorted(stack.roles) == ["arn:aws:iam::111122223333:role/oven", one, other]


# Grants


ARN = {"Fn::GetAtt": ["Cakes1", "Arn"]}
KEYS = {"Fn::Join": ["", [ARN, "/*"]]}
TABLE = {"Fn::GetAtt": ["Orders1", "Arn"]}
KEY = {"Fn::GetAtt": ["Key1", "Arn"]}
SINK = {"Fn::GetAtt": ["Sink1", "Arn"]}
MADE = {
    "Cakes1": {"Type": "AWS::S3::Bucket"},
    "Orders1": {"Type": "AWS::DynamoDB::Table", "Properties": {"KeySchema": []}},
    "Key1": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {}}},
    "Sink1": function("arn:aws:iam::111122223333:role/sink"),
}
BOOTSTRAP = {
    "BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/cdk-bootstrap/x/version"}
}


@pytest.mark.parametrize(
    "grant",
    [
        statement(["s3:GetObject*", "s3:GetBucket*", "s3:List*"], [ARN, KEYS]),
        statement(["s3:DeleteObject*", "s3:PutObject", "s3:PutObjectLegalHold", "s3:Abort*"], [ARN, KEYS]),
        statement("s3:DeleteObject*", KEYS),
        statement(["kms:Decrypt", "kms:Encrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"], KEY),
        statement("lambda:InvokeFunction", [SINK, {"Fn::Join": ["", [SINK, ":*"]]}]),
        statement(["dynamodb:Query", "dynamodb:PutItem"], [TABLE, {"Fn::Join": ["", [TABLE, "/index/*"]]}]),
        statement("dynamodb:ListStreams"),
        statement(["xray:PutTraceSegments", "xray:PutTelemetryRecords"]),
        statement(["logs:CreateLogDelivery", "logs:PutResourcePolicy", "logs:DescribeLogGroups"]),
    ],
    ids=lambda grant: str(grant["Action"]),
)
def test_what_grant_methods_write_is_left_alone(tmp_path: Path, scopedown: Command, grant: Json) -> None:
    path = assembly(tmp_path, {**MADE, **oven(grant)}, OVEN, Parameters=BOOTSTRAP)
    assert [each for each in told(check(scopedown, path)) if each[0] != "no-concurrency-limit"] == []


def test_full_access_to_a_table_is_medium(tmp_path: Path, scopedown: Command) -> None:
    def severity(template: Path) -> list[str]:
        return [
            each["severity"] for each in check(scopedown, template).findings if each["rule"] == "service-star"
        ]

    named = {**MADE, **oven(statement("dynamodb:*", [TABLE]))}
    assert severity(assembly(tmp_path, named, OVEN)) == ["medium"]
    assert severity(write(tmp_path / "by-hand.json", {"Resources": named})) == ["high"]
    assert severity(assembly(tmp_path, oven(statement("dynamodb:*")), OVEN)) == ["high"]


def test_deleting_objects_by_hand_or_everywhere_is_told(tmp_path: Path, scopedown: Command) -> None:
    def rules(template: Path) -> set[str]:
        return check(scopedown, template).rules

    by_hand = write(
        tmp_path / "by-hand.json", {"Resources": {**MADE, **oven(statement("s3:DeleteObject*", KEYS))}}
    )
    assert "action-glob-write" in rules(by_hand)
    assert "action-glob-write" in rules(assembly(tmp_path, oven(statement("s3:DeleteObject*")), OVEN))


@pytest.mark.parametrize(
    "id, purpose",
    [
        ("LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a", "log retention"),
        ("CustomS3AutoDeleteObjectsCustomResourceProvider", "autoDeleteObjects"),
        ("BucketNotificationsHandler050a0587b7544547bf325f094a3db834", "bucket notifications"),
        ("CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C", "BucketDeployment"),
    ],
)
def test_helpers_of_the_cdk_are_named_by_their_purpose(
    tmp_path: Path, scopedown: Command, id: str, purpose: str
) -> None:
    resources = {
        f"{id}ServiceRole1": role(),
        f"{id}ServiceRoleDefaultPolicy2": policy(
            {"Ref": f"{id}ServiceRole1"}, statement(["logs:PutRetentionPolicy", "s3:Put*"])
        ),
        f"{id}3": function({"Fn::GetAtt": [f"{id}ServiceRole1", "Arn"]}),
    }
    (finding,) = told(check(scopedown, assembly(tmp_path, resources)))
    assert finding[1] == "low"
    assert finding[2].startswith(f"the CDK's helper for {purpose} may call ")


def test_a_custom_resource_is_blamed_on_its_own_policy(tmp_path: Path, scopedown: Command) -> None:
    shared = "AWS679f53fac002430cb0da5b7982bd2287"
    resources = {
        "PingPolicy1": policy({"Ref": f"{shared}ServiceRole2"}, statement("ssm:PutParameter")),
        f"{shared}ServiceRole2": role(),
        f"{shared}3": function({"Fn::GetAtt": [f"{shared}ServiceRole2", "Arn"]}),
    }
    metadata = {
        "/Shop/Ping/CustomResourcePolicy/Resource": made("PingPolicy1", "new Shop (/app/shop.ts:58:5)")
    }
    run = check(scopedown, assembly(tmp_path, resources, metadata))
    message = "the CDK's helper for AwsCustomResource may call ssm:PutParameter on every resource"
    assert told(run) == [("resource-star", "high", message)]
    assert run.findings[0]["madeBy"]["construct"] == "Shop/Ping/CustomResourcePolicy"


def test_the_provider_framework_is_quiet(tmp_path: Path, scopedown: Command) -> None:
    versions = {"Fn::Join": ["", [SINK, ":*"]]}
    resources = {
        **MADE,
        "SeederframeworkonEventServiceRole1": role(),
        "SeederframeworkonEventServiceRoleDefaultPolicy2": policy(
            {"Ref": "SeederframeworkonEventServiceRole1"},
            statement("lambda:InvokeFunction", [SINK, versions]),
            statement("lambda:GetFunction", SINK),
        ),
        "SeederframeworkonEvent3": function({"Fn::GetAtt": ["SeederframeworkonEventServiceRole1", "Arn"]}),
    }
    assert told(check(scopedown, assembly(tmp_path, resources))) == []


def test_grants_names_functions_by_construct(scopedown: Command) -> None:
    run = scopedown("grants", "--function", "Shop/Nightly/Report", BAKERY)
    assert run.code == 0
    assert "Shop/Nightly/Report  line" in run.out
    assert "ses:SendEmail" in run.out
