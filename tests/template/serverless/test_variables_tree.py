"""The resolved tree: places, laziness, what was written, cycles, limits, sections that are not known."""

from __future__ import annotations

import time

import pytest

from scopedown.source.tree import Mapping, Node, Scalar, Sequence
from scopedown.template.serverless.variables import evaluation

from .variable_services import V2, Given, at, hole, notes, plain, shop, value, variables

GYM = """\
service: gym
provider: {name: aws, stage: dev}
custom:
  table: members-${sls:stage}
  plain: members
  secret: ${ssm:/gym/secret}
  env: {TABLE: '${self:custom.table}'}
functions:
  join:
    environment: ${self:custom.env}
    table: ${self:custom.table}
    plain: ${self:custom.plain}
    secret: ${self:custom.secret}
"""


def test_a_whole_value_stands_where_its_target_stands() -> None:
    found = variables(GYM)
    table = at(found, "functions", "join", "table")
    plain_ = at(found, "functions", "join", "plain")
    environment = at(found, "functions", "join", "environment")
    assert isinstance(table, Scalar)
    assert isinstance(plain_, Scalar)
    assert (table.value, table.span.line) == ("members-dev", 4)
    assert (plain_.value, plain_.span.line, plain_.style) == ("members", 5, "")
    assert environment.span.line == 7
    assert plain_ is not at(found, "custom", "plain")
    assert plain(environment) == {"TABLE": "members-dev"}


def test_what_was_written() -> None:
    found = variables(GYM)
    for name, text in (
        ("table", "${self:custom.table}"),
        ("plain", "${self:custom.plain}"),
        ("secret", "${self:custom.secret}"),
    ):
        assert found.written(at(found, "functions", "join", name)).span.text == text
    table = at(found, "functions", "join", "environment", "TABLE")
    assert found.written(table).span.text == "'${self:custom.table}'"
    untouched = at(found, "custom", "plain")
    assert found.written(untouched) is untouched
    assert found.written(at(found, "custom", "table")).span.text == "members-${sls:stage}"


def test_a_hole_stands_where_it_is_written() -> None:
    node = at(variables(GYM), "custom", "secret")
    assert isinstance(node, Mapping)
    assert (node.short, node.flow, node.span.text) == (True, True, "${ssm:/gym/secret}")


def test_parts_without_variables_are_the_nodes_as_parsed() -> None:
    found = variables(GYM)
    assert at(found, "provider") is found.source.get("provider")
    assert variables("service: gym\nprovider: {name: aws}").root.get("service") is not None
    bare = variables("service: gym\nprovider: {name: aws}")
    assert bare.root is bare.source


def test_nothing_is_resolved_before_it_is_looked_at() -> None:
    text = "service: gym\nprovider: {name: aws}\ncustom: {deep: {bad: '${self:'}}\n"
    found = variables(text)
    assert found.root.get("custom") is not None
    assert found.notes == []
    plain(found.root)
    assert len(found.notes) == 1


def test_keys_are_never_resolved() -> None:
    found = variables("service: gym\ncustom: {'${self:service}': '${self:service}'}")
    assert plain(at(found, "custom")) == {"${self:service}": "gym"}


def test_variables_behind_aliases_and_escapes() -> None:
    text = 'service: gym\ncustom:\n  a: &a {x: "${self:service}"}\n  b: *a\n  c: {<<: *a}\n'
    assert plain(at(variables(text), "custom"))["b"] == {"x": "gym"}
    assert plain(at(variables(text), "custom"))["c"] == {"x": "gym"}
    assert plain(at(variables('{"service": "gym", "custom": {"a": "\\u0024{self:service}"}}'), "custom")) == {
        "a": "gym"
    }


def test_lists_in_lists_stay_nested() -> None:
    assert value("x", "list: [a, '${self:custom.more}']\nmore: [b]\n") == "x"
    found = shop("${self:custom.list}", "list: [a, '${self:custom.more}']\nmore: [b]\n")
    assert plain(at(found, "custom", "asked")) == ["a", ["b"]]


# -- cycles ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "custom",
    [
        "a: ${self:custom.a}",
        "a: ${self:custom.b}\nb: ${self:custom.a}",
        "a: x-${self:custom.b}\nb: y-${self:custom.a}",
        "a: ${self:custom.${self:custom.b}}\nb: ${self:custom.a}",
        "a: ${self:custom}",
        "a: {b: {c: '${self:custom.a}'}}",
        "a: ${self:}",
        "a: {x: '${self:custom.b}'}\nb: {y: '${self:custom.a}'}",
        "a: ${self:custom.b}\nb: [1, '${self:custom.a}']",
        "a: ${self:custom.t}\nt: ${self:custom.c}\nc: {x: '${self:custom.t}'}",
    ],
)
def test_cycles_end(custom: str) -> None:
    reasons = [reason for _, reason in notes(shop("${self:custom.a}", custom))]
    assert reasons
    assert all(reason.startswith("it refers to itself") for reason in reasons)


def test_what_is_no_cycle() -> None:
    custom = "all: {a: 1, b: '${self:custom.all.a}', c: '${self:custom.all.b}'}\n"
    found = shop("${self:custom.all}", custom)
    assert plain(at(found, "custom", "asked")) == {"a": "1", "b": "1", "c": "1"}
    assert notes(found) == []


def test_a_long_chain_ends() -> None:
    custom = "".join(f"a{n}: ${{self:custom.a{n + 1}}}\n" for n in range(500)) + "a500: x\n"
    assert value("${self:custom.a480}", custom) == "x"
    found = shop("${self:custom.a0}", custom)
    assert at(found, "custom", "asked")
    assert "lead to each other" in found.notes[0][1]


