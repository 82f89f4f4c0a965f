"""Ours beside the reference's own pipeline, in turns, at full size of v2: core-seconds of speech.

`python -m benchmarks reference CHECKOUT`, a checkout of RVC-Boss/GPT-SoVITS (48b1a01 was tried).
Its code is imported and run. Its networks are called as its own `TTS.run` calls them with
`parallel_infer`: all lines in one batch of the semantic stage, then all of them decoded as one
utterance. Weights are drawn at random; every line is told how long it is.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
import time
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import TYPE_CHECKING, Any

import torch

from voicepipe.benchmarking.measure import PHONEMES_PER_S, PROMPT_S, measure_pair
from voicepipe.benchmarking.models import formula_pair
from voicepipe.formula_models.sizes import V2_SIZES
from voicepipe.model.precision import Precision
from voicepipe.synthesis.model_cache import ModelCache
from voicepipe.synthesis.sanity_checks import TOKENS_PER_S

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from voicepipe.synthesis.model_cache import Pair

_STAGES = ("prefill", "semantic", "decoder", "total")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is measured."""

    n_lines: int
    """In the reference's batch."""
    seconds: float
    """Length of each of its lines; ours are 2 to 6 s."""
    rounds: int
    slots: int
    """Lines at once of ours."""

    @classmethod
    def asked(cls, asked: argparse.Namespace) -> Sizes:
        """Take what the command line says."""
        return cls(
            n_lines=asked.lines, seconds=asked.seconds, rounds=asked.rounds, slots=asked.slots
        )


def run(checkout: Path, precisions: Sequence[str], sizes: Sizes) -> None:
    """Measure in turns and print the medians as a table.

    Args:
        checkout: The reference's folder.
        precisions: Of ours.
        sizes: How much.
    """
    torch.set_num_threads(1)
    reference = _Reference(checkout, sizes.n_lines, sizes.seconds)
    with tempfile.TemporaryDirectory() as folder:
        pairs = {name: _pair(Path(folder) / name, name) for name in precisions}
        found: dict[str, list[dict[str, float]]] = {"reference": [], **{n: [] for n in pairs}}
        for turn in range(sizes.rounds + 1):
            costs = {"reference": reference.costs()}
            for name, pair in pairs.items():
                costs[name] = _own_costs(pair, sizes)
            if turn:  # the first round warms up
                for name, cost in costs.items():
                    found[name].append(cost)
    _show({name: _medians(costs) for name, costs in found.items()})


def _pair(folder: Path, precision: str) -> Pair:
    folder.mkdir()
    models = formula_pair(folder, Precision(precision), family="v2", size="full")
    return ModelCache(models.root, "cpu").pair(models.needed)


def _own_costs(pair: Pair, sizes: Sizes) -> dict[str, float]:
    audio_s = sizes.n_lines * sizes.seconds
    measured = measure_pair(pair, "cpu", n_slots=sizes.slots, audio_s=audio_s)
    costs = {stage: getattr(measured.stages, stage).core_s_per_audio_s for stage in _STAGES[:3]}
    return {**costs, "total": sum(costs.values())}


