"""Translations beside the script: what they add, override, and when they are stale."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from voicepipe.hashing import sha256_of_bytes
from voicepipe.screenplay.formats.loader import LoadedScreenplay, load_screenplay
from voicepipe.screenplay.formats.localisation import source_hash
from voicepipe.screenplay.syntax import Choice, DialogueLine, Language
from voicepipe.settings import Settings

SCRIPT = (
    "scene: a\nnodes:\n  open:\n"
    "    - {line: a_10, who: noah, text: {en: Warning., zh: 旧}}\n"
    "    - {line: a_20, who: noah, text: {en: Wait.}}\n"
    "    - choice: [{line: a_30, who: ada, text: {en: Go}, goto: END}]\n"
    "barks:\n  shouts: [{line: b_10, who: noah, text: {en: Hey}}]\n"
)
ZH = Language("zh")


def load(
    root: Path, files: dict[str, str], languages: tuple[str, ...] = ("en", "zh")
) -> LoadedScreenplay:
    for name, text in {"a.yaml": SCRIPT, **files}.items():
        path = root / "scripts_in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    settings = Settings(bank="x", languages=languages, source_language="en")
    return load_screenplay(root, settings)


def lines(loaded: LoadedScreenplay) -> dict[str, DialogueLine]:
    (scene,) = loaded.screenplay.scenes
    entries = [entry for node in scene.nodes for entry in node.entries]
    spoken = [entry for entry in entries if isinstance(entry, DialogueLine)]
    spoken += [o.line for e in entries if isinstance(e, Choice) for o in e.options if o.line]
    spoken += [line for barks in scene.barks for line in barks.lines]
    return {line.id: line for line in spoken}


def codes(loaded: LoadedScreenplay) -> list[tuple[str, str]]:
    return [(d.code, str(d.span)) for d in loaded.diagnostics]


def test_a_hash_is_the_start_of_the_sha256_of_the_source_text() -> None:
    assert source_hash("Warning.") == sha256_of_bytes(b"Warning.")[:12]


def test_translations_add_and_override_texts_everywhere(tmp_path: Path) -> None:
    rows = "".join(
        f"{line},{said},{source_hash(source)},x\n"
        for line, said, source in [
            ("a_10", "警告。", "Warning."),
            ("a_30", "走", "Go"),
            ("b_10", "喂", "Hey"),
        ]
    )
    loaded = load(tmp_path, {"loc/zh.csv": "line,text,source_hash,translator\n" + rows})
    assert codes(loaded) == []
    said = {name: line.texts[ZH] for name, line in lines(loaded).items() if ZH in line.texts}
    assert {name: text.raw for name, text in said.items()} == {
        "a_10": "警告。",
        "a_30": "走",
        "b_10": "喂",
    }
    assert not any(text.is_stale for text in said.values())
    assert str(said["a_10"].span) == "scripts_in/loc/zh.csv:2:6"
    (choice,) = [e for e in loaded.screenplay.scenes[0].nodes[0].entries if isinstance(e, Choice)]
    assert choice.options[0].texts[ZH].raw == "走"


def test_a_translation_of_another_source_text_is_stale(tmp_path: Path) -> None:
    changed = source_hash("Warning!")
    loaded = load(tmp_path, {"loc/zh.csv": f"line,text,source_hash\na_10,警告,{changed}\n"})
    assert lines(loaded)["a_10"].texts[ZH].is_stale
    assert codes(loaded) == []


def test_an_empty_translation_leaves_the_line_as_it_is(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"loc/zh.csv": "line,text,source_hash\na_10,,\na_20, ,\n"})
    assert codes(loaded) == []
    assert lines(loaded)["a_10"].texts[ZH].raw == "旧"
    assert ZH not in lines(loaded)["a_20"].texts


def test_without_a_hash_a_translation_counts_as_stale(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"loc/zh.csv": "line,text\na_10,警告\n"})
    assert codes(loaded) == [("VP152", "scripts_in/loc/zh.csv:2:1")]
    assert lines(loaded)["a_10"].texts[ZH].is_stale


def test_upper_case_hashes_will_do(tmp_path: Path) -> None:
    digits = source_hash("Warning.").upper()
    loaded = load(tmp_path, {"loc/zh.csv": f"line,text,source_hash\na_10,警告,{digits}\n"})
    assert not lines(loaded)["a_10"].texts[ZH].is_stale


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("zh", "line,text,source_hash\na_99,x,aaaaaaaaaaaa\n", ("VP151", 2, 1)),
        ("zh", "line,text,source_hash\n,x,aaaaaaaaaaaa\n", ("VP151", 2, 1)),
        ("zh", "line,text,source_hash\na_10,,\na_10,,\n", ("VP151", 3, 1)),
        ("zh", "line,source_hash\na_10,aaaaaaaaaaaa\n", ("VP141", 1, 1)),
        ("zh", "line,text,text\na_10,,\n", ("VP141", 1, 11)),
        ("zh", "line,text,source_hash\na_10,x,nothex\n", ("VP152", 2, 8)),
        ("zh", "line,text,source_hash\na_10,[pause:x],aaaaaaaaaaaa\n", ("VP132", 2, 6)),
        ("ja", "line,text,source_hash\n", ("VP126", 1, 1)),
        ("zh-CN", "line,text,source_hash\n", ("VP126", 1, 1)),
        ("en", "line,text,source_hash\n", ("VP126", 1, 1)),
    ],
)
def test_mistakes_in_translations_are_pointed_at(
    tmp_path: Path, name: str, text: str, expected: tuple[str, int, int]
) -> None:
    loaded = load(tmp_path, {f"loc/{name}.csv": text})
    found = [(d.code, d.span.line, d.span.column) for d in loaded.diagnostics]
    assert found == [expected]


def test_a_project_is_read_in_the_order_of_its_paths(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        {
            "z/deep.csv": "kind,scene\nscene,last\n",
            "b.yml": "scene: second\n",
            "c/.hidden/x.yaml": "scene: hidden\n",
            "~$lock.csv": "binary",
            "notes.txt": "not a script",
            "loc/zh.csv": "line,text\n",
            "loc/readme.yaml": "not: read\n",
        },
    )
    assert [scene.id for scene in loaded.screenplay.scenes] == ["a", "second", "last"]
    assert codes(loaded) == []
    assert loaded.paths == (
        "scripts_in/a.yaml",
        "scripts_in/b.yml",
        "scripts_in/z/deep.csv",
        "scripts_in/loc/zh.csv",
    )


def test_a_translation_may_have_a_slot_of_its_own(tmp_path: Path) -> None:
    script = SCRIPT.replace("line: a_10,", "line: a_10, slot: 2s,")
    rows = "".join(
        f"{line},警,{source_hash(said)},{slot}\n"
        for line, said, slot in (
            ("a_10", "Warning.", "2.5s"),
            ("a_20", "Wait.", ""),
        )
    )
    loaded = load(tmp_path, {"a.yaml": script, "loc/zh.csv": f"line,text,source_hash,slot\n{rows}"})
    assert codes(loaded) == []
    assert lines(loaded)["a_10"].slots == {"*": 2.0, "zh": 2.5}
    assert lines(loaded)["a_20"].slots == {}


def test_a_project_starts_once(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"b.yaml": "start: a\n", "c.csv": "kind,goto\nstart,a\n"})
    assert codes(loaded) == [("VP144", "scripts_in/c.csv:2:7")]
    assert loaded.screenplay.start == "a"


def test_a_folder_without_scripts_is_answered(tmp_path: Path) -> None:
    settings = Settings(bank="x", languages=("en",), source_language="en")
    assert codes(load_screenplay(tmp_path, settings)) == [("VP153", "scripts_in:1:1")]
    elsewhere = settings.model_copy(update={"scripts": "../x"})
    assert codes(load_screenplay(tmp_path, elsewhere)) == [("VP102", "../x:1:1")]


def test_an_unreadable_script_does_not_keep_the_others_from_being_read(tmp_path: Path) -> None:
    (tmp_path / "scripts_in").mkdir()
    (tmp_path / "scripts_in" / "0.yaml").write_bytes(b"\xff\xfea\0")
    loaded = load(tmp_path, {})
    assert codes(loaded) == [("VP104", "scripts_in/0.yaml:1:1")]
    assert len(loaded.screenplay.scenes) == 1


@pytest.mark.parametrize("text", ["", "---\n---\n", "# later\n", "start: a\n"])
def test_scripts_without_a_scene_are_answered(tmp_path: Path, text: str) -> None:
    loaded = load(tmp_path, {"a.yaml": text})
    assert codes(loaded) == [("VP153", "scripts_in:1:1")]


def test_a_linked_folder_is_refused_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "scripts_in").mkdir()
    (tmp_path / "scripts_in" / "far").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "scripts_in" / ".near").symlink_to(tmp_path / "elsewhere")
    loaded = load(tmp_path, {"a.yaml": "scene: a\nnodes: {b: [{goto: END}]}\n"})
    assert codes(loaded) == [("VP101", "scripts_in/far:1:1")]


def test_a_folder_that_cannot_be_listed_is_not_taken_for_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "scripts_in" / "shut").mkdir(parents=True)
    listed = os.scandir

    def scandir(path: str) -> object:
        if str(path).endswith("shut"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    loaded = load(tmp_path, {"a.yaml": "scene: a\nnodes: {b: [{goto: END}]}\n"})
    assert codes(loaded) == [("VP101", "scripts_in/shut:1:1")]
