"""The half that sounds: languages, delivery, pauses, timbre, and nothing in place of speech."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from engine_builders import cast_line, median_f0
from samples_of_languages import SENTENCES

from voicepipe.engines.scratch.assembly import Stretch, joined, spoken_samples
from voicepipe.engines.scratch.languages import SPOKEN
from voicepipe.errors import SynthesisError
from voicepipe.screenplay.line import Segment

if TYPE_CHECKING:
    from voicepipe.audio.clip import AudioClip
    from voicepipe.engines.protocol import Renderer
    from voicepipe.engines.scratch.engine import ScratchEngine

SENTENCE = "Where were you all morning, my old lion?"
STEADY = {"variant": "m1", "pitch": 50, "rate": 165}


class Speaker:
    def __init__(self, engine: ScratchEngine, renderer: Renderer) -> None:
        self.engine = engine
        self.renderer = renderer

    def say(self, text: str, language: str = "en", **changes: object) -> AudioClip:
        line = cast_line(text, language, **changes)  # type: ignore[arg-type]
        rendered = next(iter(self.renderer.render([self.engine.request(line, 1)])))
        if rendered.error is not None:
            raise rendered.error
        assert rendered.clip is not None
        return rendered.clip


@pytest.fixture(scope="session")
def speaker(scratch: ScratchEngine, renderer: Renderer) -> Speaker:
    return Speaker(scratch, renderer)


def test_every_language_has_a_sentence() -> None:
    assert SENTENCES.keys() == SPOKEN.keys()


@pytest.mark.parametrize("language", SENTENCES)
def test_every_language_speaks_its_sentence_as_speech(speaker: Speaker, language: str) -> None:
    sentence = SENTENCES[language]
    assert speaker.engine.check([cast_line(sentence, language)]) == []
    clip = speaker.say(sentence, language)
    assert 0.9 < clip.duration_s < 6
    levels = np.abs(clip.samples)
    assert 0.1 < levels.max() < 1
    sounding = (levels.reshape(-1)[: clip.n_samples // 441 * 441].reshape(-1, 441) > 0.01).any(1)
    assert sounding.mean() > 0.6  # 20 ms frames
    words = speaker.say(sentence * 2, language)
    assert 1.6 < words.duration_s / clip.duration_s < 2.5


@pytest.mark.parametrize(
    ("language", "read", "spelled"),
    [
        ("zh", "重庆", "chóngqìng"),
        ("zh", "港口", "gang3kou3"),
        ("yue", "香港", "hoeng1gong2"),
        ("ja", "東京", "トーキョー"),
    ],
)
def test_a_reading_sounds_like_the_signs_it_reads(
    speaker: Speaker, language: str, read: str, spelled: str
) -> None:
    signs = speaker.say(read, language, timbre=STEADY)
    say = speaker.say("x", language, timbre=STEADY, segments=(Segment(text="x", say=spelled),))
    assert say.duration_s == pytest.approx(signs.duration_s, rel=0.35)


def test_kanji_are_read_and_not_called_letters(speaker: Speaker) -> None:
    kanji = speaker.say("今日は世界", "ja", timbre=STEADY)
    kana = speaker.say("キョーワセカイ", "ja", timbre=STEADY)
    assert np.array_equal(kanji.samples, kana.samples)


def test_a_respelling_replaces_the_text(speaker: Speaker) -> None:
    segments = (Segment(text="extraordinarily", say="MAH-ree-oh"),)
    spoken = speaker.say("extraordinarily", timbre=STEADY, segments=segments)
    assert np.array_equal(spoken.samples, speaker.say("mah-ree-oh", timbre=STEADY).samples)


def test_the_same_request_gives_the_same_samples_in_any_batch(
    scratch: ScratchEngine, renderer: Renderer
) -> None:
    whisper = cast_line("Shh, a whisper.", emotion="whisper", line_id="b")
    lines = [cast_line(SENTENCE, line_id="a"), whisper, cast_line("你好", "zh", line_id="c")]
    requests = [scratch.request(line, 3) for line in lines]
    together = {r.request.line_id: r.clip for r in renderer.render([*requests, *requests[::-1]])}
    fresh = scratch.open("cpu")
    for request in requests:
        (alone,) = fresh.render([request])
        both = together[request.line_id], alone.clip
        assert both[0] is not None
        assert both[1] is not None
        assert np.array_equal(both[0].samples, both[1].samples)
    fresh.close()


def test_pauses_are_silent_and_exactly_as_long_as_written(speaker: Speaker) -> None:
    segments = (
        Segment(text="", pause_after_ms=250),
        Segment(text="You chose fault…", pause_after_ms=400),
        Segment(text="I could have saved everyone."),
    )
    clip = speaker.say("x", segments=segments)
    quiet = np.concatenate(([0], (clip.samples == 0).astype(np.int8), [0]))
    edges = np.flatnonzero(np.diff(quiet))
    runs = edges[1::2] - edges[::2]
    assert round(0.4 * clip.sample_rate) in runs
    assert np.all(clip.samples[: round(0.25 * clip.sample_rate)] == 0)
    loud = np.flatnonzero(np.abs(clip.samples) > 33 / 32768)
    gap = int(np.diff(loud).max()) - 1
    assert gap == round(0.4 * clip.sample_rate)


def test_speed_multiplies_over_line_and_segment(speaker: Speaker) -> None:
    plain = speaker.say(SENTENCE, timbre=STEADY).duration_s
    quick = speaker.say(SENTENCE, timbre=STEADY, speed=1.25).duration_s
    slow = speaker.say(
        SENTENCE, timbre=STEADY, speed=1.25, segments=(Segment(text=SENTENCE, speed=0.64),)
    ).duration_s
    assert quick == pytest.approx(plain / 1.25, rel=0.08)
    assert slow == pytest.approx(plain / 0.8, rel=0.08)


@pytest.mark.parametrize("semitones", [-4, -2, 2, 4])
def test_a_pitch_mark_moves_the_voice_by_about_as_many_semitones(
    speaker: Speaker, semitones: int
) -> None:
    # A voice with a clear pitch: creaky ones have none to measure.
    timbre = {**STEADY, "variant": "f1"}
    plain = median_f0(speaker.say(SENTENCE, timbre=timbre))
    marked = (Segment(text=SENTENCE, pitch_semitones=semitones),)
    moved = median_f0(speaker.say(SENTENCE, timbre=timbre, segments=marked))
    assert 12 * np.log2(moved / plain) == pytest.approx(semitones, abs=1.3)


def test_moods_change_how_the_same_words_sound(speaker: Speaker) -> None:
    plain, sad, excited, whisper = (
        speaker.say(SENTENCE, timbre=STEADY, emotion=emotion)
        for emotion in ("neutral", "sad", "excited", "whisper")
    )
    assert sad.duration_s > 1.08 * plain.duration_s > 1.15 * excited.duration_s
    assert median_f0(sad) < median_f0(plain) < median_f0(excited)
    assert np.abs(sad.samples).mean() < np.abs(plain.samples).mean()
    assert np.abs(whisper.samples).mean() < 0.8 * np.abs(plain.samples).mean()


def test_voices_tell_apart_by_their_ids_alone(speaker: Speaker) -> None:
    ada, noah, ada_again = (speaker.say(SENTENCE, voice=v).samples for v in ("ada", "noah", "ada"))
    assert np.array_equal(ada, ada_again)
    assert ada.shape != noah.shape


@pytest.mark.parametrize(
    "text",
    [
        "Keep <b>bold</b> &amp; [[h@loU]] plain",
        "Keep \x0190Py bold \x01+20S plain",
        "Keep <speak><break time='9s'/></speak> plain",
        "{player} said `rm`",
    ],
)
def test_text_is_never_taken_for_markup(speaker: Speaker, text: str) -> None:
    clip = speaker.say(text, timbre=STEADY)
    visible = "".join(c if c.isalnum() or c in "@&'=/<>[];.`" else " " for c in text)
    assert clip.duration_s >= 0.045 * sum(map(str.isalnum, visible))
    assert clip.duration_s < 8


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("…!?", "en", "no letter or digit"),
        ("😀", "en", "no letter or digit"),
        ("今天", "en", "cannot read"),
        ("hello", "tlh", "does not speak"),
    ],
)
def test_what_cannot_be_said_is_an_error_and_never_silence(
    speaker: Speaker, text: str, language: str, words: str
) -> None:
    with pytest.raises(SynthesisError, match=words):
        speaker.say(text, language)


def test_a_failed_line_does_not_stop_the_next(scratch: ScratchEngine, renderer: Renderer) -> None:
    lines = [cast_line("Hi."), cast_line("今天"), cast_line("Ho.")]
    outcomes = list(renderer.render(scratch.request(line, 1) for line in lines))
    assert [outcome.error is None for outcome in outcomes] == [True, False, True]


def test_sound_that_cannot_be_the_text_is_refused() -> None:
    rate = 22_050
    second = (3_000 * np.sin(np.arange(rate) / 10)).astype("<i2")
    assert spoken_samples(second.tobytes(), "hello", 5, rate).max() < 0.1
    for pcm, letters, words in (
        (b"", 5, "no sound"),
        (np.zeros(rate, "<i2").tobytes(), 5, "no sound"),
        ((second // 100).astype("<i2").tobytes(), 5, "no sound"),
        (second.tobytes(), 500, "spoke 1.00 s"),
        (np.tile(second, 9).tobytes(), 2, "spoke 9.00 s"),
    ):
        with pytest.raises(SynthesisError, match=words):
            spoken_samples(pcm, "hello", letters, rate)


def test_stretches_without_pauses_keep_their_own_breath() -> None:
    sound = np.zeros(100, dtype=np.float32)
    sound[40:60] = 0.5
    plain = [Stretch(samples=sound, pause_after_ms=0)] * 2
    assert joined(plain, 1_000).n_samples == 200
    paused = [Stretch(samples=sound, pause_after_ms=7), Stretch(samples=sound, pause_after_ms=0)]
    assert joined(paused, 1_000).n_samples == 60 + 7 + 60