class _Reference:
    """Its networks, and lines for them."""

    def __init__(self, checkout: Path, n_lines: int, seconds: float) -> None:
        code = checkout / "GPT_SoVITS"
        _stand_in()
        sys.path.insert(0, str(code))
        generator = torch.Generator().manual_seed(1)
        semantic = importlib.import_module("AR.models.t2s_model")
        acoustic = importlib.import_module("module.models")
        model = {**V2_SIZES.semantic["model"], "dropout": 0.0}
        self._semantic = semantic.Text2SemanticDecoder({"model": model}, top_k=15).eval()
        sizes, clips = V2_SIZES.acoustic["model"], V2_SIZES.acoustic["data"]
        self._acoustic = acoustic.SynthesizerTrn(
            clips["filter_length"] // 2 + 1,
            20_480 // clips["hop_length"],
            n_speakers=300,
            semantic_frame_rate="25hz",
            freeze_quantizer=True,
            **{
                **sizes,
                "p_dropout": 0.0,
                "use_spectral_norm": False,
            },
        ).eval()
        del self._acoustic.enc_q
        self._acoustic.dec.remove_weight_norm()
        n_text = round((PROMPT_S + seconds) * PHONEMES_PER_S)
        n_prompt = int(PROMPT_S * TOKENS_PER_S)
        symbols = model["phoneme_vocab_size"]
        self._n_tokens = int(seconds * TOKENS_PER_S)
        self._audio_s = n_lines * seconds
        self._phonemes = list(torch.randint(symbols, (n_lines, n_text), generator=generator))
        self._berts = [torch.zeros(1024, n_text)] * n_lines
        prompt = torch.randint(1024, (1, n_prompt), generator=generator)
        self._prompts = prompt.expand(n_lines, -1)
        n_frames = int(PROMPT_S * clips["sampling_rate"] / clips["hop_length"])
        self._clip = [torch.rand(1, 1025, n_frames, generator=generator)]

    def costs(self) -> dict[str, float]:
        """Say all lines once."""
        said: list[torch.Tensor] = []

        def semantic() -> None:
            lengths = torch.tensor([len(ids) for ids in self._phonemes])
            tokens, counts = self._semantic.infer_panel_batch_infer(
                self._phonemes,
                lengths,
                self._prompts,
                self._berts,
                top_k=15,
                top_p=1,
                early_stop_num=self._n_tokens,
                max_len=int(lengths.max()),
            )
            said.extend(row[-count:] for row, count in zip(tokens, counts, strict=True))

        def decoder() -> None:
            tokens = torch.cat(said)[None, None].clamp(max=1023)
            spoken = torch.cat([ids[: self._n_tokens // 2] for ids in self._phonemes])[None]
            self._acoustic.decode(tokens, spoken, self._clip)

        costs = {"semantic": _core_seconds(semantic), "decoder": _core_seconds(decoder)}
        audio_s = sum(map(len, said)) / TOKENS_PER_S
        assert abs(audio_s - self._audio_s) < 1, "a line ended by itself"
        costs = {stage: cost / audio_s for stage, cost in costs.items()}
        # Its prompts are read within the semantic stage.
        return {"prefill": 0.0, **costs, "total": sum(costs.values())}


def _core_seconds(work: Callable[[], None]) -> float:
    with torch.no_grad(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        start = time.process_time()
        work()
        return time.process_time() - start


def _stand_in() -> None:
    """Stand in for what the reference imports and these two networks never call."""

    def rearrange(tensor: torch.Tensor, pattern: str) -> torch.Tensor:
        assert pattern == "b n d -> b d n", pattern
        return tensor.transpose(1, 2)

    parts: dict[str, dict[str, Any]] = {
        "torchmetrics": {},
        "torchmetrics.classification": {"MulticlassAccuracy": lambda *_, **__: torch.nn.Identity()},
        "einops": {"rearrange": rearrange, "repeat": None},
        "f5_tts": {},
        "f5_tts.model": {"DiT": None},
    }
    for name, values in parts.items():
        module = ModuleType(name)
        vars(module).update(values)
        sys.modules[name] = module


def _medians(costs: Sequence[dict[str, float]]) -> dict[str, float]:
    return {stage: median(cost[stage] for cost in costs) for stage in _STAGES}


def _show(costs: dict[str, dict[str, float]]) -> None:
    whole = costs["reference"]["total"]
    print("| core-seconds a second of speech | " + " | ".join(_STAGES) + " | of the reference |")
    print("|---" * (len(_STAGES) + 2) + "|")
    for name, cost in costs.items():
        cells = [f"{cost[stage]:.3f}" for stage in _STAGES]
        print(f"| {name} | {' | '.join(cells)} | {cost['total'] / whole:.2f} |")
