"""serverless.ts and serverless.js: literals with their places, holes for the rest, nothing is run."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scopedown.source.javascript_reader import MAX_CHARACTERS, NotLiteral, parse_javascript
from scopedown.source.tree import Document, InputError, Mapping

from .trees import at, mapping, nodes, plain, scalar

GYM = """\
import type { AWS } from '@serverless/typescript';
import book from '@functions/book';

// the table of members { not closed
const table = 'Members', stage = "dev";
const shared = { memorySize: 256, tags: ['gym'] as const };
const serverlessConfiguration: AWS & { custom?: Record<string, unknown> } = {
  service: 'gym',
  provider: {
    name: 'aws',
    ...shared,
    environment: { TABLE: table, NAME: `${table}-${stage}`, KEY: process.env.KEY },
    iam: { role: { statements: [{ Effect: 'Allow', Action: ['dynamodb:*'], Resource: '*' }, ...more] } },
  },
  functions: { book, 'cancel-all': { handler: 'src/cancel.handler', timeout: 30, }, ...imported },
} as const;

module.exports = serverlessConfiguration;
"""


def javascript(text: str) -> Mapping:
    return parse_javascript(Document("serverless.ts", text, "javascript"))


def read(expression: str, before: str = "") -> object:
    return plain(at(javascript(f"{before}\nmodule.exports = {{ x: {expression} }};"), "x"))


def hole(text: str) -> dict[str, str]:
    return {"Fn::Variable": text}


def test_a_service_with_its_places() -> None:
    root = javascript(GYM)
    assert plain(root) == {
        "service": "gym",
        "provider": {
            "name": "aws",
            "memorySize": "256",
            "tags": ["gym"],
            "environment": {"TABLE": "Members", "NAME": "Members-dev", "KEY": hole("process.env.KEY")},
            "iam": {
                "role": {
                    "statements": [
                        {"Effect": "Allow", "Action": ["dynamodb:*"], "Resource": "*"},
                        hole("...more"),
                    ]
                }
            },
        },
        "functions": {
            "book": hole("book"),
            "cancel-all": {"handler": "src/cancel.handler", "timeout": "30"},
            "...": hole("...imported"),
        },
    }
    action = scalar(root, "provider", "iam", "role", "statements", 0, "Action", 0)
    assert (action.span.line, action.span.column, action.span.text) == (13, 61, "'dynamodb:*'")
    assert (action.value, action.style) == ("dynamodb:*", "'")
    statement = mapping(root, "provider", "iam", "role", "statements", 0)
    assert statement.span.text == "{ Effect: 'Allow', Action: ['dynamodb:*'], Resource: '*' }"
    assert statement.flow
    assert not statement.short
    variable = mapping(root, "functions", "book")
    assert (variable.span.line, variable.span.text, variable.short, variable.flow) == (15, "book", True, True)
    resolved = scalar(root, "provider", "environment", "TABLE")
    assert (resolved.span.line, resolved.span.text) == (5, "'Members'")
    key = mapping(root, "functions").key_node("cancel-all")
    assert key is not None
    assert (key.span.text, key.style) == ("'cancel-all'", "'")


@pytest.mark.parametrize(
    "text",
    [
        "module.exports = {service: 'gym'}",
        "module.exports = exports = {service: 'gym'};",
        "exports = module.exports = {service: 'gym'}",
        "module.exports.default = {service: 'gym'}",
        "exports.default = {service: 'gym'}",
        "export default {service: 'gym'} satisfies AWS",
        "export default <AWS>{service: 'gym'};",
        "export = {service: 'gym'}",
        "#!/usr/bin/env node\nconst gym: AWS = {service: 'gym'}\nexport default gym as AWS",
        "let gym = {service: 'gym'}, other\nexport { other, gym as default }",
        "const gym = {service: 'gym'} as const\nconst also = gym\nmodule.exports = (also)",
        "module.exports = (async () => { const name = 'gym'\n return {service: name} })()",
        "module.exports = async () => ({service: 'gym'})",
        "export default function () { /* } */ return {service: 'gym'}; }",
        "type A = { x: 1 }\ninterface B { service: string }\nexport default {service: 'gym'}",
        "class C { m() {} }\nexport default {service: 'gym'}",
        "const re = /[/}]'/, half = 4 / 2 / 1\nmodule.exports = {service: 'gym'}",
    ],
)
def test_what_is_exported(text: str) -> None:
    assert plain(javascript(text)) == {"service": "gym"}


@pytest.mark.parametrize(
    ("expression", "value", "style"),
    [
        ("'a\\'b\\n\\x41\\u00e9\\u{1F600}\\ud83d\\ude00\\q'", "a'b\nAé😀😀q", "'"),
        ('"a\\\nb"', "ab", '"'),
        ("'\\ud83d'", "\ufffd", "'"),
        ("`a\r\nb`", "a\nb", '"'),
        ("`\\${self:service}-x`", "${self:service}-x", '"'),
        ("'${self:service}'", "${self:service}", "'"),
        ("'arn:aws:s3:::' + \"cakes\" + '/*'", "arn:aws:s3:::cakes/*", '"'),
        ("'a' + 1", "a1", '"'),
        ("true", "true", ""),
        ("null", "null", ""),
        ("undefined", "null", ""),
        ("-5", "-5", ""),
        ("1_000", "1000", ""),
        ("0x10", "16", ""),
        ("1.50", "1.50", ""),
        ("3.0", "3", ""),
        ("('a' as string)!", "a", "'"),
    ],
)
def test_scalars(expression: str, value: str, style: str) -> None:
    node = scalar(javascript(f"module.exports = {{ x: {expression} }}"), "x")
    assert (node.value, node.style) == (value, style)


@pytest.mark.parametrize(
    "expression",
    [
        *("hello", "require('./book')", "process.env.X || 'a'", "() => ({ a: 1 })", "new Date()", "!flag"),
        *("`a-${b}`", "/a/g", "flag ? 'a' : 'b'", "'a' + b", "1 + 2", "10n", "tag`a`", "await load()"),
    ],
)
def test_what_is_not_literal_is_a_hole(expression: str) -> None:
    root = javascript(f"module.exports = {{ x: {expression} }}")
    assert plain(root) == {"x": hole(expression)}
    assert at(root, "x").span.text == expression


def test_a_hole_shows_its_expression_in_short() -> None:
    assert read("load(\n  'a', // note\n  1\n)") == hole("load('a', 1)")
    long = read("[" + ", ".join(f"call({number})" for number in range(40)) + "].map(one)")
    assert isinstance(long, dict)
    assert long["Fn::Variable"].startswith("[call(0), call(1)")
    assert long["Fn::Variable"].endswith("… (line 2)")


@pytest.mark.parametrize(
    ("before", "expression", "expected"),
    [
        ("const a = 'x'", "a", "x"),
        ("const a = {b: {c: ['x']}}", "a.b['c'][0]", "x"),
        ("const a = {b: 1}", "a.c", hole("a.c")),
        ("const a = require('a')", "a", hole("a")),
        ("const a = b, b = a", "a", hole("a")),
        ("const a = {b: a}", "a", {"b": hole("a")}),
        ("const { a } = {a: 1}", "a", hole("a")),
        ("let a = 'x'\na = 'y'", "a", hole("a")),
        ("const a = {b: 1}\na.c = 2", "a", {"b": "1", "...": hole("a.c")}),
        ("const a = {b: 1}\nObject.assign(a, more)", "a", {"b": "1", "...": hole("a")}),
        ("const a = [1]\na.push(2)", "a", ["1", hole("a.push")]),
        ("const a = [1], b = [0, ...a]", "[...b, ...b]", ["0", "1", "0", "1"]),
        ("const a = {b: 1, c: 2}", "{b: 0, ...a, c: 3}", {"b": "1", "c": "3"}),
        ("const a = {...b, c: 2}", "{...a}", {"c": "2", "...": hole("...a")}),
        ("", "{...a, b: 1, [c]: 2}", {"b": "1", "...": hole("...a, [c]: 2")}),
        ("", "{...a, ...a, ...b, ...c, ...d, ...e, ...f}", {"...": hole("...a, ...b, ...c, ...d, ...e, …")}),
        ("const a = 'k'", "{[a]: 1, ['l']: 2, 3: 4}", {"k": "1", "l": "2", "3": "4"}),
        ("", "{ m() { return {a: 1} }, get g() { return 1 } }", None),
        ("", "[{}, , [],]", [{}, []]),
        ("", "{ a: f as Map<string, X>, b: 1 }", {"a": hole("f"), "b": "1"}),
    ],
)
def test_names_spreads_and_methods(before: str, expression: str, expected: object) -> None:
    if expected is None:
        expected = {"m": hole("m() { return {a: 1} }"), "g": hole("get g() { return 1 }")}
    assert read(expression, before) == expected


def test_a_key_written_twice() -> None:
    root = javascript("const base = {b: 0}\nmodule.exports = {a: 1, b: 2, a: 3, ...base}")
    assert plain(root) == {"a": "3", "b": "0"}
    assert [key.span.column for key in root.duplicates] == [19]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", None),
        ("const serverless = require('serverless-http');\nmodule.exports.handler = serverless(app)", None),
        ("const x = {service: 'gym'}", None),
        ("\nmodule.exports = define({service: 'gym'})", 2),
        ("module.exports = () => { if (x) { return {} } }", 1),
        ("module.exports = () => { return {}; return {} }", 1),
        ("export default [1]", 1),
        ("const a = b, b = a\nexport default a", 2),
    ],
)
def test_no_object_is_exported(text: str, line: int | None) -> None:
    with pytest.raises(NotLiteral) as caught:
        javascript(text)
    assert caught.value.cause == "no object literal is exported"
    assert ".serverless/cloudformation-template-update-stack.json" in caught.value.advice
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("text", "line", "cause"),
    [
        ("module.exports = {\n a: [1\n}", 3, "'}' closes nothing"),
        ("\nmodule.exports = {", 2, "'{' is not closed"),
        ("module.exports = {a: 'x\n'}", 1, "a string is not closed"),
        ("\nmodule.exports = {a: `x", 2, "a template string is not closed"),
        ("module.exports = {a: `x${1`}", 1, "a template string is not closed"),
        ("/* a\nmodule.exports = {}", 1, "a comment is not closed"),
        ("module.exports = {a: /x\n}", 1, "a regular expression is not closed"),
        ("module.exports = {a: , b: 1}", 1, "a value is missing"),
        ("module.exports = {a: " + "[" * 101 + "]" * 101 + "}", 1, "more than 100 levels"),
        ("module.exports = " + "{[[" * 60 + "]]:1}" * 60, 1, "more than 100 levels"),
        (" " * (MAX_CHARACTERS + 1), None, "more than 1,000,000 characters"),
    ],
)
def test_errors(text: str, line: int | None, cause: str) -> None:
    with pytest.raises(InputError) as caught:
        javascript(text)
    assert not isinstance(caught.value, NotLiteral)
    assert cause in caught.value.cause
    assert caught.value.line == line
    assert caught.value.advice


def test_names_do_not_expand_without_bound() -> None:
    doubled = "".join(f"const a{n} = [a{n - 1}, a{n - 1}]\n" for n in range(1, 40))
    with pytest.raises(InputError, match="more than 250,000 nodes"):
        javascript(f"const a0 = ['x']\n{doubled}module.exports = {{a: a39}}")
    chain = "".join(f"const a{n} = a{n - 1}\n" for n in range(1, 2000))
    with pytest.raises(InputError, match="more than 100 levels"):
        javascript(f"const a0 = 'x'\n{chain}module.exports = {{a: a1999}}")


def _mutated(draw: st.DrawFn) -> str:
    text = GYM
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(text)))
        length = draw(st.sampled_from([0, 1, 4, 30]))
        piece = draw(
            st.sampled_from(["", *"{}[]()`'\"/\\.:,+=<>!", "${", "...", "=>", "//", "as x", "\n", "0x"])
        )
        text = text[:place] + piece + text[place + length :]
    return text


@settings(max_examples=300, deadline=None)
@given(st.composite(_mutated)())
def test_broken_files_are_read_or_refused(text: str) -> None:
    try:
        root = javascript(text)
    except InputError as error:
        assert error.advice
        return
    for node in nodes(root):
        assert 0 <= node.start <= node.end <= len(text)


@pytest.mark.parametrize(
    "part",
    [
        "a{0}: '{0}', ",
        "a{0}: [{{b: `x`}}, f({0})], ",
        "...x, ",
        "a{0}: 1 + 2 + y / 3, ",
        "/* note */ // end\n",
    ],
)
def test_the_time_grows_with_the_size(part: str) -> None:
    def seconds(count: int) -> float:
        text = "module.exports = {" + "".join(part.format(index) for index in range(count)) + "}"
        best = 9.0
        for _ in range(2):
            began = time.process_time()
            javascript(text)
            best = min(best, time.process_time() - began)
        return best

    assert seconds(3200) < 24 * max(seconds(400), 0.002)
