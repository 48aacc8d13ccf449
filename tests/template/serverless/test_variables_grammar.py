"""Placeholders as the framework reads them since 2.30: what is one, what is left alone, what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scopedown.template.serverless.variables.placeholders import Placeholder, SyntaxProblem, parse

from .variable_services import OSLS, V1, V2, V3, V4, plain, shop, value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from scopedown.template.serverless.variables.placeholders import Part


def shape(parts: list[Part]) -> list[object]:
    """Parts with placeholders as lists of (type, params, address) or (literal, style)."""
    return [
        part
        if isinstance(part, str)
        else [
            (
                source.type,
                None if source.params is None else [shape(each) for each in source.params],
                None if source.address is None else shape(source.address),
            )
            if source.type
            else (source.literal, source.style)
            for source in part.sources
        ]
        for part in parts
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("rye", ["rye"]),
        ("${self:a.b}", [[("self", None, ["a.b"])]]),
        ("${self:}", [[("self", None, None)]]),
        ("x-${self:a}-y", ["x-", [("self", None, ["a"])], "-y"]),
        ("${file(a.yml)}", [[("file", [["a.yml"]], None)]]),
        ("${file( a.yml ) : b.c }", [[("file", [["a.yml"]], ["b.c"])]]),
        ("${ssm(eu-west-1, raw):/oven/key}", [[("ssm", [["eu-west-1"], ["raw"]], ["/oven/key"])]]),
        ("${opt:stage, 'dev'}", [[("opt", None, ["stage"]), ("dev", "'")]]),
        ('${opt:stage, "a\\"b"}', [[("opt", None, ["stage"]), ('a"b', '"')]]),
        ("${opt:n, 12}", [[("opt", None, ["n"]), ("12", "")]]),
        ("${opt:n, -1.5}", [[("opt", None, ["n"]), ("-1.5", "")]]),
        ("${opt:n, true}", [[("opt", None, ["n"]), ("true", "")]]),
        ("${opt:n, null}", [[("opt", None, ["n"]), ("null", "")]]),
        ("${opt:n, env:N, self:n}", [[("opt", None, ["n"]), ("env", None, ["N"]), ("self", None, ["n"])]]),
        ("${self:a.${opt:b}.c}", [[("self", None, ["a.", [("opt", None, ["b"])], ".c"])]]),
        ("${file(${opt:f}.yml):k}", [[("file", [[[("opt", None, ["f"])], ".yml"]], ["k"])]]),
        ("${self:'a, b'}", [[("self", None, ["a, b"])]]),
        ("${strToBool('1')}", [[("strToBool", [["1"]], None)]]),
    ],
)
def test_placeholders(text: str, parts: list[object]) -> None:
    assert shape(parse(text)) == parts


@pytest.mark.parametrize(
    "text",
    [
        "${foo}",
        "${foo.Arn}",
        "${Foo.Arn}",
        "${AWS::Region}",
        "${Foo:bar}",
        "${foo::bar}",
        "${!Literal}",
        "${}",
        "${self",
        "$self:a}",
        "{self:a}",
        "{{resolve:ssm:/oven}}",
        "costs $5 ${",
    ],
)
def test_what_is_left_to_cloudformation(text: str) -> None:
    assert "".join(str(part) for part in parse(text)) == text
    assert not any(isinstance(part, Placeholder) for part in parse(text))
    assert value(text) == text


def test_a_placeholder_within_what_is_left_alone() -> None:
    assert value("${Foo${self:service}.Arn}") == "${Foobakery.Arn}"
    assert value("${${self:service}Table}") == "${bakeryTable}"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (r"\${self:service}", "${self:service}"),
        (r"x\\${self:service}", r"x\bakery"),
        (r"x\\\${self:service}", r"x\${self:service}"),
        (r"\${aws:username}/*", "${aws:username}/*"),
        (r"\$x", r"\$x"),
        ("a$${self:service}b", "abakeryb"),
    ],
)
def test_escapes(text: str, read: str) -> None:
    """As serverless 3.40 prints them."""
    assert value(text) == read


def test_an_escape_is_used_up_by_the_first_reading() -> None:
    """A value that is asked for is looked through again: as serverless 3.40 prints it."""
    assert value("${self:custom.plain}", r"plain: '\${self:service}'") == "bakery"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("${self:a", "a closing brace is missing"),
        ("${self:a, }", "no variable source"),
        ("${self:a, rye}", "no variable source and no literal"),
        ("${self:a, 'b', self:c}", "nothing may follow the string"),
        ("${self:a, 'b}", "a closing quote is missing"),
        ("${file(a}", "a closing parenthesis is missing"),
        ("${file(a)b}", "no address"),
        ("${self:${Foo}}", "no variable source"),
        ("${self:a, ${self:b}}", "no variable source"),
        ("${opt:x, 1.2.3}", "no variable source and no literal"),
    ],
)
def test_what_is_refused(text: str, why: str) -> None:
    with pytest.raises(SyntaxProblem, match=why):
        parse(text)
    found = shop(text)
    assert list(plain(found.root)["custom"]["asked"]) == ["Fn::Variable"]
    ((_, reason, node),) = found.notes
    assert why in reason
    assert reason.endswith("the framework stops there")
    assert node.span.line == 5


@pytest.mark.parametrize("framework", [V2, V4])
def test_versions_that_take_a_placeholder_as_fallback(framework: object) -> None:
    assert value("${self:custom.no, ${self:service}}", framework=framework) == "bakery"  # type: ignore[arg-type]


def test_version_4_leaves_more_alone() -> None:
    assert value("${iot:Connection.Thing.ThingName}", framework=V4) == "${iot:Connection.Thing.ThingName}"
    assert value("${iot:x}", framework=V3) == {"Fn::Variable": "iot:x"}


def test_nesting_is_bounded() -> None:
    with pytest.raises(SyntaxProblem, match="nested"):
        parse("${self:" * 50 + "}" * 50)
    with pytest.raises(SyntaxProblem, match="nested"):
        parse("${Foo" * 5000)


PIECES = st.sampled_from(
    [
        "${",
        "}",
        "$",
        "\\",
        "self:",
        "opt:stage",
        "custom",
        ".",
        ",",
        " ",
        "'",
        '"',
        "(",
        ")",
        ":",
        "::",
        "AWS",
        *(
            "file(",
            "env:X",
            "a.yml",
            "0",
            "true",
            "null",
            "[",
            "]",
            "~",
            "\n",
            "é",
            "param:",
            "aws:",
            "{{",
            "/",
        ),
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join), st.sampled_from([V1, V2, V3, V4, OSLS]))
def test_no_text_raises(text: str, framework: object) -> None:
    custom = f"other: {_quoted(text)}\nuser: ${{self:custom.other}}/*\n"
    found = shop("${self:custom.other}", custom, framework)  # type: ignore[arg-type]
    assert list(plain(found.root)["custom"]) == ["asked", "other", "user"]
    assert found.stage == "dev"


@given(st.text(alphabet=st.characters(exclude_characters="$\\", codec="utf-8"), max_size=30))
def test_text_without_signs_is_itself(text: str) -> None:
    assert "".join(str(part) for part in parse(text)) == text


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
