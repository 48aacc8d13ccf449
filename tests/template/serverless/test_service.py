"""A service as a whole: the default role as a resource, names, settings that say nothing of permissions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scopedown import engine
from scopedown.config import Options
from scopedown.source.tree import Mapping, Node, Scalar
from scopedown.template.serverless.naming import function_id, log_group_id, role_id

from .made import SHARED, lines, managed, notes, osls, package, say, service
from .plugged import stack_of
from .variable_services import V4, plain, shop, value
from .variable_services import notes as told

BAKE = "bake: {handler: bake.handler}"
READ = "{Effect: Allow, Action: 's3:GetObject', Resource: '*'}"
READS = "Allow s3:GetObject on *"


def _data(node: Node | None) -> Any:
    return plain(node)


# -- the default role ------------------------------------------------------------------------------------


def test_the_default_role_as_a_resource() -> None:
    packaged = service(BAKE, f"stage: prod\niam: {{role: {{statements: [{READ}]}}}}")
    resources = packaged.template.get("Resources")
    assert isinstance(resources, Mapping)
    role = _data(resources.get(SHARED))
    assert role["Type"] == "AWS::IAM::Role"
    properties = role["Properties"]
    assert properties["RoleName"] == {
        "Fn::Join": ["-", ["bakery", "prod", {"Ref": "AWS::Region"}, "lambdaRole"]]
    }
    assert properties["Path"] == "/"
    assert properties["AssumeRolePolicyDocument"] == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": ["lambda.amazonaws.com"]},
                "Action": ["sts:AssumeRole"],
            }
        ],
    }
    (policy,) = properties["Policies"]
    assert policy["PolicyName"] == {"Fn::Join": ["-", ["bakery", "prod", "lambda"]]}
    assert [each["Action"] for each in policy["PolicyDocument"]["Statement"]] == [
        ["logs:CreateLogStream", "logs:CreateLogGroup", "logs:TagResource"],
        ["logs:PutLogEvents"],
        "s3:GetObject",
    ]
    assert "ManagedPolicyArns" not in properties
    assert "PermissionsBoundary" not in properties


@pytest.mark.parametrize("key", ["permissionsBoundary", "permissionBoundary"])
def test_the_settings_of_the_default_role(key: str) -> None:
    packaged = service(
        BAKE,
        f"iam: {{role: {{name: baker, path: /ovens/, {key}: bound, managedPolicies: [p], tags: {{a: b}}}}}}",
    )
    role = packaged.roles[SHARED]
    assert {name: say(node) for name, node in role.properties.items()} == {
        "RoleName": "baker",
        "Path": "/ovens/",
        "PermissionsBoundary": "bound",
    }
    assert managed(role) == ["p"]


@pytest.mark.parametrize(
    ("functions", "provider", "made"),
    [
        ("{}", "", False),
        (BAKE, "", True),
        (BAKE, "role: BakerRole", False),
        (BAKE, "role: null", False),
        (BAKE, "iam: {role: BakerRole}", False),
        ("bake: {handler: a.b, role: BakerRole}", "", False),
        ("bake: {handler: a.b, role: null}", "", False),
        ("bake: {handler: a.b, role: BakerRole}\nsell: {handler: a.b}", "", True),
    ],
)
def test_when_there_is_a_default_role(functions: str, provider: str, made: bool) -> None:
    assert (SHARED in service(functions, provider).roles) is made


@pytest.mark.parametrize(
    ("version", "new"), [("1", False), ("~2.23.0", False), ("~2.24.0", True), ("2", True), ("3", True)]
)
def test_the_newer_key_counts_from_2_24_on(version: str, new: bool) -> None:
    old = "{Effect: Allow, Action: 's3:PutObject', Resource: '*'}"
    provider = f"iamRoleStatements: [{old}]\niam: {{role: {{statements: [{READ}]}}}}"
    assert lines(service(BAKE, provider, version=version))[2:] == [
        READS if new else "Allow s3:PutObject on *"
    ]


@pytest.mark.parametrize(
    ("role", "existing"),
    [
        ("'arn:aws:iam::111122223333:role/baker'", True),
        ("BakerRole", True),
        ("{Fn::GetAtt: [BakerRole, Arn]}", True),
        ("!Sub 'arn:aws:iam::${AWS::AccountId}:role/baker'", True),
        ("{Fn::ImportValue: baker}", True),
        ("{Fn::Join: ['', [a, b]]}", True),
        ("{Ref: BakerRole}", False),
        ("{statements: []}", False),
    ],
)
def test_what_is_an_existing_role(role: str, existing: bool) -> None:
    assert (SHARED not in service(BAKE, f"iam: {{role: {role}}}").roles) is existing


# -- names -----------------------------------------------------------------------------------------------


def test_names_that_the_framework_makes_of_a_function() -> None:
    assert function_id("one-two_three") == "OneDashtwoUnderscorethreeLambdaFunction"
    assert role_id("one-two_three") == "OneDashtwoUnderscorethreeIamRoleLambdaExecution"
    assert log_group_id("one-two_three") == "OneDashtwoUnderscorethreeLogGroup"
    packaged = service("one-two_three: {handler: a.b}\nsell: {handler: a.b, name: till}")
    names = [packaged.service.function_name(each) for each in packaged.service.functions]
    assert [name.value if isinstance(name, Scalar) else name for name in names] == [
        "bakery-dev-one-two_three",
        "till",
    ]


# -- plugins ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plugins", "own"),
    [
        ("[serverless-iam-roles-per-function]", True),
        ("[./plugins/serverless-iam-roles-per-function]", True),
        ("{modules: [serverless-iam-roles-per-function], localPath: ./plugins}", True),
        ("[serverless-offline]", False),
        ("{localPath: serverless-iam-roles-per-function}", False),
    ],
)
def test_where_the_plugin_is_listed(plugins: str, own: bool) -> None:
    packaged = service("bake: {handler: a.b, iamRoleStatements: []}", more=f"plugins: {plugins}")
    assert ("BakeIamRoleLambdaExecution" in packaged.roles) is own


# -- settings that say nothing of permissions ------------------------------------------------------------


def test_a_stack_policy_is_not_iam() -> None:
    stack = stack_of(
        "  stackPolicy: [{Effect: Allow, Principal: '*', Action: 'Update:*', Resource: '*'}]\n"
        "functions:\n  bake: {handler: a.b}\n"
    )
    assert stack.whole.resource_policies == []
    assert stack.statements == []


def test_deprecations_that_are_silenced_change_nothing() -> None:
    packaged = service(BAKE, more="disabledDeprecations: ['*']\nconfigValidationMode: warn")
    assert notes(packaged) == []
    assert set(packaged.roles) == {SHARED}


def test_an_extension_of_nothing_in_version_one() -> None:
    more = "resources: {extensions: {Oven: {Properties: {A: b}}}}"
    path = "resources.extensions.Oven"
    reason = "it extends 'Oven', which the service does not generate"
    assert notes(service(BAKE, more=more, version="1")) == [("extension", reason, path)]
    assert notes(service(BAKE, more=more, version="2")) == [
        ("extension", f"{reason}; the framework stops there", path)
    ]


def test_params_beside_stages_in_version_four() -> None:
    more = "params: {default: {a: b}}\nstages: {prod: {params: {a: c}}}"
    reason = "Serverless Framework 4 refuses it, so nothing is deployed"
    assert notes(service(BAKE, more=more, version="4")) == [("params beside stages", reason, "params")]
    assert notes(service(BAKE, more=more, version="3")) == []


# -- variables elsewhere ---------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["ours:flour", "vault:flour.sugar", "terraform:outputs:arn", "doppler:x"])
def test_resolvers_of_version_four_are_not_known(source: str) -> None:
    assert value(f"${{{source}}}", framework=V4) == {"Fn::Variable": source}
    assert told(shop(f"${{{source}}}", framework=V4)) == []


def test_what_version_four_leaves_to_others() -> None:
    for text in ("${AWS::Region}", "${PROP:x}", "${iot:ClientId}", "${!Literal:x}", "${foo}"):
        assert value(text, framework=V4) == text


def test_a_sam_template_may_hold_variables_of_the_framework() -> None:
    report = engine.check_text(
        "template.yaml",
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  Bake:\n    Type: AWS::Serverless::Function\n"
        "    Properties:\n      Handler: a.b\n      Policies:\n        - Statement:\n"
        "            - {Effect: Allow, Action: 's3:GetObject', Resource: '${param:shelf}/*'}\n"
        "            - {Effect: Allow, Action: '${param:action}', Resource: '*'}\n",
        Options(),
    )
    assert (report.errors, report.internal, report.templates) == ([], [], 1)
    assert [each.rule for each in report.findings] == []


def test_params_of_a_composed_service_are_not_known(tmp_path: Path) -> None:
    (tmp_path / "till").mkdir()
    (tmp_path / "serverless-compose.yml").write_text(
        "services:\n  till:\n    path: till\n    params: {arn: '${ovens.arn}'}\n"
    )
    (tmp_path / "till" / "serverless.yml").write_text(
        "service: till\nprovider:\n  name: aws\n  iam: {role: {statements: [{Effect: Allow,"
        " Action: 's3:GetObject', Resource: '${param:arn}/*'}]}}\nfunctions: {bake: {handler: a.b}}\n"
    )
    report = engine.check(Options([str(tmp_path / "serverless-compose.yml")]))
    assert (report.errors, report.internal, report.templates, report.findings) == ([], [], 1, [])


# -- parsing ---------------------------------------------------------------------------------------------


def test_json_with_tabs_is_read_by_every_name(tmp_path: Path) -> None:
    text = '{\n\t"service": "bakery",\n\t"provider": {"name": "aws"},\n\t"functions": {"bake": {}}\n}\n'
    for name in ("serverless.yml", "serverless.json"):
        report = engine.check_text(name, text, Options())
        assert (report.errors, report.templates) == ([], 1)


def test_a_star_without_quotes_is_an_error() -> None:
    text = "service: bakery\nprovider:\n  name: aws\n  iamRoleStatements:\n    - Resource: *\n"
    (error,) = engine.check_text("serverless.yml", text, Options()).errors
    assert (error.line, error.column) == (5, 17)
    assert "an unquoted '*' begins an alias" in error.cause


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2012-10-17", "2012-10-17T00:00:00.000Z"),
        ("123456789012", "123456789012"),
        ("012345670123", "12345670123"),
        ("012345678901", "12345678901"),
        ("yes", "yes"),
        ("off", "off"),
        ("1:30", "1:30"),
    ],
)
def test_plain_scalars_in_a_text(written: str, read: str) -> None:
    assert value("a${self:custom.a}", f"a: {written}") == f"a{read}"


@pytest.mark.parametrize(("package_name", "dated"), [("osls", False), ("serverless", True)])
def test_dates_of_osls_4(package_name: str, dated: bool, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text(f'{{"dependencies": {{"{package_name}": "4.1.0"}}}}')
    (tmp_path / "serverless.yml").write_text(
        "service: bakery\nprovider: {name: aws}\nfunctions: {bake: {handler: a.b}}\n"
        "resources:\n  Resources:\n"
        "    P: {Type: 'AWS::IAM::ManagedPolicy', Properties: {PolicyDocument: {Version: 2012-10-17,"
        " Statement: []}}}\n"
    )
    report = engine.check(Options([str(tmp_path)]))
    assert [(each.rule, each.path) for each in report.findings] == [
        ("sls-version-date", "resources.Resources.P.Properties.PolicyDocument.Version")
    ] * dated


def test_osls_makes_the_same_default_role(tmp_path: Path) -> None:
    text = f"service: bakery\nprovider: {{name: aws, iam: {{role: {{statements: [{READ}]}}}}}}\n"
    text += f"functions: {{{BAKE}}}\n"
    assert lines(osls(tmp_path, text, 4)) == lines(package(text)) != []
