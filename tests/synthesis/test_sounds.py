"""Laughs and sighs are clips of the voice: chosen, placed, matched, and never words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from voice_of_sounds import RATE, laugh, laughing, project_with_sounds, sound_of

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.inserted import without_sounds, words_only
from voicepipe.audio.loudness import measure_loudness
from voicepipe.engines.scratch.engine import ScratchEngine
from voicepipe.errors import EnvironmentFault, SynthesisError
from voicepipe.hashing import sha256_of_bytes
from voicepipe.pipeline.render.clip_requests import outer_pauses
from voicepipe.screenplay.inline_tags import parse_inline_tags
from voicepipe.screenplay.line import Segment
from voicepipe.synthesis.chosen_sounds import PlacedSound, chosen_sound, refused_sounds
from voicepipe.synthesis.inputs import placed_sounds
from voicepipe.synthesis.joining import PartSound, joined_parts
from voicepipe.synthesis.parts import Reading, parts_and_sounds
from voicepipe.synthesis.sounds import matched, with_sounds
from voicepipe.text.languages import Language
from voicepipe.text.lexicon import EMPTY_LEXICON

if TYPE_CHECKING:
    from pathlib import Path

EN = Reading(language=Language.EN, symbols="v2", lexicon=EMPTY_LEXICON)


def speech() -> AudioClip:
    time_s = np.arange(2 * RATE) / RATE
    gate = 0.5 + 0.5 * np.sin(2 * np.pi * 3 * time_s)
    buzz = sum(np.cos(2 * np.pi * 150 * k * time_s) for k in range(1, 20))
    samples = (0.02 * buzz * gate).astype(np.float32)
    return AudioClip(samples=samples, sample_rate=RATE)


def lufs(samples: np.ndarray) -> float:
    found = measure_loudness(AudioClip(samples=samples, sample_rate=RATE))
    assert found is not None
    return found.lufs


def test_sounds_stand_before_after_and_between_parts() -> None:
    segments = [
        Segment(text="", sound="sighs"),
        Segment(text=" Well."),
        Segment(text="", sound="laughs", pause_after_ms=500, energy_db=-6.0),
        Segment(text=" You again."),
        Segment(text="", sound="sighs", pause_after_ms=900),
    ]
    parts, sounds = parts_and_sounds(segments, EN)
    assert [part.utterance.text.strip() for part in parts] == ["Well.", "You again."]
    assert [(s.name, s.before_part, s.energy_db, s.pause_after_ms) for s in sounds] == [
        ("sighs", 0, 0.0, 80),
        ("laughs", 1, -6.0, 500),
        ("sighs", 2, 0.0, 900),
    ]
    assert parts[-1].pause_after_ms > 0


def test_the_seed_chooses_among_clips_of_one_name() -> None:
    cast = laughing("Well. [laughs]", [sound_of(b"a"), sound_of(b"b"), sound_of(b"c", "sighs")])
    chosen = {chosen_sound(cast, "laughs", seed, 0).path for seed in range(20)}
    assert chosen == {"voices/ann/a.wav", "voices/ann/b.wav"}
    assert chosen_sound(cast, "laughs", 3, 0) == chosen_sound(cast, "laughs", 3, 0)
    with pytest.raises(SynthesisError, match="coughs"):
        chosen_sound(cast, "coughs", 1, 0)


def test_a_sound_the_voice_lacks_is_refused_in_its_place() -> None:
    cast = laughing("Well. [sighs] No.", [sound_of(b"a")])
    (refused,) = refused_sounds(cast)
    assert (refused.code, refused.span.column) == ("VP336", 7)
    assert "sighs" in refused.message
    assert not refused_sounds(laughing("Well. [laughs] No.", [sound_of(b"a")]))


def test_requests_name_sounds_by_content_and_only_lines_with_one() -> None:
    engine = ScratchEngine()
    plain = engine.request(laughing("Well. No.", [sound_of(b"a")]), 1)
    assert plain.key() == engine.request(laughing("Well. No.", []), 1).key()
    assert "sounds" not in plain.inputs["delivery"]  # type: ignore[operator]
    one = engine.request(laughing("Well. [laughs] No.", [sound_of(b"a")]), 1)
    other = engine.request(laughing("Well. [laughs] No.", [sound_of(b"b")]), 1)
    assert one.key() != other.key()
    assert one.files == {sha256_of_bytes(b"a"): "voices/ann/a.wav"}
    moved = replace(sound_of(b"a"), path="voices/ann/moved.wav")
    assert engine.request(laughing("Well. [laughs] No.", [moved]), 1).key() == one.key()


def test_what_is_placed_is_read_back() -> None:
    placed = PlacedSound(sha256="0" * 64, before_part=1, gain_db=-6.0, pause_after_ms=80)
    assert placed_sounds({"sounds": [placed.facts()]}) == (placed,)
    assert placed_sounds({}) == ()


@pytest.mark.parametrize("gain_db", [0.0, -8.0])
def test_a_sound_is_as_loud_as_the_speech_unless_asked_otherwise(gain_db: float) -> None:
    said = speech().samples
    for scale in (0.02, 1.0):
        loud = AudioClip(samples=laugh().samples * np.float32(scale), sample_rate=RATE)
        heard = matched(loud, said, RATE, gain_db)
        assert abs(lufs(heard) - lufs(said) - gain_db) < 0.5
        assert abs(float(heard[0])) < 1e-4
        assert abs(float(heard[-1])) < 1e-4
    click = np.zeros(RATE, dtype=np.float32)
    click[RATE // 2 : RATE // 2 + 20] = 0.9
    sharp = matched(AudioClip(samples=click, sample_rate=RATE), said, RATE, 0.0)
    assert float(np.abs(sharp).max()) < 1.6 * float(np.abs(said).max())


def test_parts_and_sounds_are_joined_with_the_pauses_that_are_written() -> None:
    part = PartSound(samples=speech().samples, pause_after_ms=300)
    asked = [PlacedSound(sha256="s", before_part=1, gain_db=0.0, pause_after_ms=200)]
    pieces = with_sounds([part, part], asked, lambda _: laugh(), RATE)
    assert [piece.pause_after_ms for piece in pieces] == [300, 200, 300]
    clip = joined_parts(pieces, RATE)
    assert clip.duration_s == pytest.approx(2 + 0.3 + 0.9 + 0.2 + 2, abs=0.25)
    assert with_sounds([part], [], lambda _: laugh(), RATE) == [part]


def test_known_sounds_are_taken_out_wherever_and_however_loud_they_are() -> None:
    said = speech().samples
    rest = np.zeros(RATE // 4, dtype=np.float32)
    heard = matched(laugh(), said, RATE, -3.0)
    whole = AudioClip(
        samples=np.concatenate([said, rest, heard, rest, said, heard]), sample_rate=RATE
    )
    silenced = without_sounds(whole, [laugh()])
    start = len(said) + len(rest)
    assert lufs(said) == pytest.approx(lufs(silenced.samples[: len(said)]), abs=0.01)
    left = silenced.samples[start : start + len(heard)]
    assert float(np.sum(left**2)) < 0.02 * float(np.sum(heard**2))
    assert float(np.abs(silenced.samples[-len(heard) // 2 :]).max()) < 0.01
    words = words_only(whole, [laugh()])
    assert words.duration_s == pytest.approx(whole.duration_s - 1.6, abs=0.1)
    trimmed = AudioClip(samples=whole.samples[len(said) + len(rest) + 1500 :], sample_rate=RATE)
    begun = without_sounds(trimmed, [laugh()])
    assert float(np.abs(begun.samples[: len(heard) // 2]).max()) < 0.01
    untouched = speech()
    assert without_sounds(untouched, [laugh()]) is untouched


def test_a_placeholder_laughs_with_the_clip_of_its_voice(tmp_path: Path) -> None:
    cast = project_with_sounds(tmp_path, "Well. [laughs][pause:300ms] You again.")
    assert not ScratchEngine(tmp_path).check([cast])
    engine = ScratchEngine(tmp_path)
    renderer = engine.open("cpu")
    try:
        request = engine.request(cast, 1)
        (said,) = renderer.render([request])
        assert said.error is None
        assert said.clip is not None
        assert without_sounds(said.clip, [laugh()]) is not said.clip
        soundfile.write(tmp_path / "voices/ann/laugh.wav", speech().samples, RATE)
        with pytest.raises(EnvironmentFault, match="changed"):
            list(renderer.render([request]))
    finally:
        renderer.close()


def test_pauses_beside_a_sound_that_opens_a_line_are_inside_it() -> None:
    segments, _ = parse_inline_tags(
        "[pause:100ms][sighs][pause:400ms]Go.[pause:50ms]", laughing("x", []).text.span
    )
    text = replace(laughing("x", []).text, segments=segments)
    assert outer_pauses(text) == (100, 50)
