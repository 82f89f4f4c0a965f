"""Stages small enough to train in seconds, on speech made of tones."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.encode import encode_wav
from voicepipe.formula_models.sizes import TINY_SIZES
from voicepipe.formula_models.weights import formula_state
from voicepipe.model.acoustic.config import read_acoustic_config
from voicepipe.model.checkpoints.reading import Checkpoint
from voicepipe.model.checkpoints.weights import shapes_only
from voicepipe.model.config import Family, SemanticConfig
from voicepipe.model.semantic.stage import SemanticStage
from voicepipe.model.training.discriminators import TINY_CRITICS
from voicepipe.model.training.synthesizer import TrainableSynthesizer
from voicepipe.model.training.weight_norm_form import to_file_name
from voicepipe.training.dataset.utterance import TrainingUtterance
from voicepipe.training.loops.acoustic_trainer import AcousticSettings, AcousticTraining
from voicepipe.training.loops.process_group import ALONE, ProcessGroup
from voicepipe.training.loops.semantic_trainer import SemanticSettings, SemanticTraining

RATE, HOP, N_SYMBOLS = 32_000, 640, 40
SEMANTIC_SETTINGS: dict[str, Any] = {
    "model": {**TINY_SIZES.semantic["model"], "phoneme_vocab_size": N_SYMBOLS}
}
ACOUSTIC_SETTINGS: dict[str, Any] = {
    **TINY_SIZES.acoustic,
    "model": {
        **TINY_SIZES.acoustic["model"],
        "resblock_kernel_sizes": [3],
        "resblock_dilation_sizes": [[1, 3]],
    },
}
"""With one residual block of three: what costs most in a step."""


def utterances(folder: Path, n: int, seconds: float) -> list[TrainingUtterance]:
    """Each token is a tone, and each phoneme a run of tokens."""
    folder.mkdir(exist_ok=True)
    made = []
    for number in range(n):
        rng = np.random.default_rng(number)
        n_tokens = int(seconds * 25) - number % 3
        phonemes = rng.integers(1, N_SYMBOLS, -(-n_tokens // 5))
        tokens = np.repeat(phonemes * 25, 5)[:n_tokens]
        pitch = np.repeat(100.0 + tokens, RATE // 25)
        sound = 0.3 * np.sin(2 * np.pi * np.cumsum(pitch) / RATE)
        path = folder / f"u{number:03d}.wav"
        clip = AudioClip(samples=sound.astype(np.float32), sample_rate=RATE)
        path.write_bytes(encode_wav(clip, bit_depth=32))
        made.append(
            TrainingUtterance(
                name=path.stem,
                phoneme_ids=tuple(int(p) for p in phonemes),
                bert=np.zeros((len(phonemes), 1024), dtype=np.float32) if number % 2 else None,
                semantic_tokens=tokens.astype(np.int64),
                wave=path,
                language="zh",
            )
        )
    return made


@lru_cache
def semantic_base() -> Checkpoint:
    with shapes_only():
        wanted = SemanticStage(SemanticConfig.from_mapping(SEMANTIC_SETTINGS)).state_dict()
    rows = [(name, tuple(t.shape), str(t.dtype)) for name, t in wanted.items()]
    return _checkpoint(Family.SEMANTIC, formula_state(rows, eos_gain=1.0), SEMANTIC_SETTINGS)


@lru_cache
def acoustic_base() -> Checkpoint:
    shapes = {
        "enc_p.text_embedding.weight": (N_SYMBOLS, 16),
        "ref_enc.spectral.0.fc.weight": (128, 704),
        "ref_enc.fc.fc.weight": (512, 128),
    }
    config = read_acoustic_config(ACOUSTIC_SETTINGS, shapes)
    with shapes_only():
        wanted = TrainableSynthesizer(config).state_dict()
    rows = [(to_file_name(name), tuple(t.shape), str(t.dtype)) for name, t in wanted.items()]
    # Formula weights make of real sound a posterior far wider than the prior: begin near it.
    state = formula_state(rows)
    for name in ("enc_q.proj.weight", "enc_p.proj.weight"):
        state[name] = 0.1 * state[name]
    return _checkpoint(Family.V2, state, ACOUSTIC_SETTINGS)


def semantic_training(
    learnt: list[TrainingUtterance],
    held_out: list[TrainingUtterance],
    *,
    group: ProcessGroup = ALONE,
    **settings: Any,
) -> SemanticTraining:
    torch.set_num_threads(1)
    return SemanticTraining(
        semantic_base(), learnt, held_out, SemanticSettings(**settings), group=group
    )


def acoustic_training(
    learnt: list[TrainingUtterance],
    held_out: list[TrainingUtterance],
    *,
    group: ProcessGroup = ALONE,
    **settings: Any,
) -> AcousticTraining:
    torch.set_num_threads(1)
    return AcousticTraining(
        acoustic_base(),
        learnt,
        held_out,
        AcousticSettings(**settings),
        critic_sizes=TINY_CRITICS,
        group=group,
    )


def _checkpoint(
    family: Family, state: dict[str, torch.Tensor], settings: dict[str, Any]
) -> Checkpoint:
    return Checkpoint(
        path=Path(f"{family.value}.pth"),
        sha256=family.value,
        source_sha256=family.value,
        n_bytes=0,
        family=family,
        lora_rank=None,
        config=settings,
        tensors=state,
        info="",
    )
