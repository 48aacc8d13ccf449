"""Variables of the framework before 2.30, and of services that set their own signs for them."""

from __future__ import annotations

import time

import pytest

from scopedown.template.serverless.variables.legacy import syntax

from .variable_services import V1, V3, Framework, at, either, hole, notes, plain, shop, value, variables

OLD = Framework("serverless", 2, 20)


@pytest.mark.parametrize("framework", [V1, OLD])
@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("${self:service}", "bakery"),
        ("${self:service.name}", "bakery"),
        ("${self:provider}", "aws"),
        ("${self:provider.stage}", "dev"),
        ("${ self:custom.key }", "sn"),
        ("${self:custom.${self:custom.key}}", "bakery"),
        ("${self:custom.empty, 'was empty'}", "was empty"),
        ("${self:custom.no, self:custom.nope, 12}", "12"),
        ("${self:custom.no, true}", "true"),
        ('${self:custom.no, "a, b"}x', "a, bx"),
        ("${self:custom.no, '${self:service}'}", "bakery"),
        ("${self:custom.no, ${self:service}}", "bakery"),
        ("${strToBool(1)}", "true"),
        ("${opt:stage}-x", "dev-x"),
        ("${opt:stage, 'qa'}", "qa"),
        ("n-${self:custom.num}", "n-123"),
        ("${AWS::Region}", "${AWS::Region}"),
        ("${Oven.Arn}", "${Oven.Arn}"),
        ("#{AWS::AccountId}", "#{AWS::AccountId}"),
        ("${self:service", "${self:service"),
        ("${env:A}", {"Fn::Variable": "env:A"}),
        ("${ssm:/oven/key~true}", {"Fn::Variable": "ssm:/oven/key~true"}),
        ("${cf.eu-west-1:till.Arn}", {"Fn::Variable": "cf.eu-west-1:till.Arn"}),
        ("${sls:instanceId}", {"Fn::Variable": "sls:instanceId"}),
        ("${env:A, 'x'}", either("env:A is set", "env:A", "x")),
    ],
)
def test_the_old_grammar(framework: Framework, written: str, read: object) -> None:
    """As serverless 2.72 prints them with its old resolver."""
    custom = "key: sn\nsn: ${self:service}\nempty: {}\nnum: 0123\n"
    assert value(written, custom, framework) == read


def test_what_is_missing_is_only_a_warning() -> None:
    found = shop("${self:custom.no}", framework=V1)
    assert plain(at(found, "custom", "asked")) == hole("self:custom.no")
    assert notes(found) == [("${self:custom.no}", "nothing has this value")]


def test_a_value_that_is_not_known_leaves_the_fallback() -> None:
    assert value("${self:custom.a, 'x'}", "a: ${env:A}", V1) == {
        "Fn::If": ["self:custom.a has a value", hole("self:custom.a"), "x"]
    }


@pytest.mark.parametrize(
    ("expression", "opener", "closer", "excluded"),
    [
        (r"\${([ ~:a-zA-Z0-9._@'\",\-\/\(\)*?]+?)}", "${", "}", ()),
        (r"\${([^{}]+?)}", "${", "}", ()),
        (r"\${{([^{}]+?)}}", "${{", "}}", ()),
        (r"\$\{\{([ ~:a-zA-Z0-9._\'\",\-\/\(\)]+?)\}\}", "${{", "}}", ()),
        (r"\$<([^<>]+?)>", "$<", ">", ()),
        (r"\${(?!AWS)([^{}]+?)}", "${", "}", ("AWS",)),
        (r"[$][{]([^{}]+?)[}]", "${", "}", ()),
        (r"%{([^{}]+?)}", "%{", "}", ()),
    ],
)
def test_signs_of_their_own(expression: str, opener: str, closer: str, excluded: tuple[str, ...]) -> None:
    found = syntax(expression)
    assert found is not None
    assert (found.opener, found.closer, found.excluded) == (opener, closer, excluded)
    text = f"service: gym\nprovider:\n  name: aws\n  variableSyntax: {_yaml(expression)}\n"
    text += f"custom: {{a: {_yaml(f'{opener}self:service{closer}-${{AWS::Region}}')}}}\n"
    assert plain(at(variables(text, V3), "custom", "a")) == "gym-${AWS::Region}"


def test_the_signs_are_not_variables_themselves() -> None:
    text = "service: gym\nprovider:\n  name: aws\n  variableSyntax: '\\${{([^{}]+?)}}'\n"
    found = variables(text + "custom: {a: '${self:service}', b: '${{self:service}}'}\n")
    assert plain(at(found, "custom")) == {"a": "${self:service}", "b": "gym"}
    assert plain(at(found, "provider", "variableSyntax")) == "\\${{([^{}]+?)}}"
    assert notes(found) == []


@pytest.mark.parametrize("expression", [r"(a+)+$", r"\${.*}", "", "(", r"\$[^}]*(x)*", "((((((", r".(x)."])
def test_an_expression_of_another_kind_is_noted(expression: str) -> None:
    assert syntax(expression) is None
    text = f"service: gym\nprovider: {{name: aws, variableSyntax: {_yaml(expression)}}}\n"
    found = variables(text + "custom: {a: '${self:service}'}\n")
    assert plain(at(found, "custom", "a")) == "gym"
    assert notes(found) == [("provider.variableSyntax", "this expression is not understood")]


def test_an_expression_is_never_run() -> None:
    text = (
        "service: gym\nprovider: {name: aws, variableSyntax: '(a+)+b'}\ncustom: {a: '" + "a" * 5000 + "'}\n"
    )
    begin = time.process_time()
    plain(variables(text).root)
    assert time.process_time() - begin < 2


def test_nesting_is_bounded() -> None:
    assert value("${self:" * 200 + "}" * 200, framework=V1)
    assert value("${" * 3000, framework=V1)


def _yaml(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
