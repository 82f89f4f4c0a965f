"""The speaker network against the reference implementation's output."""

from __future__ import annotations

import pytest
import torch
from acoustic_fixtures import (
    TOLERANCE,
    checkpoint,
    formula_state,
    vectors,
)

from voicepipe.model.acoustic.loading import load_speaker_encoder
from voicepipe.model.config import Family
from voicepipe.model.spectral import kaldi_fbank

pytestmark = pytest.mark.parity


def test_the_filterbank_equals_the_reference() -> None:
    given = vectors("speaker")
    fbank = kaldi_fbank(given["wave_16k"][0], 16_000, 80)
    assert given.error(fbank, "fbank") < TOLERANCE


@pytest.mark.slow
def test_the_embedding_equals_the_reference() -> None:
    encoder = load_speaker_encoder(
        checkpoint(Family.SPEAKER, formula_state("speaker", "keys.json"))
    )
    given = vectors("speaker")
    with torch.inference_mode():
        assert given.error(encoder.embed(given["wave_16k"]), "embedding") < TOLERANCE
        fbank = kaldi_fbank(given["wave_16k"][0], 16_000, 80)
        assert given.error(encoder(fbank[None]), "embedding") < TOLERANCE
