"""Loops and includes are written out: what they stand for, and where it stands in the file."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from scopedown.source.reader import Reader
from scopedown.source.tree import Document, Mapping, Node, Scalar, Sequence
from scopedown.source.yaml_reader import parse_yaml
from scopedown.values.intrinsics import Resolver


def resolver_of(
    text: str, given: dict[str, str] | None = None, path: str = "t.yaml", root: str = ""
) -> Resolver:
    (tree,) = parse_yaml(Document(path, textwrap.dedent(text)))
    assert isinstance(tree, Mapping)
    return Resolver(tree, given, Reader(root) if root else None)


def plain(node: Node | None) -> object:
    """A tree as Python values."""
    if isinstance(node, Mapping):
        return {key.value: plain(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.value if isinstance(node, Scalar) else None


def section(resolver: Resolver, name: str) -> dict[str, object]:
    found = plain(resolver.root.get(name))
    assert isinstance(found, dict)
    return found


LOOP = """
Transform: AWS::LanguageExtensions
Parameters:
  Names: {Type: CommaDelimitedList, Default: 'a-1, b-2'}
  Bare: {Type: CommaDelimitedList}
  Stage: {Type: String, AllowedValues: [dev, prod]}
Mappings:
  Teams: {all: {Names: [red, blue]}, dev: {Names: [x]}, prod: {Names: [y]}}
Conditions:
  IsDev: !Equals [!Ref Stage, dev]
  'Fn::ForEach::Wanted':
    - Name
    - [One, Two]
    - 'Want${Name}': !Equals [!Ref Stage, !Ref Name]
Resources:
  'Fn::ForEach::Topics':
    - Name
    - COLLECTION
    - 'Topic&{Name}':
        Type: AWS::SNS::Topic
        Condition: IsDev
        Properties:
          TopicName: !Join ['.', [!Ref Name, fifo]]
          Other: !Sub 'x-${Name}-${AWS::Region}'
          Plain: 'y-${Name}-&{Name}'
          Kept: !Ref Stage
  Last: {Type: 'AWS::SNS::Topic'}
Outputs:
  'Fn::ForEach::Outs':
    - Name
    - [One]
    - 'Out${Name}': {Value: !GetAtt 'Topic${Name}.Arn'}
