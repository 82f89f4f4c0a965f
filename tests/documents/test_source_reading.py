"""One file of a project: what is read, and what is refused with which words."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from voicepipe.diagnostics import SourceSpan
from voicepipe.documents.source import decode_source, path_problem, read_source

if TYPE_CHECKING:
    from pathlib import Path


def refusal(root: Path, path: str) -> tuple[str, str]:
    source, problems = read_source(root, path)
    assert source is None
    assert len(problems) == 1
    return problems[0].code, problems[0].message


def test_text_is_read_with_its_line_ends_and_without_its_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfone\r\ntwo\rthree\n")
    source, problems = read_source(tmp_path, "a.yaml")
    assert not problems
    assert source is not None
    assert source.has_bom
    assert source.text == "one\r\ntwo\rthree\n"
    assert source.lines() == ["one", "two", "three", ""]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/etc/passwd", "absolute"),
        ("../secret", "upwards"),
        ("a/../../secret", "upwards"),
        ("..\\secret", "upwards"),
        ("C:/secret", "absolute"),
        ("\\\\host\\share", "absolute"),
        ("a\0b", "NUL"),
        ("linked", "link out of the project"),
    ],
)
def test_a_path_out_of_the_project_is_refused(tmp_path: Path, path: str, words: str) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "secret").write_text("secret")
    (root / "linked").symlink_to(tmp_path / "secret")
    code, message = refusal(root, path)
    assert code == "VP102"
    assert words in message


def test_a_linked_folder_out_of_the_project_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.yaml").write_text("x")
    (root / "in").symlink_to(tmp_path / "other")
    assert refusal(root, "in/a.yaml")[0] == "VP102"


def test_a_link_inside_the_project_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text("text")
    (tmp_path / "link.yaml").symlink_to("real.yaml")
    source, _ = read_source(tmp_path, "link.yaml")
    assert source is not None
    assert source.text == "text"


def test_a_circle_of_links_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert refusal(tmp_path, "a")[0] == "VP101"


def test_missing_files_and_folders_are_reported(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    assert refusal(tmp_path, "missing.yaml")[0] == "VP101"
    assert refusal(tmp_path, "folder")[0] == "VP101"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are a Unix thing")
def test_a_named_pipe_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    code, message = refusal(tmp_path, "pipe")
    assert code == "VP101"
    assert "ordinary" in message


def test_the_size_of_a_file_is_limited(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 101)
    _, problems = read_source(tmp_path, "a", max_bytes=100)
    assert [p.code for p in problems] == ["VP103"]
    source, _ = read_source(tmp_path, "a", max_bytes=101)
    assert source is not None


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32"])
def test_other_unicode_encodings_are_named(encoding: str) -> None:
    content = "scene: a".encode(encoding)
    if encoding == "utf-16-be":
        content = b"\xfe\xff" + content
    _, (problem,) = decode_source("a.yaml", content)
    assert problem.code == "VP104"
    assert encoding[:6].upper() in problem.message
    assert "CSV UTF-8" in problem.help


def test_the_first_byte_that_is_not_utf8_is_pointed_at() -> None:
    _, (problem,) = decode_source("a.csv", "ok\r\n舰桥 ".encode() + "舰".encode("gbk"))
    assert problem.code == "VP104"
    assert (problem.span.line, problem.span.column) == (2, 4)


@pytest.mark.parametrize("character", ["\0", "\x07", "\x1b", "\x7f", "\x85", "\u2028", "\ufeff"])
def test_characters_that_no_text_holds_are_pointed_at(character: str) -> None:
    source, problems = decode_source("a", f"fine\r\nab{character}c".encode())
    assert source is None
    assert [(p.code, p.span.line, p.span.column) for p in problems] == [("VP105", 2, 3)]


def test_at_most_ten_lines_with_forbidden_characters_are_reported() -> None:
    _, problems = decode_source("a", b"\0\n" * 50)
    assert len(problems) == 10


def test_a_file_named_elsewhere_is_reported_where_it_is_named(tmp_path: Path) -> None:
    named = SourceSpan(path="voices/noah.yaml", line=3, column=9)
    _, (problem,) = read_source(tmp_path, "missing.txt", at=named)
    assert problem.span == named
    assert path_problem(tmp_path, "fine/path.txt", at=named) is None
