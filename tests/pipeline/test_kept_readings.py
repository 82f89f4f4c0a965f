"""A plan from kept readings is the plan without them, whatever changed in between."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from embedded_models import pull_embedded

from voicepipe.engines.gpt_sovits import reading_processes, readings
from voicepipe.engines.gpt_sovits.reading_processes import LineToRead, TextQueue
from voicepipe.engines.gpt_sovits.readings import KEPT_READINGS
from voicepipe.kept_documents import DocumentStore
from voicepipe.pipeline import project
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.render.clip_requests import ClipRequests
from voicepipe.screenplay.line import Segment
from voicepipe.screenplay.lines import reading
from voicepipe.screenplay.story.checks import check_story
from voicepipe.synthesis import reading_keys, text_readings
from voicepipe.text.languages import Language
from voicepipe.user_cache import CACHE_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.engines.gpt_sovits.reading_processes import TextToRead

ROOT = Path(__file__).parents[2]
FILM = ("voicepipe.yaml", "models.lock", "lexicon.yaml", "scripts_in", "voices")
Answer = tuple[object, list[tuple[object, object]]]


@pytest.fixture
def film(tmp_path: Path) -> Path:
    root = tmp_path / "film"
    root.mkdir()
    for name in FILM:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, root / name)
    pull_embedded(root)
    return root


@pytest.fixture
def n_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that are read aloud, as they are."""
    texts: list[str] = []
    line, transcript = text_readings.read_line, text_readings.read_transcript

    def read_line(segments: object, how: object) -> object:
        texts.append("".join(segment.text for segment in segments))  # type: ignore[attr-defined]
        return line(segments, how)  # type: ignore[arg-type]

    def read_transcript(text: str, how: object) -> object:
        texts.append(text)
        return transcript(text, how)  # type: ignore[arg-type]

    monkeypatch.setattr(readings, "read_line", read_line)
    monkeypatch.setattr(readings, "read_transcript", read_transcript)
    return texts


def answer(root: Path) -> Answer:
    """All that a plan makes of a project's texts."""
    read = load_project(root)
    read.require_valid()
    wanted = [*ClipRequests(read, {}).values()]
    return read.diagnostics, [(want.clip, want.request) for want in wanted]


def with_cache(folder: Path, ask: Callable[[], Answer]) -> Answer:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(folder))
        return ask()


def change_lexicon(root: Path) -> None:
    with (root / "lexicon.yaml").open("a", encoding="utf-8") as lexicon:
        lexicon.write("en:\n  eleven: ee-LEH-vuhn\n")


def change_settings(root: Path) -> None:
    settings = root / "voicepipe.yaml"
    with settings.open("a", encoding="utf-8") as stream:
        stream.write("render: {precision: int8}\n")


def change_line(root: Path) -> None:
    script = root / "scripts_in/01_wake.yaml"
    said = script.read_text("utf-8")
    script.write_text(said.replace("Noah… are we there?", "Noah… 42 days? [pause:1s]No."), "utf-8")


def change_voice(root: Path) -> None:
    voice = root / "voices/noah.yaml"
    said = voice.read_text("utf-8")
    at = said.index("transcript: ", said.index("noah/en"))
    rest = said[said.index("\n", at) :]
    voice.write_text(said[:at] + "transcript: Something else was said here." + rest, "utf-8")


@pytest.mark.slow
def test_a_kept_answer_is_the_computed_one_whatever_changed(
    film: Path, tmp_path: Path, n_read: list[str]
) -> None:
    kept = tmp_path / "kept"
    first = with_cache(kept, lambda: answer(film))
    n_texts = len(n_read)
    assert n_texts > 200
    assert with_cache(kept, lambda: answer(film)) == first
    assert len(n_read) == n_texts, "nothing is read aloud twice"
    most = {change_line: 1, change_lexicon: 30, change_settings: 0, change_voice: 1}
    for change, n_most in most.items():
        n_read.clear()
        change(film)
        from_kept = with_cache(kept, lambda: answer(film))
        assert len(n_read) <= n_most, change.__name__
        assert (len(n_read) > 0) == (n_most > 0)
        fresh = with_cache(tmp_path / change.__name__, lambda: answer(film))
        assert from_kept == fresh != first
        first = fresh


