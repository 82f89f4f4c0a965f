"""Networks to train that take milliseconds, with weights from a formula."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch
from acoustic_fixtures import formula_weights
from acoustic_tiny import latent_config

from voicepipe.model.checkpoints.weights import load_strictly, shapes_only
from voicepipe.model.config import SemanticConfig
from voicepipe.model.semantic.stage import SemanticStage
from voicepipe.model.spectral import linear_spectrogram
from voicepipe.model.training.synthesizer import (
    AcousticBatch,
    TrainableSynthesizer,
    length_mask,
    load_trainable_synthesizer,
    pad_rows,
)
from voicepipe.model.training.weight_norm_form import to_file_name

if TYPE_CHECKING:
    from collections.abc import Sequence

SOURCE = Path("base.pth")
HOP = 640


def noise(*shape: int, seed: int = 1) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def acoustic_state(*, speaker: bool = False) -> dict[str, torch.Tensor]:
    """A whole file of the small latent family, posterior encoder included."""
    with shapes_only():
        wanted = TrainableSynthesizer(latent_config(speaker=speaker)).state_dict()
    rows = [(to_file_name(k), tuple(v.shape), str(v.dtype)) for k, v in wanted.items()]
    return formula_weights(rows)


def synthesizer(*, speaker: bool = False) -> TrainableSynthesizer:
    return load_trainable_synthesizer(
        latent_config(speaker=speaker), acoustic_state(speaker=speaker), source=SOURCE
    )


def acoustic_batch(frames: Sequence[int], phonemes: Sequence[int]) -> AcousticBatch:
    """Rows of noise; a row is the same in any batch."""
    waves = [0.3 * noise(n * HOP, seed=50 + n) for n in frames]
    sizes = latent_config().spectrogram
    longest = max(frames)
    return AcousticBatch(
        spectrogram=pad_rows([linear_spectrogram(w[None], sizes)[0] for w in waves], longest),
        mask=length_mask(frames, longest),
        semantic_tokens=pad_rows(
            [torch.arange(-(-n // 2)) * 7 % 1024 for n in frames], -(-longest // 2)
        ),
        phoneme_ids=pad_rows([torch.arange(n) * 3 % 40 for n in phonemes], max(phonemes)),
        text_mask=length_mask(phonemes, max(phonemes)),
        samples=pad_rows([w[None] for w in waves], longest * HOP),
    )


def semantic_stage() -> SemanticStage:
    """Two layers of four heads, a vocabulary of 24 and its end."""
    config = SemanticConfig(
        n_layers=2,
        width=32,
        n_heads=4,
        feedforward_width=64,
        vocabulary_size=25,
        phoneme_vocabulary_size=20,
        eos_id=24,
        bert_width=8,
    )
    with shapes_only():
        stage = SemanticStage(config)
    rows = [(k, tuple(v.shape), str(v.dtype)) for k, v in stage.state_dict().items()]
    load_strictly(stage, formula_weights(rows), source=SOURCE)
    return stage