def test_a_deep_tree_of_variables_ends() -> None:
    custom = "".join(f"a{n}: {{x: '${{self:custom.a{n + 1}}}'}}\n" for n in range(500)) + "a500: x\n"
    found = shop("${self:custom.a0}", custom)
    assert any("levels" in reason for _, reason in notes(found))


# -- limits ------------------------------------------------------------------------------------------


def test_text_that_doubles_is_bounded() -> None:
    custom = "a0: xxxxxxxxxx\n" + "".join(
        f"a{n + 1}: ${{self:custom.a{n}}}${{self:custom.a{n}}}\n" for n in range(30)
    )
    found = shop("${self:custom.a30}", custom)
    assert f"more than {evaluation.MAX_TEXT:,} characters" in notes(found)[0][1]
    assert len(found.notes) == 1


def test_trees_that_double_are_bounded() -> None:
    custom = "".join(f"a{n}: ['${{self:custom.a{n + 1}}}', '${{self:custom.a{n + 1}}}']\n" for n in range(30))
    found = shop("${self:custom.a0}", custom + "a30: x\n")
    begin = time.process_time()
    assert (f"the service has more than {evaluation.MAX_RESOLVED:,} variables") in [
        reason for _, reason in _walked(found.root, found)
    ]
    assert time.process_time() - begin < 30


def _walked(node: Node | None, found: object) -> list[tuple[str, str]]:
    """The notes after a walk that stops at the first note."""
    stack: list[Node | None] = [node]
    while stack and not found.notes:  # type: ignore[attr-defined]
        each = stack.pop()
        if isinstance(each, Mapping):
            stack += [value for _, value in each.entries]
        elif isinstance(each, Sequence):
            stack += each.items
    return [(what, reason) for what, reason, _ in found.notes]  # type: ignore[attr-defined]


def test_a_large_service_is_read_quickly() -> None:
    text = GYM + "".join(
        f"  f{n}:\n    environment: ${{self:custom.env}}\n    table: t-${{self:custom.table}}\n"
        for n in range(40)
    )
    found = variables(text)
    begin = time.process_time()
    plain(found.root)
    assert time.process_time() - begin < 0.25  # about 3 ms; the rest is for slow machines


# -- sections ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("functions: ${file(functions.js)}", "functions"),
        ("functions: {join: '${env:F}'}", "functions.join"),
        ("functions: {join: {events: '${env:F}'}}", "functions.join.events"),
        ("functions: {join: {iamRoleStatements: '${env:F}'}}", "functions.join.iamRoleStatements"),
        ("functions: {join: {iamRoleStatements: ['${env:F}']}}", "functions.join.iamRoleStatements[0]"),
        ("provider: ${env:F}", "provider"),
        ("provider: {iamRoleStatements: '${env:F}'}", "provider.iamRoleStatements"),
        ("provider: {iam: {role: {statements: '${env:F}'}}}", "provider.iam.role.statements"),
        ("resources: ['${env:F}']", "resources[0]"),
        ("resources: {Resources: '${env:F}'}", "resources.Resources"),
        ("resources: {Resources: {Role: '${env:F}'}}", "resources.Resources.Role"),
        ("plugins: ${env:F}", "plugins"),
    ],
)
def test_a_section_that_is_not_known_is_noted(text: str, what: str) -> None:
    ((noted, reason),) = notes(variables("service: gym\n" + text))
    assert noted == what
    assert reason.endswith("is not known here")


@pytest.mark.parametrize(
    "text",
    [
        "functions: {join: {handler: '${env:H}', role: '${env:R}'}}",
        "functions: {join: {environment: {A: '${env:A}'}}}",
        "provider: {iam: {role: '${env:R}'}}",
        "provider: {iamRoleStatements: [{Effect: Allow, Action: '${env:A}', Resource: '${env:R}'}]}",
        "resources: {Resources: {Role: {Properties: {RoleName: '${env:N}'}}}}",
        "custom: {a: '${env:A}'}",
    ],
)
def test_other_holes_show_themselves(text: str) -> None:
    assert notes(variables("service: gym\n" + text)) == []


def test_the_fallback_of_a_section_is_read() -> None:
    text = "service: gym\ncustom: {s: [{Effect: Allow}]}\n"
    text += "provider: {iamRoleStatements: '${env:S, self:custom.s}'}\n"
    found = variables(text)
    assert plain(at(found, "provider", "iamRoleStatements")) == [{"Effect": "Allow"}]
    assert notes(found) == [
        (
            "provider.iamRoleStatements",
            "'${env:S, self:custom.s}' may be something else; its fallback is read",
        )
    ]


def test_a_member_of_a_list_stays_a_choice() -> None:
    text = "service: gym\nfunctions: {join: {table: '${env:S, self:service}'}}\n"
    assert plain(at(variables(text), "functions", "join", "table")) == {
        "Fn::If": ["env:S is set", hole("env:S"), "gym"]
    }


# -- stages ------------------------------------------------------------------------------------------


def test_every_stage_that_the_service_names() -> None:
    text = """\
        service: gym
        provider: {name: aws, stage: "${opt:stage, 'qa'}"}
        params: {default: {a: 1}, prod: {a: 2}}
        stages: {default: {}, live: {params: {a: 3}}}
        custom:
          size: {qa: 1, load: 2, default: 3}
          unused: {x: 1}
          now: ${self:custom.size.${sls:stage}, self:custom.size.default}
        """
    assert variables(text).stages() == ["qa", "live", "prod", "load"]
    assert variables(text, given=Given("prod")).stages() == ["prod", "live", "qa", "load"]
    assert variables("service: gym").stages() == ["dev"]


def test_the_old_resolver_only_warns() -> None:
    assert notes(shop("${self:custom.no}", framework=V2)) == [("${self:custom.no}", "nothing has this value")]
