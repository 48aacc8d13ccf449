"""Walks: names, order, ignored and skipped folders, links, nested repositories."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from scopedown.source.discovery import Discovery, Template, discover

SAM = "Transform: AWS::Serverless-2016-10-31\nResources:\n  A:\n    Type: AWS::Serverless::Function\n"


def _put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SAM)


def _walk(path: Path, *exclude: str) -> tuple[list[str], Discovery, list[Template]]:
    found = discover([str(path)], exclude)
    templates = list(found.templates())
    return [os.path.relpath(template.path, path) for template in templates], found, templates


def test_files_of_a_folder_come_before_its_folders_all_sorted(tmp_path: Path) -> None:
    _put(tmp_path, "z.yaml", "a/z.yml", "a/b/c.json", "a.yaml", "b/template.x", "B.YAML", "a/TEMPLATE.yaml")
    names, _, _ = _walk(tmp_path)
    assert names == ["B.YAML", "a.yaml", "z.yaml", "a/TEMPLATE.yaml", "a/z.yml", "a/b/c.json", "b/template.x"]


def test_folders_that_tools_fill_are_skipped(tmp_path: Path) -> None:
    _put(
        tmp_path,
        *(
            f"{name}/t.yaml"
            for name in (".git", ".aws-sam", "node_modules", ".venv", "__pycache__", ".serverless")
        ),
        *("cdk.out/asset.123/t.yaml", "cdk.out/assembly-X/asset.4/t.yaml", "cdk.out/S.template.json"),
        *("asset.1/t.yaml", ".github/t.yaml", ".infra/t.yaml", "own-env/t.yaml"),
    )
    (tmp_path / "own-env" / "pyvenv.cfg").touch()
    names, _, _ = _walk(tmp_path)
    assert names == [".github/t.yaml", ".infra/t.yaml", "asset.1/t.yaml", "cdk.out/S.template.json"]


@pytest.mark.parametrize("name", [".aws-sam/build", "node_modules", ".serverless"])
def test_a_skipped_folder_that_is_named_is_walked(name: str, tmp_path: Path) -> None:
    _put(tmp_path, f"{name}/t.yaml")
    assert _walk(tmp_path / name)[0] == ["t.yaml"]


def test_nested_gitignore(tmp_path: Path) -> None:
    (tmp_path / ".git" / "info").mkdir(parents=True)
    (tmp_path / ".git" / "info" / "exclude").write_text("private.yaml\n")
    _put(
        tmp_path,
        "a.yaml",
        "build/t.yaml",
        "in/build/t.yaml",
        "in/gen.yaml",
        "in/deep/gen.yaml",
        "in/keep.yaml",
    )
    _put(
        tmp_path,
        "private.yaml",
        "in/private.yaml",
        "top.yaml",
        "in/top.yaml",
        "out/x.yaml",
        "in/deep/keep.yaml",
    )
    (tmp_path / ".gitignore").write_text("# comment\n\nbuild/\n/top.yaml\ngen.yaml\nout/*\n")
    (tmp_path / "in" / ".gitignore").write_text("!gen.yaml\n/keep.yaml\n")
    names, _, _ = _walk(tmp_path)
    assert names == ["a.yaml", "in/gen.yaml", "in/top.yaml", "in/deep/gen.yaml", "in/deep/keep.yaml"]


def test_pattern_files_above_the_folder_count(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("gen.yaml\n/a/b/only.yaml\n")
    _put(tmp_path, "a/b/gen.yaml", "a/b/only.yaml", "a/b/t.yaml")
    assert _walk(tmp_path / "a" / "b")[0] == ["t.yaml"]


@pytest.mark.parametrize("named", ["build", "build/in"])
def test_a_named_folder_is_walked_even_if_ignored(named: str, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("build/\n")
    _put(tmp_path, "build/in/t.yaml", "build/in/gen/t.yaml")
    (tmp_path / "build" / ".gitignore").write_text("gen\n")
    assert "in/t.yaml" in _walk(tmp_path / "build")[0]
    assert "t.yaml" in _walk(tmp_path / "build" / "in")[0]
    assert _walk(tmp_path)[0] == []
    assert "in/gen/t.yaml" not in _walk(tmp_path / "build")[0]


def test_a_pattern_file_that_is_broken_does_not_stop_the_walk(tmp_path: Path) -> None:
    _put(tmp_path, "a.yaml", "b.yaml")
    (tmp_path / ".gitignore").write_bytes(b"!\n\\\n[\nb.yaml\n")
    assert _walk(tmp_path)[0] == ["a.yaml"]
    (tmp_path / ".gitignore").write_bytes(b"\xff\xfe\0")
    assert _walk(tmp_path)[0] == ["a.yaml", "b.yaml"]


def test_exclude(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    _put(tmp_path, "a.yaml", "in/a.yaml", "in/b.yaml", "gen/t.yaml", "in/gen/t.yaml")
    (tmp_path / ".gitignore").write_text("!gen\n")
    assert _walk(tmp_path, "gen/", "/a.yaml")[0] == ["in/a.yaml", "in/b.yaml"]
    assert _walk(tmp_path / "in", "/in/a.yaml", "gen")[0] == ["b.yaml"]
    assert _walk(tmp_path, "*.yaml", "!b.yaml")[0] == ["in/b.yaml"]


def test_an_exclude_pattern_that_is_none_is_an_error(tmp_path: Path) -> None:
    _put(tmp_path, "a.yaml")
    names, found, _ = _walk(tmp_path, "!")
    assert names == ["a.yaml"]
    assert [error.path for error in found.errors] == ["!"]


def test_links(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / ".git").mkdir(parents=True)
    _put(tmp_path, "outside.yaml", "out/t.yaml")
    _put(root, "t.yaml")
    (root / "loop").symlink_to(root)
    (root / "out").symlink_to(tmp_path / "out")
    (root / "escape.yaml").symlink_to(tmp_path / "outside.yaml")
    (root / "dead.yaml").symlink_to("nowhere")
    (root / "self.yaml").symlink_to("self.yaml")
    (root / "same.yaml").symlink_to("t.yaml")
    names, found, _ = _walk(root)
    assert names == ["same.yaml"]
    assert [(Path(path).name, reason.split(" '")[0]) for path, reason in found.skipped] == [
        ("escape.yaml", "a link that leads outside the root")
    ]
    assert found.errors == []


def test_what_is_no_file_is_passed_by(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "folder.yaml").mkdir()
    _put(tmp_path, "folder.yaml/t.yaml")
    names, found, _ = _walk(tmp_path)
    assert (names, found.errors) == (["folder.yaml/t.yaml"], [])


def test_large_files_are_skipped_with_a_reason(tmp_path: Path) -> None:
    with (tmp_path / "data.json").open("wb") as file:
        file.truncate(50_000_000)
    _, found, _ = _walk(tmp_path)
    assert [reason for _, reason in found.skipped] == ["larger than 20 MB"]


def test_repositories_inside_have_roots_of_their_own(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "sub" / ".git").mkdir(parents=True)
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "scopedown.toml").touch()
    _put(tmp_path, "a.yaml", "conf/t.yaml", "sub/in/t.yaml")
    _, _, templates = _walk(tmp_path)
    roots = [template.reader.root for template in templates if template.reader]
    assert roots == [str(tmp_path), str(tmp_path), str(tmp_path / "sub")]


def test_without_a_repository_a_configuration_makes_a_root(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "scopedown.toml").touch()
    _put(tmp_path, "a.yaml", "conf/in/t.yaml")
    _, _, templates = _walk(tmp_path)
    assert [template.reader.root for template in templates if template.reader] == [
        str(tmp_path),
        str(tmp_path / "conf"),
    ]


def test_a_folder_that_cannot_be_listed_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _put(tmp_path, "a/t.yaml")
    listing = os.scandir

    def refuse(folder: str) -> object:
        if str(folder).endswith("a"):
            raise PermissionError(13, "Permission denied", folder)  # root may list everything: simulated
        return listing(folder)

    monkeypatch.setattr("os.scandir", refuse)
    _, found, _ = _walk(tmp_path)
    assert [error.cause for error in found.errors] == ["no permission to read it"]


def test_deep_folders(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d"] * 300)
    deep.mkdir(parents=True)
    (deep / "t.yaml").write_text(SAM)
    assert len(_walk(tmp_path)[0]) == 1


def test_an_empty_folder(tmp_path: Path) -> None:
    names, found, _ = _walk(tmp_path)
    assert (names, found.errors, found.skipped, found.passed_over) == ([], [], [], 0)


def test_the_bookkeeping_of_a_cloud_assembly_is_no_template(tmp_path: Path) -> None:
    out = tmp_path / "synthesised"
    (out / "asset.0a1b").mkdir(parents=True)
    (out / "cdk.out").write_text('{"version": "36.0.0"}')
    template = '{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}'
    for name in (
        "Shop.template.json",
        "manifest.json",
        "tree.json",
        "Shop.assets.json",
        "Shop.metadata.json",
        "validation-report.json",
        "asset.0a1b/template.json",
        "asset.2c3d.json",
    ):
        (out / name).write_text(template)
    found = discover([str(tmp_path)])
    assert [os.path.basename(each.path) for each in found.templates()] == ["Shop.template.json"]
    assert (found.passed_over, found.skipped) == (0, [])
