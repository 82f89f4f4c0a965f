"""inkjs and yarn-bound play exported stories, and find a file for every line they say."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from export_tool import exported, faults
from outside_programs import NODE_MODULES, require
from stand_in_bank import publish_stand_ins

from voicepipe.bank.versions import load_latest
from voicepipe.exporters.tables import read_csv

ENGINES = Path(__file__).parent / "engines"
SCRIPT: dict[str, Any] = {"options": {"script": True}}
WALKS = 40


def _played(script: str, package: str, *words: str) -> Any:
    require(package, "node", str(NODE_MODULES / package))
    ended = subprocess.run(
        ["node", str(ENGINES / script), str(NODE_MODULES), *words],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    return json.loads(ended.stdout)


def _heard_lines(film: Path) -> set[str]:
    manifest = load_latest(film / "out", "ararat")
    assert manifest is not None
    return {entry.line for entry in manifest.entries if not entry.bark_set}


def test_inkjs_plays_the_film_and_finds_a_file_for_every_tag(film: Path, tmp_path: Path) -> None:
    exported(film, "ink", tmp_path, **SCRIPT)
    walks = _played("play_ink.js", "inkjs", str(tmp_path / "ararat.ink"), str(WALKS))
    ids = [one["ids"] for walk in walks for one in walk]
    assert all(len(one) == 1 for one in ids)
    said = {one[0] for one in ids}
    for language in ("zh", "en", "ja"):
        files = {path.stem for path in (tmp_path / language / "Audio/TTS").iterdir()}
        assert said <= files
    of_lin = {line for line in _heard_lines(film) if line.endswith("__lin")}
    assert len(said) > 0.8 * len(_heard_lines(film) - of_lin)
    assert faults(film, "ink", tmp_path, **SCRIPT) == []
    (tmp_path / "en/Audio/TTS/wake_0030.wav").unlink()
    (told,) = faults(film, "ink", tmp_path, **SCRIPT)
    assert told.startswith("VP780 wake_0030 (en)")


def test_yarn_bound_plays_the_film_and_finds_a_file_for_every_line(
    film: Path, tmp_path: Path
) -> None:
    exported(film, "yarn", tmp_path, **SCRIPT)
    scripts = [str(path) for path in sorted(tmp_path.glob("*.yarn"))]
    walks = _played("play_yarn.js", "yarn-bound", str(WALKS), *scripts)
    tags = [one["tags"] for walk in walks for one in walk]
    said = {tag.removeprefix("line:") for one in tags for tag in one}
    assert all(len(one) == 1 for one in tags)
    for language in ("zh", "en", "ja"):
        assert said <= {path.stem for path in (tmp_path / language).iterdir()}
    of_lin = {line for line in _heard_lines(film) if line.endswith("__lin")}
    assert len(said) > 0.8 * len(_heard_lines(film) - of_lin)
    assert faults(film, "yarn", tmp_path, **SCRIPT) == []
    (tmp_path / "ja/wake_0030.wav").unlink()
    (told,) = faults(film, "yarn", tmp_path, **SCRIPT)
    assert told.startswith("VP780 wake_0030 (ja)")


def test_yarns_tables_are_those_its_importer_reads(small: Path, tmp_path: Path) -> None:
    exported(small, "yarn", tmp_path / "to")
    rows = read_csv((tmp_path / "to/small.de.csv").read_bytes())
    (row,) = [row for row in rows if row["id"] == "line:hall_0010"]
    assert row["text"] == "ann: Guten Abend, schön."
    assert (row["language"], row["node"], row["file"]) == (
        "de",
        "hall_door",
        "scripts_in/hall.yaml",
    )
    assert row["lock"] == "22aba889"  # of "ann: Good evening."
    project = json.loads((tmp_path / "to/small.localisation.json").read_text("utf-8"))
    assert project["localisation"]["de"] == {"strings": "small.de.csv", "assets": "de"}


def test_an_id_that_is_a_part_of_another_is_ambiguous_for_yarn(small: Path, tmp_path: Path) -> None:
    script = small / "scripts_in/hall.yaml"
    script.write_text(script.read_text("utf-8").replace("bark_0010", "a_hall_0010"), "utf-8")
    publish_stand_ins(small)
    exported(small, "yarn", tmp_path / "to")
    told = faults(small, "yarn", tmp_path / "to")
    assert [one[:22] for one in told] == ["VP781 hall_0010 (en): ", "VP781 hall_0010 (de): "]
    exported(small, "ink", tmp_path / "ink")
    assert faults(small, "ink", tmp_path / "ink") == []
