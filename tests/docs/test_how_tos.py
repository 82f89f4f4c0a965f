"""The examples of the how-tos do what their pages say."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from doc_pages import ROOT, blocks_of

from voicepipe.documents.source import SourceFile
from voicepipe.pipeline.codes import all_codes
from voicepipe.pipeline.export_reading import check_export
from voicepipe.pipeline.exporting import ExportRequest, prepare_export, write_prepared
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.render.rendering import RenderOptions, render_project
from voicepipe.reports import SourceLines, render_text
from voicepipe.screenplay.formats.loader import parse_scripts
from voicepipe.screenplay.formats.values import ScriptLanguages
from voicepipe.screenplay.lines.resolve import resolve_lines
from voicepipe.screenplay.syntax import Language
from voicepipe.settings_export import ExportSettings
from voicepipe.text.records import Part
from voicepipe.text.symbols import symbol_table

HOW_TO = ROOT / "docs/how-to"
ENGINES = {"hum": "hum_of_the_how_to:HumEngine"}
FILES = {
    "voicepipe.yaml": "bank: small\nlanguages: [en]\naudio: {sample_rate: 24000, bit_depth: 16}\n",
    "scripts_in/hall.yaml": (
        "scene: hall\nnodes:\n  door:\n"
        "    - {line: hall_0010, who: ann, text: Good evening.}\n"
        "    - {line: hall_0020, who: ann, text: You again.}\n"
        "    - goto: END\n"
    ),
    "voices/ann.yaml": (
        "engine: hum\nconsent: {id: ann, kind: synthetic, who: A tone, scope: ['*'],\n"
        "  languages: ['*'], from: 2020-01-01}\n"
    ),
}


def _example(page: str, kind: str = "python") -> str:
    return blocks_of(HOW_TO / page, kind)[0].text


def _names(page: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(_example(page), page, "exec"), names)
    return names


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a project that the engine of the how-to has rendered."""
    modules = tmp_path_factory.mktemp("modules")
    (modules / "hum_of_the_how_to.py").write_text(_example("add-an-engine.md"), "utf-8")
    root = tmp_path_factory.mktemp("how_to")
    for name, text in FILES.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, "utf-8")
    sys.path.insert(0, str(modules))
    try:
        project = load_project(root, engines=ENGINES)
        options = RenderOptions(engines=ENGINES, jobs=1)
        report = render_project(project, options, on_event=lambda _: None)
    finally:
        sys.path.remove(str(modules))
    assert (report.rendered, report.failed) == (2, ())
    return root


def test_the_engine_of_the_how_to_renders_and_is_planned_again_without_work(
    rendered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = load_project(rendered, engines=ENGINES)
    assert project.diagnostics == ()
    again = render_project(project, RenderOptions(engines=ENGINES, jobs=1), on_event=lambda _: None)
    assert (again.rendered, again.kept) == (0, 2)


def test_the_exporter_of_the_how_to_is_written_read_back_and_missed(
    rendered: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "subtitles_of_the_how_to.py").write_text(_example("add-an-exporter.md"), "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    request = ExportRequest(
        target=ExportSettings(target="subtitles", encoding="wav"),
        folder=tmp_path / "to",
        exporters={"subtitles": "subtitles_of_the_how_to:SubtitleExporter"},
    )
    ready = prepare_export(rendered, request)
    assert write_prepared(ready).written == ("en.json", "en/hall_0010.wav", "en/hall_0020.wav")
    assert write_prepared(ready).written == ()
    rows = json.loads((tmp_path / "to/en.json").read_text("utf-8"))
    assert [(row["id"], row["who"], row["text"]) for row in rows] == [
        ("hall_0010", "ann", "Good evening."),
        ("hall_0020", "ann", "You again."),
    ]
    assert rows[0]["seconds"] == pytest.approx(1.1, abs=0.2)  # eleven letters, trimmed
    assert check_export(ready) == ()
    (tmp_path / "to" / rows[1]["file"]).unlink()
    (told,) = check_export(ready)
    assert told.message.startswith("hall_0020 (en): ")
    assert list(ready.exporter.check(ready.export, tmp_path / "to"))


def test_the_loader_of_the_how_to_finds_every_clip(rendered: Path, tmp_path: Path) -> None:
    target = ExportSettings(target="generic", encoding="wav")
    request = ExportRequest(target=target, folder=tmp_path / "to")
    write_prepared(prepare_export(rendered, request))
    voices = _names("export.md")["Voices"](tmp_path / "to", "en")
    assert voices.text("hall_0010") == "Good evening."
    assert voices.path("hall_0020").stat().st_size > 1000
    assert voices.barks("none") == []


def test_the_diagnostic_of_the_how_to_points_as_shown(tmp_path: Path) -> None:
    names = _names("add-a-diagnostic.md")
    assert names["LONG_SUBTITLE"].code not in all_codes()
    text = (
        "scene: hall\nnodes:\n  door:\n    - line: hall_0010\n      who: ann\n"
        "      text: You came after all, and you came alone, and you came in the rain...\n"
        "    - goto: END\n"
    )
    (tmp_path / "scripts_in").mkdir()
    (tmp_path / "scripts_in/hall.yaml").write_text(text, "utf-8")
    english = ScriptLanguages(source=Language("en"), known=(Language("en"),))
    source = SourceFile(path="scripts_in/hall.yaml", text=text)
    lines, _ = resolve_lines(
        parse_scripts([source], english)[0],
        languages=[Language("en")],
        source_language=Language("en"),
    )
    shown = render_text(names["long_subtitles"](lines), SourceLines(tmp_path))
    assert shown.strip() == _example("add-a-diagnostic.md", "text").strip()


def test_the_front_end_of_the_how_to_reads_and_accounts_for_every_letter() -> None:
    pronounce = _names("add-a-language.md")["pronounce"]
    said = pronounce([Part(text="toki, "), Part(text="ma!")])
    phonemes = [phoneme for unit in said.unit_phonemes for phoneme in unit]
    assert phonemes == _example("add-a-language.md", "text").split()
    assert symbol_table("v2").known(phonemes) == tuple(phonemes)
    assert pronounce([Part(text="tokix")]).dropped == ("x",)
    given = pronounce([Part(text="ma", phonemes=("M", "EH1"))])
    assert given.unit_phonemes == (("M", "EH1"),)
