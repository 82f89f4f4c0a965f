"""The small content encoder that stands in HuBERT's place."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from acoustic_tiny import formula_state_of
from safetensors.torch import save_file

from voicepipe.errors import CheckpointError
from voicepipe.model.encoders.content import ContentEncoder
from voicepipe.model.encoders.phonetic import PhoneticEncoder, phonetic_mel


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_file(formula_state_of(lambda: PhoneticEncoder(24, 2)), tmp_path / "model.safetensors")
    (tmp_path / "model.json").write_text(
        '{"schema": 1, "family": "phonetic", "lora_rank": null, "info": "", "source": "x",'
        ' "source_sha256": "", "config": {}}'
    )
    return tmp_path


def wave(seconds: float) -> torch.Tensor:
    return torch.sin(torch.arange(int(16_000 * seconds)) * 0.05) * 0.3


def test_features_come_fifty_times_a_second(folder: Path) -> None:
    encoder = ContentEncoder.load(folder)
    features = encoder.encode(wave(2.0))
    assert encoder.width == 24
    assert features.shape == (24, 100)
    assert torch.isfinite(features).all()


def test_mels_come_a_hundred_times_a_second_with_a_floor() -> None:
    mel = phonetic_mel(torch.zeros(1, 16_000))
    assert mel.shape == (1, 80, 100)
    torch.testing.assert_close(mel, torch.full_like(mel, -6.907755))


def test_too_short_a_sound_is_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match="400"):
        ContentEncoder.load(folder).encode(torch.zeros(100))


def test_a_file_that_is_no_encoder_is_refused(folder: Path) -> None:
    save_file({"entry.weight": torch.zeros(4, 80)}, folder / "model.safetensors")
    with pytest.raises(CheckpointError):
        ContentEncoder.load(folder)
