"""Every source of variables: what it gives, and what counts where it gives nothing."""

from __future__ import annotations

import pytest

from .variable_services import (
    OSLS,
    V2,
    V3,
    V4,
    Framework,
    Given,
    at,
    either,
    hole,
    notes,
    plain,
    shop,
    value,
    variables,
)

NEW = [V2, V3, V4, OSLS]


@pytest.mark.parametrize("framework", NEW)
def test_self(framework: Framework) -> None:
    custom = "breads: [rye, spelt]\nshop: {owner: {name: Ada}}\nalias: ${self:custom.shop}\n"
    assert value("${self:service}", custom, framework) == "bakery"
    assert value("${self:custom.shop.owner.name}", custom, framework) == "Ada"
    assert value("${self:custom.breads.0}", custom, framework) == "rye"
    assert value("${self:custom.breads}", custom, framework) == ["rye", "spelt"]
    assert value("${self:custom.alias.owner}", custom, framework) == {"name": "Ada"}
    assert value("${self:custom.alias.owner.name}!", custom, framework) == "Ada!"
    assert value("${self:custom.${self:custom.key}.owner.name}", custom + "key: shop", framework) == "Ada"


def test_self_alone_is_the_whole_configuration() -> None:
    found = shop("${self:}", "breads: [rye]")
    everything = at(found, "custom", "asked")
    assert list(plain(everything)) == ["service", "provider", "plugins", "custom"]
    assert plain(everything)["custom"]["breads"] == ["rye"]


@pytest.mark.parametrize(
    "path", ["custom.no", "custom.no.deeper", "custom.breads.7", "service.x", "custom.nil"]
)
def test_what_is_missing_leaves_the_fallback(path: str) -> None:
    custom = "breads: [rye]\nnil: null\n"
    assert value(f"${{self:{path}, 'none'}}", custom) == "none"
    assert value(f"${{self:{path}, self:custom.also.no, 12}}", custom) == "12"
    assert notes(shop(f"${{self:{path}, 'none'}}", custom)) == []
    found = shop(f"${{self:{path}}}", custom)
    assert value(f"${{self:{path}}}", custom) == hole(f"self:{path}")
    assert notes(found) == [(f"${{self:{path}}}", "nothing has this value; the framework stops there")]


def test_literals_keep_their_kind() -> None:
    for written, style in (("12", ""), ("true", ""), ("null", ""), ("'12'", "'"), ('"12"', '"')):
        node = at(shop(f"${{self:custom.no, {written}}}"), "custom", "asked")
        assert (node.value, node.style) == (written.strip("'\""), style)  # type: ignore[attr-defined]


def test_empty_is_not_missing() -> None:
    assert value("${self:custom.e, 'x'}", "e: ''") == ""
    assert value("${self:custom.e, 'x'}", "e: {}") == {}
    assert value("${self:custom.e, 'x'}", "e: false") == "false"


@pytest.mark.parametrize("framework", NEW)
def test_stage(framework: Framework) -> None:
    for given, stage in ((None, "dev"), (Given("prod"), "prod")):
        assert value("${sls:stage}", "", framework, given) == stage
        assert value("${opt:stage}", "", framework, given) == stage
        assert value("${self:provider.stage}", "", framework, given) == "dev"
        assert shop("x", "", framework, given).stage == stage
    assert value("${opt:stage, 'local'}", "", framework) == "local"
    assert value("${opt:stage, 'local'}", "", framework, Given("prod")) == "prod"
    assert value("${opt:stage, self:provider.stage}", "", framework) == "dev"


def test_stage_of_the_provider_is_itself_resolved() -> None:
    def stage(written: str, given: Given | None = None) -> str:
        text = f"service: gym\nprovider: {{name: aws, stage: '{written}'}}\ncustom: {{home: test}}\n"
        return variables(text, V3, given).stage

    assert stage('${opt:stage, "qa"}') == "qa"
    assert stage("${opt:stage, self:custom.home}") == "test"
    assert stage('${env:STAGE, "qa"}') == "qa"
    assert stage("${env:STAGE}", Given(env={"STAGE": "live"})) == "live"
    assert stage("${sls:stage}") == "dev"
    assert stage("${opt:stage}") == "dev"
    assert variables("service: gym").stage == "dev"
    assert variables("service: gym\nprovider: ${self:custom.p}\ncustom: {p: {stage: x}}").stage == "x"


