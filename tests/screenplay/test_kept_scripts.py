"""A kept script is the script as it is: whatever changed, and whatever happened to the file."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from script_strategies import SCRIPT_LANGUAGES, screenplays

from voicepipe.documents.findings import Findings
from voicepipe.documents.source import SourceFile
from voicepipe.screenplay.formats import kept_scripts, loader
from voicepipe.screenplay.formats.csv_parser import parse_csv_script
from voicepipe.screenplay.formats.csv_printer import print_csv
from voicepipe.screenplay.formats.kept_scripts import KEPT_SCRIPTS, KeptScripts
from voicepipe.screenplay.formats.loader import LoadedScreenplay, load_screenplay
from voicepipe.screenplay.formats.script_form import ScriptForm, form_of, parts_of
from voicepipe.screenplay.formats.script_parts import ScriptParts
from voicepipe.screenplay.formats.yaml_parser import parse_yaml_script
from voicepipe.screenplay.formats.yaml_printer import print_yaml
from voicepipe.settings import load_settings
from voicepipe.user_cache import CACHE_VARIABLE

if TYPE_CHECKING:
    from voicepipe.screenplay.syntax import Screenplay

ROOT = Path(__file__).parents[2]
FORMATS = {
    "yaml": (print_yaml, parse_yaml_script),
    "csv": (print_csv, parse_csv_script),
}


@pytest.fixture
def film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    shutil.copytree(ROOT / "scripts_in", tmp_path / "film/scripts_in")
    shutil.copyfile(ROOT / "voicepipe.yaml", tmp_path / "film/voicepipe.yaml")
    return tmp_path / "film"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of scripts that are parsed."""
    paths: list[str] = []
    parse = loader._parse

    def noted(source: SourceFile, *others: object) -> None:
        paths.append(source.path)
        parse(source, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(loader, "_parse", noted)
    return paths


def load(root: Path) -> LoadedScreenplay:
    found, _ = load_settings(root)
    assert found is not None
    return load_screenplay(root, found)


def load_afresh(root: Path, cache: Path) -> LoadedScreenplay:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(cache))
        return load(root)


@pytest.mark.parametrize("form", FORMATS)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(screenplay=screenplays)
def test_what_is_kept_comes_back_as_it_was(form: str, screenplay: Screenplay) -> None:
    printed, parse = FORMATS[form]
    source = SourceFile(path=f"a.{form}", text=printed(screenplay))
    parts = ScriptParts()
    parse(source, SCRIPT_LANGUAGES, parts, Findings())
    content = msgspec.msgpack.encode(form_of(parts))
    assert parts_of(msgspec.msgpack.decode(content, type=ScriptForm), source.path) == parts


def test_only_what_changed_is_parsed_again(film: Path, tmp_path: Path, parsed: list[str]) -> None:
    first = load(film)
    assert len(parsed) > 3
    parsed.clear()
    assert load(film) == first
    assert parsed == []
    script = film / "scripts_in/01_wake.yaml"
    script.write_text(script.read_text("utf-8") + "# a comment\n", "utf-8")
    assert load(film) == first
    assert parsed == ["scripts_in/01_wake.yaml"]
    text = script.read_text("utf-8")
    script.write_text(text.replace("Noah… are we there?", "Noah, wake up."), "utf-8")
    changed = load(film)
    assert changed == load_afresh(film, tmp_path / "fresh") != first
    script.rename(script.with_name("00_wake.yaml"))
    moved = load(film)
    assert moved == load_afresh(film, tmp_path / "moved") != changed


def test_a_file_with_a_problem_is_parsed_each_time(film: Path, parsed: list[str]) -> None:
    script = film / "scripts_in/01_wake.yaml"
    script.write_text(script.read_text("utf-8") + "nonsense: 1\n", "utf-8")
    first = load(film)
    assert first.diagnostics
    parsed.clear()
    assert load(film) == first
    assert parsed == ["scripts_in/01_wake.yaml"]


def test_other_languages_or_another_program_parse_everything_again(
    film: Path, parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    load(film)
    n_files = len(parsed)
    parsed.clear()
    path = film / "voicepipe.yaml"
    path.write_text(path.read_text("utf-8") + "text: {markup: renpy}\n", "utf-8")
    load(film)
    assert len(parsed) == n_files
    parsed.clear()
    monkeypatch.setattr(kept_scripts, "program_revision", lambda: "another")
    load(film)
    assert len(parsed) == n_files


def test_documents_that_are_not_as_they_were_kept_are_parsed_again(
    film: Path, tmp_path: Path, parsed: list[str]
) -> None:
    first = load(film)
    path = tmp_path / "cache" / KEPT_SCRIPTS.file_name
    with sqlite3.connect(path) as rows:
        kept = dict(rows.execute("SELECT key, script FROM scripts"))
    rows.close()
    other = max(kept.values(), key=len)
    for lie in (b"", b"[]", other, other[:-1], other[:40] + b"\0" + other[41:]):
        changed = [(lie, key) for key, document in kept.items() if document != lie]
        with sqlite3.connect(path) as rows:
            rows.executemany("UPDATE scripts SET script = ? WHERE key = ?", changed)
        rows.close()
        parsed.clear()
        assert load(film) == first
        assert len(parsed) == len(changed)
    for content in (b"", b"SQLite format 3\0", path.read_bytes()[:5_000], b"\xff" * 10_000):
        path.write_bytes(content)
        assert load(film) == first


def test_what_would_not_come_back_as_it_was_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    source = SourceFile(path="a.yaml", text="scene: a\nnodes:\n  b:\n    - {who: c, text: D}\n")
    parts, back = ScriptParts(), ScriptParts()
    parse_yaml_script(source, SCRIPT_LANGUAGES, parts, Findings())
    back.scenes = [replace(parts.scenes[0], title="Another")]
    monkeypatch.setattr(kept_scripts, "parts_of", lambda *_: back)
    scripts = KeptScripts([source], SCRIPT_LANGUAGES)
    scripts.note(source, parts)
    scripts.keep()
    assert not (tmp_path / KEPT_SCRIPTS.file_name).exists()