def test_another_front_end_reads_everything_again(
    small: Path, tmp_path: Path, n_read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = with_cache(tmp_path / "kept", lambda: answer(small))
    n_texts = len(n_read)
    monkeypatch.setattr(reading_keys, "front_end_revision", lambda: "another")
    assert with_cache(tmp_path / "kept", lambda: answer(small)) == before
    assert len(n_read) == 2 * n_texts > 0


def test_the_more_is_kept_the_rarer_its_file_is_written_again(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    keep = DocumentStore.keep

    def counted(store: DocumentStore, documents: Mapping[bytes, bytes]) -> None:
        if store._kind is KEPT_READINGS:
            sizes.append(len(documents))
        keep(store, documents)

    monkeypatch.setattr(readings, "_KEPT_AT_ONCE", (10, 40))
    monkeypatch.setattr(DocumentStore, "keep", counted)
    with_cache(tmp_path / "kept", lambda: answer(film))
    assert sizes[:-1] == [10, 10, 10, 15, 22, 33, *[40] * (len(sizes) - 7)]
    assert len(sizes) > 8


def test_documents_that_are_none_of_ours_are_read_again(
    small: Path, tmp_path: Path, n_read: list[str]
) -> None:
    kept = tmp_path / "kept"
    before = with_cache(kept, lambda: answer(small))
    n_texts = len(n_read)
    for lie in (b"", b"\x90", b"\xc1", b"\x91" * 5_000, b"\x91\xc0", b"\x00" * 16 + b"\x90"):
        store = DocumentStore(kept, KEPT_READINGS)
        with sqlite3.connect(kept / KEPT_READINGS.file_name) as rows:
            keys = [row[0] for row in rows.execute("SELECT key FROM readings")]
        rows.close()
        store.keep(dict.fromkeys(keys, lie))
        n_read.clear()
        assert with_cache(kept, lambda: answer(small)) == before
        assert len(n_read) == n_texts
    assert (kept / KEPT_READINGS.file_name).is_file()


def test_processes_read_what_one_reads(
    small: Path, tmp_path: Path, n_read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = with_cache(tmp_path / "alone", lambda: answer(small))
    assert len(n_read) > 2
    n_read.clear()
    monkeypatch.setattr(readings, "processes_worth", lambda *_: 2)
    assert with_cache(tmp_path / "together", lambda: answer(small)) == alone
    assert n_read == [], "lines and what is said in their clips were read elsewhere"


def test_what_a_killed_process_left_is_read_here(
    small: Path, tmp_path: Path, n_read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = with_cache(tmp_path / "alone", lambda: answer(small))
    n_texts = len(n_read)
    monkeypatch.setattr(readings, "processes_worth", lambda *_: 2)
    # A function of its own, so that it is sent to the process as it is.
    monkeypatch.setattr(reading_processes, "_read", lambda _: os.kill(os.getpid(), signal.SIGKILL))
    n_read.clear()
    assert with_cache(tmp_path / "killed", lambda: answer(small)) == alone
    assert len(n_read) == n_texts


def test_lines_are_read_while_the_story_is_looked_at(
    small: Path, tmp_path: Path, n_read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    script = small / "scripts_in/01_wake.yaml"
    shows = "    - {line: wake_0030, who: noah, text: {en: 'Trust {trust}.'}}\n    - goto"
    script.write_text(script.read_text("utf-8").replace("    - goto", shows), "utf-8")
    with (small / "scripts_in/story.yaml").open("a", encoding="utf-8") as story:
        story.write("variables:\n  trust: {type: int, min: 0, max: 1, start: 0}\n")
    alone = with_cache(tmp_path / "alone", lambda: answer(small))
    n_read.clear()
    happened: list[object] = []
    ask = TextQueue.ask

    def asked(queue: TextQueue, texts: Mapping[bytes, TextToRead]) -> None:
        happened.append([one for one in texts.values() if isinstance(one, LineToRead)])
        ask(queue, texts)

    def checked(*facts: object, **settings: object) -> list[Diagnostic]:
        happened.append("story")
        return check_story(*facts, **settings)  # type: ignore[arg-type]

    monkeypatch.setattr(TextQueue, "ask", asked)
    monkeypatch.setattr(reading, "check_story", checked)
    monkeypatch.setattr(readings, "processes_worth", lambda *_: 2)
    assert with_cache(tmp_path / "together", lambda: answer(small)) == alone
    before, between, after = happened[:3]
    assert between == "story"
    assert isinstance(before, list)
    assert len(before) == 2, "what does not depend on a variable"
    assert isinstance(after, list)
    assert [one.segments[0].text for one in after] == ["Trust 0.", "Trust 1."]
    assert n_read == []


def test_nobody_reads_on_when_a_check_is_broken_off(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[TextQueue] = []
    end = TextQueue.end

    def noted(queue: TextQueue) -> None:
        ended.append(queue)
        end(queue)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(TextQueue, "end", noted)
    monkeypatch.setattr(readings, "processes_worth", lambda *_: 1)
    monkeypatch.setattr(project, "cast_lines", interrupted)
    with pytest.raises(KeyboardInterrupt):
        with_cache(tmp_path / "kept", lambda: answer(small))
    assert len(ended) == 1


def line_to_read(language: Language) -> LineToRead:
    return LineToRead(
        segments=(Segment(text="Day 29."),), language=language, symbols="v2", speaker=""
    )


def test_as_many_processes_read_as_keep_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    english, japanese = line_to_read(Language.EN), line_to_read(Language.JA)
    monkeypatch.setattr(reading_processes, "n_cores", lambda: 4)
    assert reading_processes.processes_worth([]) == 0
    assert reading_processes.processes_worth([english] * 1000) == 0, "a small project"
    assert reading_processes.processes_worth([english] * 1000, 20.0) == 1
    assert reading_processes.processes_worth([japanese] * 5000) == 4
    monkeypatch.setattr(reading_processes, "n_cores", lambda: 1)
    assert reading_processes.processes_worth([japanese] * 5000) == 0


@pytest.fixture
def small(film: Path) -> Path:
    """One scene of the film, in English alone."""
    for script in (film / "scripts_in").glob("*"):
        if script.is_dir():
            shutil.rmtree(script)
        elif script.name not in ("story.yaml", "01_wake.yaml"):
            script.unlink()
    (film / "scripts_in/story.yaml").write_text(
        "start: wake\nspeakers:\n  noah: {name: {en: Noah}}\n  mara: {name: {en: Mara}}\n", "utf-8"
    )
    (film / "voices/cast.yaml").unlink(missing_ok=True)
    (film / "scripts_in/01_wake.yaml").write_text(
        "scene: wake\nnodes:\n  thaw:\n"
        "    - {line: wake_0010, who: noah, text: {en: 'Day 29, Mara.'}}\n"
        "    - {line: wake_0020, who: mara, text: {en: 'Thirty-two. [pause:1s]We are late.'}}\n"
        "    - goto: END\n",
        "utf-8",
    )
    settings = film / "voicepipe.yaml"
    said = settings.read_text("utf-8").replace("[zh, en, ja]", "[en]")
    settings.write_text(said.replace("source_language: zh", "source_language: en"), "utf-8")
    return film