def test_a_stage_that_is_not_known_is_noted() -> None:
    found = variables("service: gym\nprovider: {name: aws, stage: '${env:STAGE}'}")
    assert found.stage == "dev"
    assert notes(found) == [("provider.stage", "it is not known here; 'dev' is analysed")]


def test_region() -> None:
    assert value("${opt:region}") == "eu-west-1"
    assert value("${opt:region, 'us-west-2'}") == "us-west-2"
    assert value("${opt:region, self:provider.region}") == "eu-west-1"
    assert value("${aws:region}") == "eu-west-1"
    assert value("arn:aws:sqs:${aws:region}:1:q") == "arn:aws:sqs:eu-west-1:1:q"
    silent = variables("service: gym\nprovider: {name: aws}\ncustom: ['${aws:region}', '${opt:region}']")
    assert plain(at(silent, "custom")) == ["us-east-1", hole("opt:region")]
    unknown = "service: gym\nprovider: {name: aws, region: '${env:R}'}\ncustom: ['${aws:region}']"
    assert plain(at(variables(unknown), "custom")) == [{"Ref": "AWS::Region"}]


def test_what_older_versions_fill_in() -> None:
    """Versions 1 and 2 put "dev" and "us-east-1" where the provider says nothing."""
    text = (
        "service: gym\nprovider: {name: aws}\ncustom: ['${self:provider.stage}', '${self:provider.region}',"
    )
    text += " '${self:service.name}', '${opt:stage, self:provider.stage}', \"${self:provider.stage, 'x'}\"]"
    assert plain(at(variables(text, V2), "custom")) == ["dev", "us-east-1", "gym", "dev", "dev"]
    assert plain(at(variables(text, V3), "custom")) == ["dev", "us-east-1", "gym", "dev", "x"]


def test_account() -> None:
    assert value("${aws:accountId}") == {"Ref": "AWS::AccountId"}
    joined = {"Fn::Join": ["", ["arn:aws:iam::", {"Ref": "AWS::AccountId"}, ":role/x"]]}
    assert value("arn:aws:iam::${aws:accountId}:role/x") == joined


def test_policy_variables_must_be_escaped() -> None:
    found = shop("arn:aws:s3:::homes/${aws:username}")
    assert notes(found) == [
        (
            "arn:aws:s3:::homes/${aws:username}",
            "'aws:username' is no variable; the framework stops there",
        )
    ]


@pytest.mark.parametrize(
    ("word", "read"), [("true", "true"), ("1", "true"), ("FALSE", "false"), ("0", "false")]
)
def test_str_to_bool(word: str, read: str) -> None:
    node = at(shop(f"${{strToBool({word})}}"), "custom", "asked")
    assert (node.value, node.style) == (read, "")  # type: ignore[attr-defined]
    assert value("${strToBool(${self:custom.on})}", f"on: '{word}'") == read


def test_str_to_bool_of_something_else() -> None:
    assert notes(shop("${strToBool(maybe)}"))[0][1].startswith("'maybe' is neither true nor false")
    assert value("${strToBool(${env:ON})}") == hole("strToBool(${env:ON})")


PARAMS = """\
service: gym
provider: {name: aws, stage: dev}
custom: {asked: '${param:size}', given: '${param:size, "s"}'}
params:
  default: {size: m, other: ''}
  prod: {size: l}
  qa: {size: null}
"""


@pytest.mark.parametrize("framework", NEW)
def test_params(framework: Framework) -> None:
    def size(given: Given) -> str:
        return str(plain(at(variables(PARAMS, framework, given), "custom", "asked")))

    assert size(Given()) == "m"
    assert size(Given("prod")) == "l"
    assert size(Given("qa")) == "m"
    assert size(Given("prod", {"size": "xl"})) == "xl"


