"""What a prosody table says of an emotion, and what a line is then cast with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from voice_builders import catalog, clip, line, voice

from voicepipe.documents.source import SourceFile
from voicepipe.settings import Settings
from voicepipe.voices.casting import cast_lines
from voicepipe.voices.prosody import NO_PROSODY, PLAIN, STANDARD, STANDARD_TABLE, ProsodyTable
from voicepipe.voices.prosody_file import PROSODY_FILE, load_prosody, parse_prosody

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.voices.voice import CastLine

SETTINGS = Settings(bank="quay", languages=("en",))


def table(text: str) -> ProsodyTable:
    found, problems = parse_prosody(SourceFile(path=PROSODY_FILE, text=text))
    assert not problems
    return found


def with_emotion(emotion: str, prosody: ProsodyTable) -> CastLine:
    clips = (clip("neutral", "en"), clip("sad", "en"))
    noah = voice("noah", *clips, fallback={"angry": "neutral"})
    (cast,), _ = cast_lines(
        [line("quay_0010", "noah", emotion=emotion)], catalog(noah), ["en"], prosody=prosody
    )
    return cast


def test_rows_come_before_the_standard_ones_and_the_others_stay() -> None:
    found = table("emotions:\n  sad: {speed: 0.9, pauses: 2}\n  tired: {}\n")
    sad = found.of("sad", has_clip=False)
    assert (sad.speed, sad.pauses, sad.pitch_semitones) == (0.9, 2.0, 0.0)
    assert found.of("tired", has_clip=False) == PLAIN
    assert found.of("angry", has_clip=False) == STANDARD["angry"]
    assert found.of("sly", has_clip=False) == PLAIN


def test_a_row_like_another_is_as_strong_as_it_says() -> None:
    found = table(
        "emotions:\n"
        "  furious: {like: angry, strength: 2, level_db: 1}\n"
        "  sad: {like: sad, strength: 0.5}\n"
    )
    angry, furious = STANDARD["angry"], found.of("furious", has_clip=False)
    assert furious.pitch_semitones == 2 * angry.pitch_semitones
    assert furious.speed == angry.speed**2
    assert furious.level_db == 2
    assert found.of("sad", has_clip=False) == STANDARD["sad"].scaled(0.5)


@pytest.mark.parametrize(
    ("use", "has_file", "speed"),
    [
        ("auto", False, 1.0),
        ("auto", True, 0.7),
        ("on", False, STANDARD["sad"].speed),
        ("on", True, 0.7),
        ("off", True, 1.0),
    ],
)
def test_a_project_says_whether_it_has_a_table(
    tmp_path: Path, use: str, has_file: bool, speed: float
) -> None:
    if has_file:
        (tmp_path / PROSODY_FILE).write_text("emotions: {sad: {speed: 0.7}}\n", "utf-8")
    found, problems = load_prosody(tmp_path, SETTINGS.model_copy(update={"prosody": use}))
    assert not problems
    assert found.of("sad", has_clip=False).speed == speed


def test_a_clip_of_the_emotion_needs_less() -> None:
    assert with_emotion("sad", STANDARD_TABLE).delivery.prosody == STANDARD["sad"].scaled(0.5)
    assert with_emotion("angry", STANDARD_TABLE).delivery.prosody == STANDARD["angry"]


def test_lines_without_a_row_are_cast_as_without_a_table() -> None:
    for emotion in ("", "neutral", "sly"):
        directed = with_emotion(emotion, STANDARD_TABLE)
        assert directed.delivery == with_emotion(emotion, NO_PROSODY).delivery
    assert with_emotion("angry", STANDARD_TABLE).delivery.speed == STANDARD["angry"].speed
