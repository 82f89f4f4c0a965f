"""What holds for every target, whatever its engine: names, foreign files, reports, labels."""

from __future__ import annotations

import json
import shutil
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from export_tool import exported, faults, prepared, tree
from stand_in_bank import VOICE, publish_stand_ins

from cli.main import run
from voicepipe.audio.encodings import read_encoded_metadata
from voicepipe.exporters.names import path_fault
from voicepipe.exporters.protocol import ClipFile
from voicepipe.exporters.registry import EXPORTERS, exporter_named

TARGETS = sorted(EXPORTERS)
IDS_OF_THE_GAME = {"renpy"}
"""Targets whose files are called as the game calls its lines."""
SCRIPT = """\
scene: hall
nodes:
  door:
    - {line: hall, who: ann, text: {en: Good evening., de: Guten Abend.}}
    - {line: hall_0010, who: ann, text: {en: "So, you came.", de: "So, du kamst."}}
    - {line: HALL_0020, who: ann, text: {en: Nobody else did., de: Sonst keiner.}}
    - goto: END
"""


@pytest.fixture(scope="module")
def _odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose ids no system would take for files as they are."""
    root = tmp_path_factory.mktemp("odd") / "a game 游戏"
    (root / "scripts_in").mkdir(parents=True)
    (root / "voices").mkdir()
    (root / "scripts_in/hall.yaml").write_text(SCRIPT, "utf-8")
    (root / "voices/ann.yaml").write_text(VOICE.format(id="ann"), "utf-8")
    (root / "voicepipe.yaml").write_text(
        "bank: odd\nlanguages: [en, de]\naudio: {sample_rate: 16000, bit_depth: 16}\n", "utf-8"
    )
    publish_stand_ins(root, without=frozenset({("hall_0010", "de")}))
    return root


@pytest.fixture
def odd(_odd: Path, tmp_path: Path) -> Path:
    return shutil.copytree(_odd, tmp_path / "a game 游戏")


@pytest.mark.parametrize("target", TARGETS)
def test_names_of_files_are_lawful_everywhere_and_begin_no_other(odd: Path, target: str) -> None:
    files = prepared(odd, target, fallback={"de": "en"}).files
    assert [path_fault(path) for path in files] == [""] * len(files)
    assert len({path.casefold() for path in files}) == len(files)
    names: dict[tuple[str, str], str] = {}
    for path, file in files.items():
        if isinstance(file, ClipFile):
            name = PurePosixPath(path).name
            names[file.clip.line, file.clip.language] = name
            assert name.isascii()
            assert target in IDS_OF_THE_GAME or name == name.lower()
    assert len(names) == 6
    if target not in IDS_OF_THE_GAME:
        stems = sorted({name.rpartition(".")[0] for name in names.values()})
        assert not any(b.startswith(a) for a, b in pairwise(stems))
        assert {line: name for (line, _), name in names.items()} == {
            line: name for (line, language), name in names.items() if language == "en"
        }, "alike in every language"


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_is_written_twice_and_nothing_that_is_not_ours_is_touched(
    odd: Path, tmp_path: Path, target: str
) -> None:
    to = tmp_path / "ゲーム to"
    first = exported(odd, target, to, fallback={"de": "en"})
    foreign = [PurePosixPath(path).parent / "mine.txt" for path in first.written]
    for path in {*map(str, foreign)}:
        (to / path).write_text("mine")
    before = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in to.rglob("*")}
    again = exported(odd, target, to, fallback={"de": "en"})
    assert (again.written, again.removed, again.kept) == ((), (), len(first.written))
    assert {p: (p.stat().st_mtime_ns, p.stat().st_ino) for p in to.rglob("*")} == before
    fewer = exported(odd, target, to, only=("en",))
    assert fewer.removed
    left = tree(to)
    assert all(left[str(path)] == b"mine" for path in foreign)


@pytest.mark.parametrize("target", TARGETS)
def test_a_report_says_of_each_language_what_it_holds_and_lacks(odd: Path, target: str) -> None:
    english, german = prepared(odd, target).report
    assert (english.clips, english.scratch, english.unjudged) == (3, 3, 3)
    assert (english.missing, english.fallback, english.synthetic) == ((), (), 0)
    assert (german.clips, german.missing, german.fallback) == (2, ("hall_0010",), ())
    assert prepared(odd, target, fallback={"de": "en"}).report[1].fallback == ("hall_0010",)


@pytest.mark.parametrize("target", TARGETS)
def test_a_check_ends_with_1_for_every_file_that_is_gone(
    odd: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], target: str
) -> None:
    to = tmp_path / "to"
    exported(odd, target, to)
    assert [told[:5] for told in faults(odd, target, to) if "VP781" not in told] == ["VP783"]
    files = prepared(odd, target, to).files
    gone = {
        (file.clip.line, file.clip.language): path
        for path, file in files.items()
        if isinstance(file, ClipFile)
    }
    for path in gone.values():
        (to / path).unlink()
    with pytest.raises(SystemExit) as ended:
        run(["-C", str(odd), "export", target, "--to", str(to), "--check", "--json"])
    assert ended.value.code == 1
    (answer,) = json.loads(capfd.readouterr().out)["exports"]
    told = [one["message"] for one in answer["diagnostics"] if one["code"] == "VP780"]
    assert {one.partition(":")[0] for one in told} == {f"{line} ({tag})" for line, tag in gone}


@pytest.mark.parametrize(
    ("target", "encoding"),
    [(target, form) for target in TARGETS for form in exporter_named(target).encodings],
)
def test_labels_go_along_in_every_encoding(
    odd: Path, tmp_path: Path, target: str, encoding: str
) -> None:
    asked: dict[str, Any] = {"encoding": encoding, "only": ("en",)}
    exported(odd, target, tmp_path / "to", **asked)
    for path, file in prepared(odd, target, tmp_path / "to", **asked).files.items():
        if isinstance(file, ClipFile):
            said = read_encoded_metadata((tmp_path / "to" / path).read_bytes())
            assert said is not None, path
            assert (said.line, said.language, said.voice, said.source) == (
                file.clip.line,
                "en",
                "ann",
                "scratch",
            )
