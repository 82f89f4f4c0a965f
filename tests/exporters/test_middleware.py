"""What Unity, Unreal, Wwise and FMOD are given holds together when it is read by their rules."""

from __future__ import annotations

import ast
import json
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import polib
import pytest
from export_tool import exported, faults, prepared
from outside_programs import require

from voicepipe.errors import InputError, UsageError
from voicepipe.exporters.registry import EXPORTERS, exporter_named
from voicepipe.exporters.tables import read_csv

ENGINES = Path(__file__).parent / "engines"
TABLES = ["fmod", "ink", "unity", "unreal", "wwise", "yarn", "generic"]
WAV: dict[str, Any] = {"encoding": "wav"}


@pytest.mark.parametrize("target", TABLES)
def test_the_film_has_no_hole_and_a_file_that_goes_is_named(
    film: Path, tmp_path: Path, target: str
) -> None:
    exported(film, target, tmp_path, **WAV)
    assert faults(film, target, tmp_path, **WAV) == []
    (gone,) = [path for path in tmp_path.rglob("wake_0030.wav") if "ja" in str(path.parent)]
    gone.unlink()
    (told,) = faults(film, target, tmp_path, **WAV)
    assert told.startswith("VP780 wake_0030 (ja)")


@pytest.mark.parametrize("target", TABLES)
def test_a_line_that_left_the_tables_is_not_found_by_the_engine(
    small: Path, tmp_path: Path, target: str
) -> None:
    folder = tmp_path / "to"
    exported(small, target, folder, **WAV)
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".csv", ".tsv"} or "-strings-" in path.name:
            lines = path.read_text("utf-8").splitlines(keepends=True)
            path.write_text("".join(line for line in lines if "hall_0020" not in line), "utf-8")
    ready = prepared(small, target, folder, **WAV)
    found = list(ready.exporter.check(ready.export, folder))
    assert {(fault.clip.line, fault.clip.language) for fault in found if fault.clip} == {
        ("hall_0020", "en"),
        ("hall_0020", "de"),
    }


def test_wwise_imports_rows_that_lead_to_files(small: Path, tmp_path: Path) -> None:
    exported(small, "wwise", tmp_path / "to")
    rows = read_csv((tmp_path / "to/de/import.tsv").read_bytes(), delimiter="\t")
    (row,) = [row for row in rows if row["Audio File"].endswith("hall_0020.wav")]
    assert row["Object Path"] == (
        "\\Actor-Mixer Hierarchy\\Default Work Unit\\<Virtual Folder>VO\\<Virtual Folder>hall"
        "\\<Actor-Mixer>bob\\<Sound Voice>hall_0020"
    )
    assert row["Event"] == "\\Events\\Default Work Unit\\VO\\Play_hall_0020@Play"
    assert (tmp_path / "to/de" / row["Audio File"].replace("\\", "/")).is_file()
    sources = ElementTree.parse(tmp_path / "to/de/external.wsources").getroot()
    assert (sources.tag, sources.get("SchemaVersion"), len(sources)) == (
        "ExternalSourcesList",
        "1",
        4,
    )
    assert '--import-language "English(US)"' in (tmp_path / "to/import.txt").read_text("utf-8")


def test_fmod_has_the_same_keys_in_every_language(small: Path, tmp_path: Path) -> None:
    exported(small, "fmod", tmp_path / "to", options={"keys": True})
    assert (tmp_path / "to/de/keys.txt").read_text("utf-8") == (
        (tmp_path / "to/en/keys.txt").read_text("utf-8")
    )
    assert "hall_0010, hall_0010.wav\n" in (tmp_path / "to/de/keys.txt").read_text("utf-8")


def test_unitys_tables_and_importer(small: Path, tmp_path: Path) -> None:
    exported(small, "unity", tmp_path / "to")
    folder = tmp_path / "to/Assets/Voices"
    rows = read_csv((folder / "strings.csv").read_bytes())
    assert list(rows[0]) == ["Key", "Id", "Shared Comments", "English(en)", "German(de)"]
    (row,) = [row for row in rows if row["Key"] == "hall_0020"]
    assert row["English(en)"] == 'It was "fine"; 100%.'
    assert row["Shared Comments"] == "bob: low"
    index = json.loads((folder / "index.de.json").read_text("utf-8"))
    (line,) = [line for line in index["lines"] if line["line"] == "hall_0020"]
    assert line["address"] == "voices/de/hall_0020"
    source = (folder / "Editor/VoicepipeImporter.cs").read_text("utf-8")
    assert 'Folder = "Assets/Voices"' in source
    assert source.count("{") == source.count("}")
    fields = {word.rstrip(";") for word in source.split() if word.endswith(";")}
    assert set(line) <= fields


