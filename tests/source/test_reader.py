"""Opening files: encodings, refusals, the root."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from scopedown.source.reader import Reader, decode, find_root
from scopedown.source.tree import InputError


@pytest.mark.parametrize(
    ("data", "text", "bom"),
    [
        ("a: é😀".encode(), "a: é😀", False),
        ("a: é".encode("utf-8-sig"), "a: é", True),
        ("a: é😀".encode("utf-16"), "a: é😀", True),
        (b"\xfe\xff" + "a: é".encode("utf-16-be"), "a: é", True),
        (b"", "", False),
        (b"a: 1\r\nb: 2\r\n", "a: 1\r\nb: 2\r\n", False),
    ],
)
def test_decode(data: bytes, text: str, bom: bool) -> None:
    document = decode("t", data)
    assert (document.text, document.bom) == (text, bom)


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ("a: 1", "yaml"),
        (" \n\t{}", "json"),
        ("[]", "json"),
        ("", "yaml"),
        ("# {", "yaml"),
        ("\n" * 300 + "{}", "json"),
        ("- {}", "yaml"),
    ],
)
def test_the_first_character_tells_the_format(text: str, format: str) -> None:
    assert decode("t.yaml", text.encode()).format == format


@pytest.mark.parametrize(
    ("data", "line", "cause"),
    [
        (b"a\0b", None, "binary"),
        (b"\x7fELF\0\xff\xfe", None, "binary"),
        (b"a\n\xe9: 1\n", 2, "not UTF-8 text: byte 0xe9"),
        (b"\xff\xfea", 1, "not UTF-16 text"),
        (b"\xff\xfe\0\0a\0\0\0", None, "binary"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, line: int | None, cause: str) -> None:
    with pytest.raises(InputError) as caught:
        decode("t.yaml", data)
    assert cause in caught.value.cause
    assert caught.value.line == line
    assert caught.value.advice


def test_read(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_bytes(b"a: 1\r\n")
    document = Reader(str(tmp_path)).read(str(tmp_path / "t.yaml"))
    assert (document.text, document.newline) == ("a: 1\r\n", "\r\n")


@pytest.mark.parametrize(
    "name", ["../out.yaml", "link.yaml", "folder/out.yaml", "../../../../../../etc/passwd"]
)
def test_nothing_outside_the_root_is_read(name: str, tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "other").mkdir()
    for place in (tmp_path / "out.yaml", tmp_path / "other" / "out.yaml"):
        place.write_text("secret: 1")
    (root / "link.yaml").symlink_to(tmp_path / "out.yaml")
    (root / "folder").symlink_to(tmp_path / "other")
    with pytest.raises(InputError, match="outside the root") as caught:
        Reader(str(root)).read(str(root / name))
    assert "--root" in caught.value.advice


def test_a_sibling_whose_name_begins_like_the_root_is_outside(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app-2").mkdir()
    (tmp_path / "app-2" / "t.yaml").write_text("a: 1")
    reader = Reader(str(tmp_path / "app"))
    assert not reader.holds(str(tmp_path / "app-2" / "t.yaml"))
    assert reader.holds(str(tmp_path / "app"))
    assert Reader("/").holds(str(tmp_path))
    with pytest.raises(InputError):
        reader.read(str(tmp_path / "app-2" / "t.yaml"))
    assert reader.read(str(tmp_path / "app-2" / "t.yaml"), named=True).text == "a: 1"


def test_a_link_inside_the_root_is_read(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("a: 1")
    (tmp_path / "l.yaml").symlink_to("t.yaml")
    assert Reader(str(tmp_path)).read(str(tmp_path / "l.yaml")).text == "a: 1"


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    reader = Reader(str(tmp_path))
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "file").write_text("x")
    os.mkfifo(tmp_path / "pipe")
    for name, cause in {
        "missing": "no such file",
        "file/t.yaml": "no such file",
        "": "this is a folder",
        "pipe": "a device, pipe or socket",
        "x" * 5000: "it cannot be read",
        "nul\0": "outside the root",
    }.items():
        with pytest.raises(InputError) as caught:
            reader.read(os.path.join(str(tmp_path), name))
        assert cause in caught.value.cause
        assert caught.value.advice
    with pytest.raises(InputError):
        reader.read(str(tmp_path / "loop"))
    with pytest.raises(InputError, match="cannot be read"):
        reader.read("nul\0", named=True)
    with pytest.raises(InputError, match="a device"):
        reader.read("/dev/zero", named=True)


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.yaml"
    path.write_text("a: 1")

    def refuse(*given: object, **more: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))  # root may read everything: simulated

    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr("os.open", refuse)
    with pytest.raises(InputError, match="no permission"):
        Reader(str(tmp_path)).read(str(path))


def test_large_files_are_refused_without_reading_them(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    begin = time.perf_counter()
    with pytest.raises(InputError, match="the file has 50 MB, more than the 20 MB"):
        Reader(str(tmp_path)).read(str(path))
    assert time.perf_counter() - begin < 0.5


def test_root_is_the_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "a" / "scopedown.toml").touch()
    (inner / "t.yaml").touch()
    assert find_root(str(inner / "t.yaml")) == str(tmp_path)
    assert find_root(str(inner)) == str(tmp_path)
    (tmp_path / "a" / ".git").write_text("gitdir: ../.git/modules/a")
    assert find_root(str(inner)) == str(tmp_path / "a")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("scopedown.toml", ""),
        ("pyproject.toml", "[tool.scopedown]\n"),
        ("pyproject.toml", "[tool.scopedown.rules]\n"),
    ],
)
def test_root_is_where_the_configuration_stands(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.other]\n")
    assert find_root(str(inner / "t.yaml")) == str(tmp_path)


def test_root_is_the_path_itself_without_either(tmp_path: Path) -> None:
    inner = tmp_path / "a"
    inner.mkdir()
    (inner / "t.yaml").touch()
    assert find_root(str(inner)) == str(inner)
    assert find_root(str(inner / "t.yaml")) == str(inner)
    assert find_root(str(inner / "missing.yaml")) == str(inner)