"""


@pytest.mark.parametrize(
    ("collection", "names"),
    [
        ("[a-1, b-2]", ["a-1", "b-2"]),
        ("!Ref Names", ["a-1", "b-2"]),
        ("!FindInMap [Teams, all, Names]", ["red", "blue"]),
        ("!Split ['|', 'p|q']", ["p", "q"]),
        ("[]", []),
    ],
)
def test_a_loop_over_resources(collection: str, names: list[str]) -> None:
    resolver = resolver_of(LOOP.replace("COLLECTION", collection))
    resources = section(resolver, "Resources")
    assert list(resources) == [f"Topic{name.replace('-', '')}" for name in names] + ["Last"]
    for name in names:
        assert resources[f"Topic{name.replace('-', '')}"] == {
            "Type": "AWS::SNS::Topic",
            "Condition": "IsDev",
            "Properties": {
                "TopicName": {"Fn::Join": [".", [name, "fifo"]]},
                "Other": {"Fn::Sub": f"x-{name}-${{AWS::Region}}"},
                "Plain": f"y-{name}-{name.replace('-', '')}",
                "Kept": {"Ref": "Stage"},
            },
        }
    assert not resolver.notes


@pytest.mark.parametrize(
    "collection",
    [
        "!Ref Bare",
        "!FindInMap [Teams, !Ref Stage, Names]",
        "!If [IsDev, [a], [b]]",
        "[a, !Ref Stage]",
        "!ImportValue x",
        "!Ref Last",
    ],
)
def test_a_collection_that_is_not_known_is_noted_and_never_guessed(collection: str) -> None:
    resolver = resolver_of(LOOP.replace("COLLECTION", collection))
    assert list(section(resolver, "Resources")) == ["Last"]
    section(resolver, "Resources")
    ((what, reason, node),) = resolver.notes
    assert (what, reason) == ("Fn::ForEach::Topics", "what it loops over is not known here")
    assert node.span.text == "'Fn::ForEach::Topics'"


def test_a_collection_given_from_outside() -> None:
    resolver = resolver_of(LOOP.replace("COLLECTION", "!Ref Bare"), {"Bare": "x,y"})
    assert list(section(resolver, "Resources")) == ["Topicx", "Topicy", "Last"]


def test_loops_in_conditions_and_outputs() -> None:
    resolver = resolver_of(LOOP.replace("COLLECTION", "[a]"))
    assert list(section(resolver, "Conditions")) == ["IsDev", "WantOne", "WantTwo"]
    assert resolver.guard("WantOne").is_never
    assert not resolver.guard("IsDev").is_never
    assert section(resolver, "Outputs") == {"OutOne": {"Value": {"Fn::GetAtt": "TopicOne.Arn"}}}


def test_a_loop_inside_properties_and_loops_in_loops() -> None:
    resolver = resolver_of(
        """
        Mappings: {Ports: {red: {All: ['1', '2']}, blue: {All: ['3']}}}
        Resources:
          Fn::ForEach::Outer:
            - Team
            - [red, blue]
            - Thing${Team}:
                Type: AWS::X::Y
                Properties:
                  Fixed: f
                  Fn::ForEach::Inner:
                    - Port
                    - !FindInMap [Ports, !Ref Team, All]
                    - P${Port}: {Name: 'n-${Team}-${Port}'}

        """
    )
    assert section(resolver, "Resources") == {
        "Thingred": {
            "Type": "AWS::X::Y",
            "Properties": {"Fixed": "f", "P1": {"Name": "n-red-1"}, "P2": {"Name": "n-red-2"}},
        },
        "Thingblue": {"Type": "AWS::X::Y", "Properties": {"Fixed": "f", "P3": {"Name": "n-blue-3"}}},
    }


def test_nodes_stand_where_the_loop_is_written() -> None:
    resolver = resolver_of(LOOP.replace("COLLECTION", "[a, b]"))
    resources = resolver.root.get("Resources")
    assert isinstance(resources, Mapping)
    for name in ("Topica", "Topicb"):
        key, topic = resources.key_node(name), resources.get(name)
        assert key is not None
        assert key.span.text == "'Topic&{Name}'"
        assert isinstance(topic, Mapping)
        properties = topic.get("Properties")
        assert isinstance(properties, Mapping)
        other = properties.get("Plain")
        assert other is not None
        assert other.span.text == "'y-${Name}-&{Name}'"


@pytest.mark.parametrize("body", ["x", "[Name]", "[Name, [a]]", "[Name, [a], b]", "[[Name], [a], {b: c}]"])
def test_a_loop_that_is_none_is_noted(body: str) -> None:
    resolver = resolver_of(f"Resources:\n  Fn::ForEach::X: {body}\n  Last: {{Type: 'A::B::C'}}\n")
    assert list(section(resolver, "Resources")) == ["Last"]
    ((what, reason, _),) = resolver.notes
    assert what == "Fn::ForEach::X"
    assert "is not a list" in reason


def test_loops_that_make_too_much_end() -> None:
    loop = "{'K${A}': x}"
    for name in "ABCDEF":
        items = ", ".join(f"{name}{n}" for n in range(30))
        loop = f"{{'Fn::ForEach::{name}': [{name}, [{items}], {loop}]}}"
    resolver = resolver_of(f"Resources: {loop}\n")
    assert len(section(resolver, "Resources")) <= 30
    assert any("make more than" in reason for _, reason, _ in resolver.notes)


def test_a_template_without_loops_is_left_as_it_is() -> None:
    (tree,) = parse_yaml(Document("t.yaml", "Resources: {}\n"))
    assert isinstance(tree, Mapping)
    assert Resolver(tree).root is tree


# -- includes --------------------------------------------------------------------------------------------

INCLUDE = """
Parameters:
  File: {{Type: String, Default: part.yaml}}
Resources:
  Api:
    Type: AWS::Serverless::Api
    Properties:
      DefinitionBody:
        Fn::Transform: {{Name: AWS::Include, Parameters: {{Location: {location}}}}}
  Other: {{Type: 'AWS::SNS::Topic'}}