def test_unitys_importer_compiles_and_reads_visemes(small: Path, tmp_path: Path) -> None:
    require("mcs", "/usr/bin/mcs")
    exported(small, "unity", tmp_path / "to", mouths=("visemes",), options={"face": "Body/Head"})
    folder = tmp_path / "to/Assets/Voices"
    program = tmp_path / "importer.exe"
    sources = [ENGINES / "unity_stubs.cs", folder / "Editor/VoicepipeImporter.cs"]
    for define in ("UNITY_EDITOR", "UNITY_EDITOR;VOICEPIPE_ADDRESSABLES"):
        words = ["mcs", f"-define:{define}", f"-out:{program}", "-warn:0", *map(str, sources)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    visemes = folder / "de/hall/hall_0010.visemes.json"
    frames = json.loads(visemes.read_text("utf-8"))["frames"]
    read = subprocess.run(["mono", program, visemes], capture_output=True, text=True, check=True)
    rows = [[float(cell) for cell in row.split()] for row in read.stdout.splitlines()]
    assert rows == frames
    assert 'Face = "Body/Head"' in sources[1].read_text("utf-8")


def test_unreals_tables_script_and_texts(small: Path, tmp_path: Path) -> None:
    exported(small, "unreal", tmp_path / "to")
    rows = read_csv((tmp_path / "to/Lines.de.csv").read_bytes())
    assert (tmp_path / "to/Lines.de.csv").read_text("utf-8").startswith('"Name","SoundWave"')
    assert rows == json.loads((tmp_path / "to/Lines.de.json").read_text("utf-8"))
    assert rows[0]["SoundWave"] == "/Game/Voices/de/hall_0010.hall_0010"
    texts = polib.pofile(str(tmp_path / "to/small.de.po"))
    said = {entry.msgctxt: (entry.msgid, entry.msgstr) for entry in texts}
    assert said["hall_0010"] == ("Good evening.", "Guten Abend, schön.")
    script = (tmp_path / "to/import_voices.py").read_text("utf-8")
    assert 'CONTENT = "/Game/Voices"' in script
    ast.parse(script, feature_version=(3, 7))


DIALOGUE = (
    '"SpokenDialogue","VoiceActorDirection","AudioFileName","DialogueAsset","SpeakingVoice"\r\n'
    '"Good evening.","","6B3F0A_0.wav","/Game/D1.D1","/Game/Voices/DV_Ann.DV_Ann"\r\n'
    '"It was ""fine""; 100%.","low","7C_0.wav","/Game/D2.D2","/Game/Voices/DV_Bob.DV_Bob"\r\n'
)


def test_unreals_dialogue_waves_get_the_files_they_ask_for(small: Path, tmp_path: Path) -> None:
    (small / "en.csv").write_text(DIALOGUE, "utf-8")
    options = {"dialogue": {"en": "en.csv"}}
    exported(small, "unreal", tmp_path / "to", options=options)
    files = sorted(path.name for path in (tmp_path / "to/RawAudioPath/en").iterdir())
    assert files == ["6B3F0A_0.wav", "7C_0.wav"]
    assert faults(small, "unreal", tmp_path / "to", options=options) == []
    more = '"Nobody says this.","","9_0.wav","/Game/D3.D3",""\r\n'
    (small / "en.csv").write_text(DIALOGUE + more, "utf-8")
    (told,) = faults(small, "unreal", tmp_path / "to", options=options)
    assert "9_0.wav" in told


@pytest.mark.parametrize("file", ["../outside.wav", "C:\\x.wav", "a/../../b.wav"])
def test_a_dialogue_script_cannot_name_files_elsewhere(
    small: Path, tmp_path: Path, file: str
) -> None:
    (small / "en.csv").write_text(DIALOGUE.replace("7C_0.wav", file), "utf-8")
    with pytest.raises(UsageError, match="nothing was exported"):
        exported(small, "unreal", tmp_path / "to", options={"dialogue": {"en": "en.csv"}})


def test_a_file_that_an_option_names_lies_in_the_project(small: Path, tmp_path: Path) -> None:
    (tmp_path / "en.csv").write_text(DIALOGUE, "utf-8")
    with pytest.raises(InputError):
        exported(small, "unreal", options={"dialogue": {"en": "../en.csv"}})


def test_an_exporter_is_a_file_that_can_be_copied() -> None:
    for name, path in EXPORTERS.items():
        module = path.partition(":")[0].replace(".", "/") + ".py"
        source = (Path(__file__).parents[2] / module).read_text("utf-8")
        assert len(source.splitlines()) <= 150, name
        assert exporter_named(name).title
