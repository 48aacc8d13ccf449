"""What is said of YAML that does not parse."""

from __future__ import annotations

import pytest
import yaml

from scopedown.source import yaml_reader
from scopedown.source.tree import Document, InputError
from scopedown.source.yaml_reader import parse_yaml


@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
@pytest.mark.parametrize(
    ("text", "line", "column", "cause"),
    [
        ("Resource: *\nb: 1\n", 1, 11, "an unquoted '*' begins an alias"),
        ("a: *missing\n", 1, 4, "has no anchor '&missing'"),
        ("a:\n  b: 'x\n  c: 1\n", 2, 6, "a quoted value is not closed"),
        ('Resources:\n  A:\n    Type: "AWS::Lam', 3, 11, "a quoted value is not closed"),
        ("a: [b, c\n", 1, 4, "a list in [ ] is not closed"),
        ("a: {b: c\n", 1, 4, "a mapping in { } is not closed"),
        ("a:\n\tb: 1\n", 2, 1, "a tab is used for indentation"),
        ("a: b: c\n", 1, 5, "a ': ' stands where no key can be"),
        ("a:\n  b: 1\n c: 2\n", 3, 2, "fits no block above it"),
        ("a: 'x' (y)\n", 1, 8, "there is text after the end of a value"),
        ("a: !GetAZs !Ref X\n", 1, 12, "!GetAZs and !Ref stand on one value"),
        ("a:\n  - b\n  c: 1\n", 3, 3, "does not begin with '- '"),
        ("a: >\nText\nb: 1\n", 2, 1, "a key without ':' after it"),
        ("a: @x\n", 1, 4, "a plain value cannot begin with '@'"),
        ('a: "\\q"\n', 1, None, "an unknown escape"),
        ("b: \x07\n", 1, 4, "the character U+0007 is not allowed"),
        ("😀: 1\nb: \x07\n", 2, 4, "the character U+0007 is not allowed"),
        ("a: [\n", 2, 1, "the file ends where a value should stand"),
        # what is not closed is told where it begins, however far the parser got
        ("a:\n  b: [x, y\n  c: 1\nd: 2\n", 2, 6, "a list in [ ] is not closed"),
        ("a:\n  b: [\n    x,\n    y\n  c: 1\n", 2, 6, "a list in [ ] is not closed"),
        ("a:\n  b: {x: y,\n    c: 1\nd: 2\n", 2, 6, "a mapping in { } is not closed"),
        ("a: [b, c}\nd: 2\n", 1, 4, "a list in [ ] is not closed"),
        ("a:\n  b: {x: y\n    c: 1}\nd: 2\n", 3, None, "a ',' is missing in a mapping"),
        ('a:\n  b: "x\n  c: 1\n  d: "y"\ne: 2\n', 2, 6, "a quoted value is not closed"),
        ("a:\n  b: 'x\n  c:\n    - d: 'y'\n", 2, 6, "a quoted value is not closed"),
    ],
)
def test_errors_name_place_and_cause(
    text: str, line: int, column: int | None, cause: str, loader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(yaml_reader, "LOADER", getattr(yaml, loader, yaml.SafeLoader))
    with pytest.raises(InputError) as caught:
        parse_yaml(Document("dir/t.yaml", text))
    error = caught.value
    assert error.line == line
    assert column is None or error.column == column
    assert cause in error.cause
    assert error.advice
    assert not error.cause.endswith(".")
    assert str(error).startswith(f"dir/t.yaml:{line}:{error.column}: ")


def test_a_cut_file_of_any_length_never_crashes() -> None:
    text = (
        "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  A: &a\n    Type: AWS::IAM::Role # x\n"
        '    Properties: {P: [!Sub "a", {b: c}], <<: *a}\n    D: |\n      x\n  B: *a\n'
    )
    for end in range(len(text)):
        try:
            parse_yaml(Document("t.yaml", text[:end]))
        except InputError as error:
            assert error.line is not None
            assert error.advice