def test_a_param_that_the_file_does_not_name_may_still_be_given() -> None:
    assert value("${param:no}") == hole("param:no")
    assert value("${param:no, 'x'}") == either("param:no is given", "param:no", "x")


def test_params_of_stages() -> None:
    text = PARAMS + "stages:\n  prod: {params: {size: xxl}}\n  default: {params: {size: xs, hall: '1'}}\n"
    assert plain(at(variables(text, V4, Given("prod")), "custom", "asked")) == "xxl"
    assert plain(at(variables(text, V4, Given("qa")), "custom", "asked")) == "xs"
    assert plain(at(variables(text, V3, Given("prod")), "custom", "asked")) == "l"


def test_env_is_unknown_unless_it_is_given() -> None:
    assert value("${env:ROLE}") == hole("env:ROLE")
    assert value("${env:ROLE, 'r'}") == either("env:ROLE is set", "env:ROLE", "r")
    given = Given(env={"ROLE": "admin"})
    assert value("${env:ROLE, 'r'}", given=given) == "admin"
    assert value("${env:NO, 'r'}", given=given) == "r"


def test_the_environment_of_this_process_is_never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROLE", "admin")
    assert value("${env:ROLE}") == hole("env:ROLE")


@pytest.mark.parametrize(
    ("written", "source"),
    [
        ("${ssm:/oven/key}", "ssm:/oven/key"),
        ("${ssm(eu-west-1):/oven/key}", "ssm(eu-west-1):/oven/key"),
        ("${ssm(eu-west-1, raw):/oven/key}", "ssm(eu-west-1, raw):/oven/key"),
        ("${ssm:/${sls:stage}/key}", "ssm:/dev/key"),
        ("${ssm:/${env:X}/key}", "ssm:/${env:X}/key"),
        ("${cf:till.Arn}", "cf:till.Arn"),
        ("${cf(us-east-1):till.Arn}", "cf(us-east-1):till.Arn"),
        ("${s3:flour/list}", "s3:flour/list"),
        ("${sls:instanceId}", "sls:instanceId"),
        ("${opt:debug}", "opt:debug"),
        ("${output:till.arn}", "output:till.arn"),
        ("${state:till.arn}", "state:till.arn"),
        ("${git:sha1}", "git:sha1"),
        ("${terraform:outputs:arn}", "terraform:outputs:arn"),
        ("${vault:secret}", "vault:secret"),
    ],
)
def test_what_only_deployment_knows(written: str, source: str) -> None:
    assert value(written) == hole(source)
    assert notes(shop(written)) == []


@pytest.mark.parametrize(
    ("source", "condition"),
    [
        ("opt:debug", "opt:debug is given"),
        ("env:ROLE", "env:ROLE is set"),
        ("ssm:/oven", "ssm:/oven has a value"),
        ("cf:till.Arn", "cf:till.Arn has a value"),
    ],
)
def test_an_unknown_source_keeps_its_fallback(source: str, condition: str) -> None:
    assert value(f"${{{source}, 'x'}}") == either(condition, source, "x")
    assert value(f"${{{source}, self:custom.list}}", "list: [a]") == either(condition, source, ["a"])


def test_several_unknown_sources() -> None:
    assert value("${env:A, env:B, 'c'}") == {
        "Fn::If": ["env:A is set", hole("env:A"), either("env:B is set", "env:B", "c")]
    }
    assert value("${env:A, env:B}") == {"Fn::If": ["env:A is set", hole("env:A"), hole("env:B")]}


def test_an_unknown_address_with_a_fallback() -> None:
    custom = "dev: {size: m}\n"
    assert value("${self:custom.${env:AT, 'dev'}.size}", custom) == {
        "Fn::If": ["env:AT is set", hole("self:custom.${env:AT, 'dev'}.size"), "m"]
    }
    assert value("${self:custom.${env:AT}.size}", custom) == hole("self:custom.${env:AT}.size")


def test_a_source_that_no_plugin_provides() -> None:
    found = variables("service: gym\nprovider: {name: aws}\ncustom: {a: '${git:sha1}'}")
    assert notes(found) == [
        ("git:", "no plugin is listed that could provide this source; the framework stops there")
    ]
