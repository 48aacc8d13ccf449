"""Templates of templates are told from templates that hold the same characters in strings."""

from __future__ import annotations

import pytest

from scopedown.source.templated import templated
from scopedown.source.tree import Document


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: {{ x }}\n", 1),
        ("a: 1\nb: [{{x}}, c]\n", 2),
        ("a: 1\n# {% if x %}\nb: 2\n# {%- endif %}\n", 2),
        ("a: <%= name %>\n", 1),
        ("a: 1 # <% if x %>\n", 1),
        ("a: '{{ x }}'\n", None),
        ("a: |\n  {{ x }} {% if y %} <% z %>\n", None),
        ("a: '{% $states.input %}'\n", None),
        ("a: app-{{ env }}\n", None),
        ("a: '{{resolve:ssm:x}}'\nb: {{resolve:ssm:y}}\n", None),
        ("a: { b: {c: d}}\n", None),
        ("a: {{b: c}: d}\n", 1),
        ("# mustache {{ x }} in a comment\na: 1\n", None),
    ],
)
def test_texts_that_parse(text: str, line: int | None) -> None:
    assert templated(Document("t.yaml", text), parsed=True) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\n{% if x %}\nb: 2\n", 2),
        ("a: 1\n  {%- for x in y -%}\n", 2),
        ("a: {{ x }}-b\n", 1),
        ("- !Ref {{ x }}\n", 1),
        ("{{#each x}}\na: b\n", 1),
        ("<% if x %>\na: [\n", 1),
        ("#set($x = 1)\n  #foreach($y in $z)\na: [\n", 1),
        ('{"a": {{ x }}}', 1),
        ("a: [\nb: '{{ x }}'\n", None),
        ('a: [\nb: "{% if x %}"\n', None),
        ("a: [\nb: {{resolve:ssm:x}}\n", None),
        ("a: 'x\nb: '{% $jsonata %}'\n", None),
        ("a: [\n", None),
    ],
)
def test_texts_that_do_not_parse(text: str, line: int | None) -> None:
    assert templated(Document("t.yaml", text), parsed=False) == line


def test_json_that_parses_is_never_templated() -> None:
    assert templated(Document("t.json", '{"a": "{{ x }}"}', "json"), parsed=True) is None
