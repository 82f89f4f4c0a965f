"""A part of a line is spoken as its emotion's row says, as far as its engine goes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from msgspec import structs
from voice_of_sounds import line_of

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.pauses import find_pauses
from voicepipe.audio.post_settings import post_settings, settings_for
from voicepipe.diagnostics import SourceSpan
from voicepipe.screenplay.line import LineText, Segment
from voicepipe.screenplay.syntax import Language
from voicepipe.settings import AudioSettings
from voicepipe.synthesis.delivery import line_level_db, part_delivery, pause_after_ms
from voicepipe.synthesis.joining import with_scaled_pauses
from voicepipe.synthesis.prosody_limits import refused_tags, unfollowed, unheard_stress
from voicepipe.synthesis.text_readings import PartReading, TextReading
from voicepipe.voices.prosody import PLAIN, STANDARD, STANDARD_TABLE, ProsodyTable
from voicepipe.voices.voice import CastLine, Delivery, Voice, VoiceId

if TYPE_CHECKING:
    from voicepipe.hashing import Json

SPAN = SourceSpan(path="scripts_in/quay.yaml")
EN = Language("en")
PLAIN_FACTS: dict[str, Json] = {"clip": 0, "speed": 1.0, "pitch_semitones": 0.0}


def directed(emotion: str, table: ProsodyTable = STANDARD_TABLE) -> CastLine:
    row = table.of(emotion, has_clip=False)
    text = LineText(plain="Go.", segments=(Segment(text="Go."),), span=SPAN)
    return CastLine(
        line=line_of(text, emotion=emotion),
        language=EN,
        text=text,
        voice=Voice(id=VoiceId("ann"), engine="gpt-sovits", consent=None, span=SPAN),
        delivery=Delivery(
            emotion=emotion, resolved_emotion="neutral", speed=row.speed, prosody=row
        ),
        reference=None,
        prosody=table,
    )


def part(text: str = "Go.", emotion: str = "", pause_ms: int = 0) -> PartReading:
    read = TextReading(normalized_text=text, symbols="v2", phoneme_ids=(1, 2))
    return PartReading(text=read, emotion=emotion, pause_after_ms=pause_ms)


@pytest.mark.parametrize("has_own_pitch", [True, False])
@pytest.mark.parametrize("emotion", ["neutral", "calm"])
def test_a_line_without_a_row_keeps_its_key(emotion: str, has_own_pitch: bool) -> None:
    said = part_delivery(part("Who?"), directed(emotion), has_own_pitch=has_own_pitch)
    assert said.facts(0) == PLAIN_FACTS


def test_off_is_off() -> None:
    said = part_delivery(part(), directed("angry", ProsodyTable()), has_own_pitch=True)
    assert said.facts(0) == PLAIN_FACTS


@pytest.mark.parametrize("emotion", sorted(STANDARD))
def test_a_generator_with_a_pitch_follows_a_whole_row(emotion: str) -> None:
    row = STANDARD[emotion]
    said = part_delivery(part(), directed(emotion), has_own_pitch=True)
    assert said.facts(0) != PLAIN_FACTS
    assert (said.speed, said.pauses, said.pitch_semitones) == (row.speed, row.pauses, 0.0)
    voicing = said.voicing
    assert (voicing.pitch_semitones, voicing.range) == (row.pitch_semitones, row.range)
    assert (voicing.tremor_hz, voicing.is_voiceless) == (row.tremor_hz, row.is_voiceless)


def test_other_generators_are_played_higher_and_what_is_lost_is_said() -> None:
    said = part_delivery(part(), directed("sad"), has_own_pitch=False)
    assert said.facts(0) == {
        "clip": 0,
        "speed": 0.88,
        "pitch_semitones": -1.8,
        "pauses": 1.4,
    }
    (note,) = unfollowed([directed("sad")], follows=frozenset({"pauses"}))
    assert "tremor (sad)" in note.message
    assert "pauses" not in note.message
    assert not unfollowed([directed("calm")], follows=frozenset())


def test_a_part_with_another_emotion_is_spoken_by_its_own_row() -> None:
    line = with_stretches("sad", "", "urgent")
    urgent = part_delivery(part(emotion="urgent"), line, has_own_pitch=True)
    assert urgent.speed == STANDARD["urgent"].speed
    assert urgent.voicing.range == STANDARD["urgent"].range
    sad = part_delivery(part(), line, has_own_pitch=True)
    assert sad.speed == STANDARD["sad"].speed
    assert sad.gain_db - urgent.gain_db == STANDARD["sad"].level_db - STANDARD["urgent"].level_db


def test_a_line_is_as_loud_as_its_loudest_stretch() -> None:
    assert line_level_db(with_stretches("sad", "", "urgent")) == STANDARD["urgent"].level_db
    assert line_level_db(with_stretches("neutral", "whisper")) == STANDARD["whisper"].level_db
    assert line_level_db(with_stretches("neutral", "", "whisper")) == 0
    assert line_level_db(replace(directed("sad"), prosody=ProsodyTable())) == 0


def with_stretches(emotion: str, *inline: str) -> CastLine:
    cast = directed(emotion)
    segments = tuple(Segment(text="Go.", emotion=own) for own in inline)
    return replace(cast, text=replace(cast.text, segments=segments))


def test_tags_add_to_the_row_and_need_none() -> None:
    plain = directed("neutral", ProsodyTable())
    livelier = structs.replace(part(), energy_db=3.0, range=1.5)
    loud = (Segment(text="Go.", energy_db=3.0), Segment(text="Go."))
    cast = replace(plain, text=replace(plain.text, segments=loud))
    said = part_delivery(livelier, cast, has_own_pitch=True)
    assert (line_level_db(cast), said.gain_db) == (3.0, 0.0)
    assert part_delivery(part(), cast, has_own_pitch=True).gain_db == -3.0
    assert (said.voicing.range, said.voicing.brightness_db) == (1.5, 1.0)
    others = part_delivery(livelier, cast, has_own_pitch=False)
    assert others.facts(0) == PLAIN_FACTS
    angry = part_delivery(livelier, directed("angry"), has_own_pitch=True)
    assert angry.voicing.range == STANDARD["angry"].range * 1.5


def test_stress_is_part_of_the_facts_where_it_is_used() -> None:
    said = part_delivery(
        structs.replace(part(), stressed=((1, 2),)), directed("calm"), has_own_pitch=True
    )
    assert said.facts(0) == {**PLAIN_FACTS, "stressed": [[1, 2]]}


def test_tags_that_a_voice_cannot_follow_are_refused_in_their_place() -> None:
    cast = directed("calm")
    place = SourceSpan(path="scripts_in/quay.yaml", line=4, column=9, length=8)
    text = replace(cast.text, tag_places={"stress": place})
    (refused,) = refused_tags(replace(cast, text=text), follows=frozenset({"range"}))
    assert (refused.code, refused.span) == ("VP335", place)
    assert not refused_tags(replace(cast, text=text), follows=frozenset({"stress"}))
    assert unheard_stress(replace(cast, text=text)).span == place


def test_questions_rise_where_their_emotion_has_a_row() -> None:
    for text, rise in (("Who?", 2.0), ("谁在那里？”", 2.0), ("Who.", 0.0)):
        said = part_delivery(part(text), directed("angry"), has_own_pitch=True)
        assert said.voicing.rise_semitones == rise


def test_pauses_that_are_written_stay() -> None:
    said = part_delivery(part(pause_ms=200), directed("tired"), has_own_pitch=True)
    assert pause_after_ms(part(pause_ms=200), said) == 300
    assert pause_after_ms(structs.replace(part(pause_ms=200), is_written_pause=True), said) == 200


def test_pauses_inside_a_part_are_scaled_and_words_are_not() -> None:
    rate = 24_000
    tone = np.sin(np.arange(rate // 2) * 0.05).astype(np.float32)
    rest = np.full(rate // 4, 1e-5, dtype=np.float32)
    clip = AudioClip(samples=np.concatenate((tone, rest, tone)), sample_rate=rate)
    (before,) = find_pauses(clip)
    longer = with_scaled_pauses(clip, 2.0)
    assert abs(longer.n_samples - clip.n_samples - before.length) <= 1
    assert with_scaled_pauses(clip, PLAIN.pauses) is clip


def test_a_level_is_kept_when_clips_are_levelled() -> None:
    base = post_settings(AudioSettings())
    assert settings_for(base, level_db=-4.0).loudness_lufs == base.loudness_lufs - 4
    assert settings_for(base, loudness_lufs=-16.0, level_db=3.0).loudness_lufs == -13