"""


def included(folder: Path, location: str, part: str = "paths: {/x: [a, b]}\n") -> Resolver:
    (folder / "part.yaml").write_text(part, encoding="utf-8")
    return resolver_of(INCLUDE.format(location=location), None, str(folder / "t.yaml"), str(folder))


def body_of(resolver: Resolver) -> Node:
    node: Node | None = resolver.root
    for name in ("Resources", "Api", "Properties", "DefinitionBody"):
        assert isinstance(node, Mapping)
        node = node.get(name)
    assert node is not None
    return node


@pytest.mark.parametrize("location", ["part.yaml", "./part.yaml", "!Ref File", "!Sub '${File}'"])
def test_a_local_file_is_included_where_its_content_stands(tmp_path: Path, location: str) -> None:
    body = body_of(included(tmp_path, location))
    assert plain(body) == {"paths": {"/x": ["a", "b"]}}
    assert body.document.path == str(tmp_path / "part.yaml")
    assert isinstance(body, Mapping)
    paths = body.get("paths")
    assert paths is not None
    assert paths.span.text == "{/x: [a, b]}"


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("s3://bucket/key.yaml", "it lies outside the project; only local files are read"),
        ("!Sub 's3://${AWS::Region}/key.yaml'", "where it lies is not known here"),
        ("!Ref Nothing", "where it lies is not known here"),
        ("missing.yaml", "no such file or folder"),
        ("../../etc/passwd", "outside the root"),
    ],
)
def test_what_is_not_visible_stays_a_hole_with_a_note(tmp_path: Path, location: str, reason: str) -> None:
    folder = tmp_path / "project"
    folder.mkdir()
    resolver = included(folder, location)
    body = body_of(resolver)
    assert isinstance(body, Mapping)
    assert [key.value for key, _ in body.entries] == ["Fn::Transform"]
    (element,) = resolver.elements(body)
    assert element.text.hole is not None
    ((what, said, _),) = resolver.notes
    assert what.startswith("include ")
    assert said.startswith(reason)


def test_a_broken_file_is_a_note(tmp_path: Path) -> None:
    resolver = included(tmp_path, "part.yaml", "a: [\n")
    assert list(section(resolver, "Resources")) == ["Api", "Other"]
    assert len(resolver.notes) == 1


def test_without_a_reader_nothing_is_read() -> None:
    resolver = resolver_of(INCLUDE.format(location="part.yaml"))
    body_of(resolver)
    ((_, reason, _),) = resolver.notes
    assert reason == "files beside this template are not read"


def test_an_include_adds_to_what_stands_beside_it(tmp_path: Path) -> None:
    (tmp_path / "more.yaml").write_text("Made: {Type: 'AWS::SNS::Topic'}\n", encoding="utf-8")
    resolver = resolver_of(
        """
        Resources:
          Own: {Type: 'AWS::SQS::Queue'}
          Fn::Transform: {Name: AWS::Include, Parameters: {Location: more.yaml}}
        """,
        None,
        str(tmp_path / "t.yaml"),
        str(tmp_path),
    )
    assert list(section(resolver, "Resources")) == ["Own", "Made"]
    assert resolver.reference("Made").holes[0].type == "AWS::SNS::Topic"


def test_an_include_in_the_transform_adds_sections(tmp_path: Path) -> None:
    (tmp_path / "maps.yaml").write_text("Mappings: {M: {a: {b: c}}}\n", encoding="utf-8")
    resolver = resolver_of(
        """
        Transform:
          - AWS::Serverless-2016-10-31
          - {Name: AWS::Include, Parameters: {Location: maps.yaml}}
        Value: !FindInMap [M, a, b]
        """,
        None,
        str(tmp_path / "t.yaml"),
        str(tmp_path),
    )
    assert [each.text.display() for each in resolver.elements(resolver.root.get("Value"))] == ["c"]


def test_files_that_include_each_other_end(tmp_path: Path) -> None:
    part = "x: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: part.yaml}}}\n"
    resolver = included(tmp_path, "part.yaml", part)
    plain(body_of(resolver))
    assert any("nested too deeply" in reason for _, reason, _ in resolver.notes)


def test_other_macros_stay(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("", encoding="utf-8")
    resolver = resolver_of(
        """
        # AWS::Include is not used
        Resources: {X: {Fn::Transform: {Name: Mine, Parameters: {Location: t.yaml}}}}
        """,
        None,
        str(tmp_path / "t.yaml"),
        str(tmp_path),
    )
    assert section(resolver, "Resources") == {
        "X": {"Fn::Transform": {"Name": "Mine", "Parameters": {"Location": "t.yaml"}}}
    }
    assert not resolver.notes
