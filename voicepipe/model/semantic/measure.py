"""What a second of speech costs in the semantic stage, beside what the machine gives just then.

Weights come from a fixed seed, or are anyone's: values do not change the cost. Each line says
exactly as many tokens as it is told to. Bare products with the stage's own weights, a plain square
product and a read of memory are timed between the steps, so that figures from a busy machine can
be judged by what was left of it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from voicepipe.model.config import SemanticConfig
from voicepipe.model.kernels.rows import whole_rows
from voicepipe.model.precision import Precision
from voicepipe.model.semantic.generation import SemanticBatch, SemanticRequest
from voicepipe.model.semantic.sampling import SamplingSettings
from voicepipe.model.semantic.stage import SemanticStage

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

TOKENS_PER_SECOND: Final = 25
FULL_SIZE: Final = SemanticConfig(
    n_layers=24,
    width=512,
    n_heads=16,
    feedforward_width=2048,
    vocabulary_size=1025,
    phoneme_vocabulary_size=732,
    eos_id=1024,
)
"""The published models."""
SPOKEN_TOKENS: Final = (100, 35, 148, 63, 83, 208, 23, 128, 53, 113, 75, 167, 45, 135, 88, 153)
"""Lengths of lines as the bundled screenplay has them in English, at 15 letters a second: 0.9 to
8.3 s, 4 s on average."""

_SQUARE = 1024
_MEMORY_BYTES = 160_000_000
_PROBE_EVERY = 8  # steps


@dataclass(frozen=True, slots=True, kw_only=True)
class SemanticCost:
    """Core-seconds (CPU time of this process), medians where there are many."""

    n_slots: int
    precision: str
    audio_s: float
    """Seconds of speech that were made."""
    decode_per_audio_s: float
    prefill_per_160: float
    """Of entering a line, for every 160 positions."""
    step_s: float
    """With all slots taken."""
    bare_products_s: float
    """Of the weight products of one such step, and nothing else."""
    gemm_gflops: float
    """Of a plain square product, in between."""
    read_gbytes_s: float
    """Of adding up memory, in between."""


def random_stage(
    config: SemanticConfig = FULL_SIZE, precision: Precision = Precision.FLOAT32
) -> SemanticStage:
    """Make a stage that never ends a line by itself."""
    stage = SemanticStage(config).eval().requires_grad_(requires_grad=False)
    stage.ar_predict_layer.weight.data[config.eos_id] = 0.0
    return stage.pack(precision)


def forced_request(
    config: SemanticConfig, seed: int, *, n_text: int, n_prompt: int, n_tokens: int
) -> SemanticRequest:
    """Make a line that says exactly so many tokens."""
    rng = np.random.default_rng(seed)
    return SemanticRequest(
        phoneme_ids=tuple(rng.integers(0, config.phoneme_vocabulary_size, n_text).tolist()),
        prompt_tokens=tuple(rng.integers(0, config.eos_id, n_prompt).tolist()),
        seed=seed,
        settings=SamplingSettings(max_tokens=n_tokens, min_tokens=n_tokens),
    )


def measure_semantic(
    stage: SemanticStage,
    precision: Precision,
    n_slots: int,
    *,
    n_text: int = 60,
    n_prompt: int = 100,
    token_counts: Sequence[int] = SPOKEN_TOKENS,
) -> SemanticCost:
    """Run two fillings of the slots, a waiting line entering as another ends.

    Args:
        stage: Laid out, on a CPU.
        precision: What it was laid out for.
        n_slots: Lines in flight at once.
        n_text: Phonemes of each line, the transcript's included.
        n_prompt: Prompt tokens of each line.
        token_counts: What the lines say, in turn.
    """
    counts = [token_counts[i % len(token_counts)] for i in range(2 * n_slots)]
    waiting = [
        forced_request(stage.config, i, n_text=n_text, n_prompt=n_prompt, n_tokens=count)
        for i, count in enumerate(counts)
    ]
    length = n_text + n_prompt + max(token_counts)
    batch = SemanticBatch(stage, n_slots=n_slots, max_length=length)
    probes = _Probes(stage, n_slots)
    prefills, steps, full_steps = [], [], []
    while waiting or batch.n_active:
        while waiting and batch.n_free:
            prefills.append(_core_seconds(lambda: batch.admit(waiting.pop())))
        is_full = batch.n_free == 0
        steps.append(_core_seconds(batch.step))
        if is_full:
            full_steps.append(steps[-1])
        if len(steps) % _PROBE_EVERY == 1:
            probes.run()
    audio_s = sum(counts) / TOKENS_PER_SECOND
    # A full step by its median, since neighbours on the machine make a few of them much longer.
    return SemanticCost(
        n_slots=n_slots,
        precision=precision.value,
        audio_s=audio_s,
        decode_per_audio_s=median(full_steps) * TOKENS_PER_SECOND / n_slots,
        prefill_per_160=median(prefills) * 160 / (n_text + n_prompt),
        step_s=median(full_steps),
        bare_products_s=median(probes.products),
        gemm_gflops=2 * _SQUARE**3 / median(probes.squares) / 1e9,
        read_gbytes_s=_MEMORY_BYTES / median(probes.reads) / 1e9,
    )


class _Probes:
    """What the machine gives, again and again."""

    def __init__(self, stage: SemanticStage, n_slots: int) -> None:
        self.products: list[float] = []
        self.squares: list[float] = []
        self.reads: list[float] = []
        self._stage = stage
        n_rows = whole_rows(n_slots)
        self._rows = torch.ones(n_rows, stage.config.width)
        self._wide = torch.ones(n_rows, stage.config.feedforward_width)
        self._square = torch.ones(_SQUARE, _SQUARE)
        self._memory = torch.ones(_MEMORY_BYTES // 4)

    @torch.inference_mode()
    def run(self) -> None:
        self.products.append(_core_seconds(self._products))
        self.squares.append(_core_seconds(lambda: torch.mm(self._square, self._square)))
        self.reads.append(_core_seconds(self._memory.sum))

    def _products(self) -> None:
        for layer in self._stage.h:
            products = layer.packed
            products.join(self._rows)
            products.mix(self._rows)
            products.widen(self._rows)
            products.narrow(self._wide)
        self._stage.predict(self._rows)


def _core_seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start
