"""The watermark: read back after what games do to sound, and claimed only where it was read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_aigc import METADATA, PLAN

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.encode import encode_wav
from voicepipe.audio.encodings import encode, make_encoding
from voicepipe.audio.post_settings import post_settings
from voicepipe.audio.postprocess import FinishedClip, finish_clip
from voicepipe.audio.resample import resample
from voicepipe.audio.wav import decode_clip
from voicepipe.errors import SynthesisError
from voicepipe.labels import labelling
from voicepipe.labels.labelling import TOO_SHORT, labelled, marked
from voicepipe.labels.plan import WATERMARK
from voicepipe.labels.watermark import is_marked
from voicepipe.settings import AudioSettings

VOICE = Path(__file__).parents[2] / "voices/mara/en.ogg"
SETTINGS = post_settings(AudioSettings())


@pytest.fixture(scope="module", name="speech")
def _speech() -> AudioClip:
    return decode_clip(VOICE.read_bytes(), VOICE.name)[0]


@pytest.fixture(scope="module", name="finished")
def _finished(speech: AudioClip) -> FinishedClip:
    take = marked(speech, PLAN, METADATA)
    finished = finish_clip(take, SETTINGS, METADATA, dither_seed=1)
    return labelled(finished, PLAN, METADATA, was_marked=True)


def _ogg(clip: AudioClip) -> AudioClip:
    content = encode(encode_wav(clip, bit_depth=24), make_encoding("ogg", quality=5), key="0" * 64)
    return decode_clip(content, "ogg")[0]


def _quiet(clip: AudioClip) -> AudioClip:
    return AudioClip(samples=clip.samples * np.float32(0.25), sample_rate=clip.sample_rate)


def _narrow(clip: AudioClip) -> AudioClip:
    return resample(resample(clip, 24_000), clip.sample_rate)


@pytest.mark.parametrize("change", [_ogg, _quiet, _narrow])
def test_the_mark_survives(
    finished: FinishedClip, change: Callable[[AudioClip], AudioClip]
) -> None:
    assert finished.watermark == WATERMARK
    clip = decode_clip(finished.wav_bytes, "clip")[0]
    assert is_marked(change(clip))


def test_unmarked_speech_has_none(speech: AudioClip) -> None:
    assert not is_marked(speech)


def test_a_clip_that_is_too_short_is_listed_and_not_claimed(speech: AudioClip) -> None:
    start = int(speech.sample_rate * 0.5)
    short = AudioClip(
        samples=speech.samples[start : start + speech.sample_rate // 2],
        sample_rate=speech.sample_rate,
    )
    take = marked(short, PLAN, METADATA)
    assert take is short
    paused = replace(SETTINGS, head_ms=900.0)
    finished = finish_clip(take, paused, METADATA, dither_seed=1)
    assert finished.duration_s > 1, "a pause makes no clip long enough"
    done = labelled(finished, PLAN, METADATA, was_marked=False)
    assert done.watermark == TOO_SHORT


def test_a_mark_that_cannot_be_read_back_fails_the_line(speech: AudioClip) -> None:
    unmarked = finish_clip(speech, SETTINGS, METADATA, dither_seed=1)
    with pytest.raises(SynthesisError, match="cannot be read back"):
        labelled(unmarked, PLAN, METADATA, was_marked=True)


def test_the_same_take_is_marked_the_same(speech: AudioClip) -> None:
    first, second = marked(speech, PLAN, METADATA), marked(speech, PLAN, METADATA)
    assert np.array_equal(first.samples, second.samples)
    assert first.n_samples == speech.n_samples


@pytest.mark.parametrize("source", ["recorded", "scratch"])
def test_people_and_placeholders_get_no_mark(
    speech: AudioClip, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(_: AudioClip) -> AudioClip:
        raise AssertionError("it was marked")

    monkeypatch.setattr(labelling, "embed", never)
    assert marked(speech, PLAN, replace(METADATA, source=source)) is speech
