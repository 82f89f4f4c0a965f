"""A plan from kept stretches is the plan without them, whatever changed in between."""

from __future__ import annotations

import shutil
import sqlite3
from typing import TYPE_CHECKING

import msgspec
import pytest
from cloned_project import EDITS, write_cloned_project

from voicepipe.engines.gpt_sovits import kept_takes
from voicepipe.engines.gpt_sovits.engine import GptSovitsEngine
from voicepipe.engines.gpt_sovits.kept_takes import KEPT_TAKES
from voicepipe.kept_documents import sealed
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.render.clip_requests import ClipRequests
from voicepipe.user_cache import CACHE_VARIABLE

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.synthesis.request import SynthesisRequest
    from voicepipe.voices.voice import CastLine

Answer = tuple[object, list[object], list[object]]

SAME = {"a comment in a voice", "a voice's fallback"}
"""Edits that leave everything as it is."""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_cloned_project(tmp_path_factory.mktemp("film"))


@pytest.fixture
def project(original: Path, tmp_path: Path) -> Path:
    return shutil.copytree(original, tmp_path / "project", symlinks=True)


@pytest.fixture
def n_described(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines whose requests are described whole."""
    lines: list[str] = []
    describe = GptSovitsEngine.request

    def request(engine: GptSovitsEngine, line: CastLine, seed: int) -> SynthesisRequest:
        lines.append(line.line.id)
        return describe(engine, line, seed)

    monkeypatch.setattr(GptSovitsEngine, "request", request)
    return lines


def answer(root: Path, cache: Path) -> Answer:
    """All that a plan makes of a project."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(cache))
        loaded = load_project(root)
        wanted = [*ClipRequests(loaded, {}).values()]
        facts: list[object] = [(one.clip, one.cost_s, one.metadata) for one in wanted]
        return loaded.diagnostics, facts, [one.request for one in wanted[::2]]


def test_any_edit_gives_the_plan_of_a_project_nobody_has_seen(
    project: Path, tmp_path: Path
) -> None:
    kept, readings = tmp_path / "kept", tmp_path / "readings"
    first = answer(project, kept)
    readings.mkdir()
    for name, (path, old, new) in EDITS.items():
        file = project / path
        text = file.read_text("utf-8")
        assert old in text, name
        file.write_text(text.replace(old, new, 1), "utf-8")
        changed = answer(project, kept)
        for stale in readings.iterdir():
            if not stale.name.startswith("readings"):
                stale.unlink()  # texts are the one thing that need not be read anew to find out
        assert answer(project, readings) == changed, name
        assert answer(project, kept) == changed, name
        assert (changed == first) == (name in SAME), name
        file.write_text(text, "utf-8")
        assert answer(project, kept) == first, name


def test_lines_that_are_as_they_were_are_not_described_again(
    project: Path, tmp_path: Path, n_described: list[str]
) -> None:
    first = answer(project, tmp_path / "kept")
    assert len(first[1]) == 3
    n_described.clear()
    assert answer(project, tmp_path / "kept") == first
    assert len(n_described) == 2, "those that were asked for"
    guessed = [problem for problem in first[0] if "Xyloq" in problem.message]  # type: ignore[attr-defined]
    assert len(guessed) == 1


def test_documents_that_are_not_as_they_were_kept_are_made_again(
    project: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    first = answer(project, kept)
    path = kept / KEPT_TAKES.file_name
    with sqlite3.connect(path) as rows:
        ((key, document),) = rows.execute("SELECT key, take FROM takes")
    rows.close()
    too_few = msgspec.msgpack.encode([[], []])
    lies = [document[:-1], document[:60] + b"\0" + document[61:], sealed(key, too_few), b"[]"]
    for lie in lies:
        with sqlite3.connect(path) as rows:
            rows.execute("UPDATE takes SET take = ?", (lie,))
        rows.close()
        assert answer(project, kept) == first
        with sqlite3.connect(path) as rows:
            assert [*rows.execute("SELECT take FROM takes")] == [(document,)]
        rows.close()
    path.write_bytes(path.read_bytes()[:3_000])
    assert answer(project, kept) == first


def test_another_program_makes_everything_again(
    project: Path, tmp_path: Path, n_described: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = answer(project, tmp_path / "kept")
    described: list[object] = []
    note = kept_takes.KeptTakes.note

    def noted(kept: kept_takes.KeptTakes, *facts: object) -> None:
        described.append(facts)
        note(kept, *facts)  # type: ignore[arg-type]

    monkeypatch.setattr(kept_takes.KeptTakes, "note", noted)
    assert answer(project, tmp_path / "kept") == first
    assert described == []
    monkeypatch.setattr(kept_takes, "program_revision", lambda: "another")
    assert answer(project, tmp_path / "kept") == first
    assert len(described) == 1
