"""The AIGC field: in every form of file, and of nothing a person spoke."""

from __future__ import annotations

import json

import numpy as np
import pytest

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.encode import encode_wav
from voicepipe.audio.encodings import (
    encode,
    make_encoding,
    read_declaration,
    read_encoded_metadata,
)
from voicepipe.audio.metadata import ClipMetadata
from voicepipe.audio.riff import find_chunks
from voicepipe.labels.aigc import aigc_field, parse_aigc, with_aigc
from voicepipe.labels.plan import LabelPlan, label_fingerprint

PLAN = LabelPlan(bank="harbor", producer="港口 Studio", aigc=True, watermark=True)
METADATA = ClipMetadata(
    line="hall_0010",
    text="Good evening.",
    speaker="ann",
    voice="ann",
    language="en",
    source="synthetic",
    engine="tone",
    consent="ann-1",
)
KEY = "ab" * 32


def tone(seconds: float = 1.5, rate: int = 48_000) -> AudioClip:
    time = np.arange(round(seconds * rate)) / rate
    sweep = np.sin(2 * np.pi * (150 + 40 * np.sin(2 * np.pi * 2 * time)) * time)
    return AudioClip(samples=(0.3 * sweep).astype(np.float32), sample_rate=rate)


@pytest.fixture(scope="module", name="wav")
def _wav() -> bytes:
    content = encode_wav(tone(), bit_depth=16, metadata=METADATA, dither_seed=1)
    return with_aigc(content, aigc_field(PLAN, METADATA))


def test_the_field_stands_behind_the_format_and_says_what_the_standard_asks(wav: bytes) -> None:
    assert [place.id for place in find_chunks(wav)][:2] == [b"fmt ", b"AIGC"]
    facts = json.loads(read_declaration(wav))
    assert facts == {
        "Label": "1",
        "ContentProducer": "港口 Studio",
        "ProduceID": "harbor/en/hall_0010",
        "ReservedCode1": "",
        "ContentPropagator": "港口 Studio",
        "PropagateID": "harbor/en/hall_0010",
        "ReservedCode2": "",
    }


def test_the_sound_and_the_other_facts_stay(wav: bytes) -> None:
    before = encode_wav(tone(), bit_depth=16, metadata=METADATA, dither_seed=1)
    data = {
        place.id: content[place.start : place.start + place.size]
        for content in (before, wav)
        for place in find_chunks(content)
    }
    for place in find_chunks(before):
        assert before[place.start : place.start + place.size] == data[place.id]
    assert read_encoded_metadata(wav) == METADATA


def test_a_second_field_takes_the_place_of_the_first(wav: bytes) -> None:
    again = with_aigc(wav, b'{"Label":"2"}')
    assert [place.id for place in find_chunks(again)].count(b"AIGC") == 1
    assert json.loads(read_declaration(again)) == {"Label": "2"}


@pytest.mark.parametrize("form", ["wav", "flac", "ogg", "opus", "mp3"])
def test_every_form_carries_it(wav: bytes, form: str) -> None:
    content = encode(wav, make_encoding(form), key=KEY)
    declared = parse_aigc(read_declaration(content))
    assert declared is not None
    assert declared["ContentProducer"] == "港口 Studio"
    assert read_encoded_metadata(content) == METADATA
    assert encode(wav, make_encoding(form), key=KEY) == content


@pytest.mark.parametrize("field", [None, "", "[]", "{}", '{"Label": 1}', "x" * 100_000, "{"])
def test_anything_else_is_no_field(field: str | None) -> None:
    assert parse_aigc(field) is None


def test_keys_change_only_for_what_is_labelled() -> None:
    assert label_fingerprint(None, "synthetic") is None
    assert label_fingerprint(PLAN, "recorded") is None
    spoken = label_fingerprint(PLAN, "synthetic")
    placeholder = label_fingerprint(PLAN, "scratch")
    assert spoken != placeholder, "only what ships gets a watermark"
