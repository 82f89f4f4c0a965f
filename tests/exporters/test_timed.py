"""Mouths and subtitles go along with an export, where the engine has a place for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import jsonschema
import orjson
import pytest
from export_tool import exported, faults, prepared, tree
from stand_in_bank import publish_stand_ins

from voicepipe.errors import UsageError
from voicepipe.exporters.protocol import TimedFile
from voicepipe.exporters.registry import EXPORTERS, exporter_named
from voicepipe.exporters.tables import read_csv
from voicepipe.exporters.timed import MOUTHS, SUBTITLES, placed, places_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ASKED: Final[Mapping[str, dict[str, Any]]] = {
    name: {
        "mouths": placed(exporter_named(name), MOUTHS),
        "subtitles": "srt" if "srt" in places_of(exporter_named(name)) else "",
    }
    for name in EXPORTERS
    if places_of(exporter_named(name))
}
"""Target -> everything it has a place for."""


@pytest.mark.parametrize("target", ASKED)
def test_whatever_is_asked_for_lies_in_the_export_once_a_clip_and_is_read_back(
    small: Path, tmp_path: Path, target: str
) -> None:
    to = tmp_path / "to 游戏"
    asked = {**ASKED[target], "encoding": "wav"}
    forms = places_of(exporter_named(target))
    exported(small, target, to, **asked)
    for form, suffix in forms.items():
        n_files = sum(path.endswith(f"0{suffix}") for path in tree(to))
        assert n_files == (0 if form == "vtt" else 8), (form, suffix)
    assert faults(small, target, to, **asked) == []
    before = {path: path.stat().st_mtime_ns for path in to.rglob("*")}
    again = exported(small, target, to, **asked)
    assert (again.written, again.removed) == ((), ())
    assert {path: path.stat().st_mtime_ns for path in to.rglob("*")} == before


@pytest.mark.parametrize("target", ASKED)
def test_a_mouth_that_is_gone_or_damaged_names_its_line(
    small: Path, tmp_path: Path, target: str
) -> None:
    asked = {**ASKED[target], "encoding": "wav"}
    exported(small, target, tmp_path / "to", **asked)
    ready = prepared(small, target, tmp_path / "to", **asked)
    form = next(iter(places_of(exporter_named(target))))
    gone, damaged = [
        tmp_path / "to" / file.path
        for line in ("hall_0010", "hall_0020")
        for file in ready.files.values()
        if isinstance(file, TimedFile) and file.form == form
        if (file.clip.line, file.clip.language) == (line, "de")
    ]
    gone.unlink()
    damaged.write_bytes(b"broken")
    told = faults(small, target, tmp_path / "to", **asked)
    assert [one[:20] for one in told] == ["VP780 hall_0010 (de)", "VP782 hall_0020 (de)"]
    found = list(ready.exporter.check(ready.export, tmp_path / "to"))
    assert {one.clip.line for one in found if one.clip} == {"hall_0010", "hall_0020"}
    assert all(form in one.what for one in found)


@pytest.mark.parametrize("target", ASKED)
def test_an_edited_line_writes_its_own_mouths_only(
    small: Path, tmp_path: Path, target: str
) -> None:
    asked = {**ASKED[target], "encoding": "wav"}
    exported(small, target, tmp_path / "to", **asked)
    script = small / "scripts_in/hall.yaml"
    script.write_text(script.read_text("utf-8").replace("Stay.", "Do stay."), "utf-8")
    publish_stand_ins(small)
    written = exported(small, target, tmp_path / "to", **asked).written
    ends = tuple(places_of(exporter_named(target)).values())
    timed = [path for path in written if "_0" in path and path.endswith(ends)]
    assert timed
    assert all("hall_0030" in path for path in timed)
    assert faults(small, target, tmp_path / "to", **asked) == []


@pytest.mark.parametrize("target", sorted(EXPORTERS))
def test_what_a_target_has_no_place_for_is_refused_where_it_stands(
    small: Path, target: str
) -> None:
    known = placed(exporter_named(target), (*MOUTHS, *SUBTITLES))
    for name in {*MOUTHS, *SUBTITLES} - {*known}:
        key = {"subtitles": name} if name in SUBTITLES else {"mouths": (name,)}
        with pytest.raises(UsageError, match="has no place for"):
            exported(small, target, **key)


def test_generic_tables_name_them_and_fit_their_schema(small: Path, tmp_path: Path) -> None:
    exported(small, "generic", tmp_path / "to", mouths=("rhubarb", "vrm"), subtitles="vtt")
    table = orjson.loads((tmp_path / "to/de/lines.json").read_bytes())
    jsonschema.validate(table, orjson.loads((tmp_path / "to/lines.schema.json").read_bytes()))
    row = next(one for one in table["lines"] if one["line"] == "hall_0010")
    assert {key: row[key] for key in ("rhubarb_json", "rhubarb_tsv", "vrm", "subtitles")} == {
        "rhubarb_json": "hall/hall_0010.json",
        "rhubarb_tsv": "hall/hall_0010.tsv",
        "vrm": "hall/hall_0010.vrma",
        "subtitles": "hall/hall_0010.vtt",
    }
    (cell,) = [
        one["subtitles"]
        for one in read_csv((tmp_path / "to/de/lines.csv").read_bytes())
        if one["line"] == "hall_0010"
    ]
    assert cell == row["subtitles"]
    assert orjson.loads((tmp_path / "to/de/hall/hall_0010.json").read_bytes())["metadata"] == {
        "soundFile": "hall_0010.wav",
        "duration": round(row["duration_s"], 2),
    }
    assert "Guten Abend, schön." in (tmp_path / "to/de/hall/hall_0010.vtt").read_text("utf-8")


def test_a_line_that_another_language_stands_in_for_moves_as_that_is_heard(
    small: Path, tmp_path: Path
) -> None:
    publish_stand_ins(small, without=frozenset({("hall_0010", "de")}))
    exported(small, "generic", tmp_path / "to", mouths=("rhubarb",), fallback={"de": "en"})
    files = tree(tmp_path / "to")
    assert files["de/hall/hall_0010.tsv"] == files["en/hall/hall_0010.tsv"]


def test_rules_of_captions_and_names_of_speakers_write_captions_again_and_nothing_else(
    small: Path, tmp_path: Path
) -> None:
    asked: dict[str, Any] = {"mouths": ("rhubarb",), "subtitles": "vtt"}
    exported(small, "generic", tmp_path / "to", **asked)
    script = small / "scripts_in/hall.yaml"
    names = "speakers:\n  ann: {name: {de: Anna}}\n  bob: {}\n"
    script.write_text(names + script.read_text("utf-8"), "utf-8")
    written = exported(small, "generic", tmp_path / "to", **asked).written
    assert written == ("de/hall/hall_0010.vtt", "de/hall/hall_0030.vtt")
    assert "<v Anna>" in (tmp_path / "to/de/hall/hall_0010.vtt").read_text("utf-8")


def test_dialogue_waves_have_no_place_for_mouths(small: Path, tmp_path: Path) -> None:
    options = {"dialogue": {"en": "en.csv"}}
    with pytest.raises(UsageError, match="Dialogue Waves"):
        exported(small, "unreal", tmp_path / "to", options=options, mouths=("arkit",))
