"""Measuring a checkpoint pair: lines of forced lengths through every stage. Imports torch.

Values of weights, texts and prompts do not change the cost, so ids are drawn at random; lengths
do, so they are those of lines that people write. The semantic stage is measured as in the middle of
a long render: every slot taken, lines at all stages of their way, a new one entering as one ends.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from voicepipe.benchmarking.clock import DECODER, PREFILL, SEMANTIC, StageMeter
from voicepipe.errors import SynthesisError
from voicepipe.memory import resident_mb
from voicepipe.model.acoustic.stage import AcousticLine, ReferenceAudio
from voicepipe.model.semantic.generation import SemanticBatch
from voicepipe.model.semantic.measure import forced_request
from voicepipe.synthesis.sanity_checks import TOKENS_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voicepipe.benchmarking.report import StageCosts
    from voicepipe.model.acoustic.stage import AcousticPrompt
    from voicepipe.model.semantic.generation import SemanticOutcome, SemanticRequest
    from voicepipe.synthesis.model_cache import Pair

SHORTEST_S, LONGEST_S = 2.0, 6.0
"""Of lines: what most of a screenplay's are."""
PROMPT_S = 4.0
"""Of the reference clip: common among 3 to 10 s."""
PHONEMES_PER_S = 14
MIN_STEPS: Final = 40
"""Of the semantic stage, however little speech is asked for."""
_WARM_STEPS = 3
_SEED = 1
_TOKENS = (int(SHORTEST_S * TOKENS_PER_S), int(LONGEST_S * TOKENS_PER_S))
_PROMPT_TOKENS = int(PROMPT_S * TOKENS_PER_S)
_MAX_LENGTH = _PROMPT_TOKENS + _TOKENS[1] + int((PROMPT_S + LONGEST_S) * PHONEMES_PER_S)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a pair takes on this machine."""

    stages: StageCosts
    audio_s: float
    """The least that a stage was measured over."""
    tokens_per_s: float
    peak_memory_mb: float
    peak_device_memory_mb: float | None


def measure_pair(
    pair: Pair, device: str, *, n_slots: int, audio_s: float, candidates: int = 1
) -> Measured:
    """Run lines through every stage.

    Args:
        pair: Loaded on `device`. On a CPU the caller has set the threads.
        device: `cpu`, `cuda:0` …
        n_slots: Lines under way at once in the semantic stage.
        audio_s: Seconds of speech to measure each stage over, at least; the semantic stage takes
            more where that is needed to fill its slots for a while.
        candidates: Answers of the semantic stage for each that is kept: what the others take
            counts with it. All begin with one prefill.

    Raises:
        SynthesisError: The models give no numbers.
    """
    where = torch.device(device)
    if where.type == "cuda":
        torch.cuda.reset_peak_memory_stats(where)
    run = _Run(pair, where, n_slots, candidates)
    run.prefill(audio_s)
    run.semantic(audio_s)
    run.decoder(audio_s)
    clock = run.clock
    kept_s = clock.audio_s[SEMANTIC]
    peak = torch.cuda.max_memory_allocated(where) / 2**20 if where.type == "cuda" else None
    return Measured(
        stages=clock.costs(),
        audio_s=min(clock.audio_s.values()),
        tokens_per_s=kept_s * candidates * TOKENS_PER_S / clock.wall_s[SEMANTIC],
        peak_memory_mb=run.peak_mb,
        peak_device_memory_mb=peak,
    )


def decoder_work(pair: Pair, device: str, *, audio_s: float) -> Callable[[], None]:
    """Prepare lines for the decoder alone.

    Args:
        pair: Loaded on `device`.
        device: `cpu`, `cuda:0` …
        audio_s: Seconds of speech.

    Returns:
        What makes samples of them, each time it is called.
    """
    run = _Run(pair, torch.device(device), n_slots=1, candidates=1)
    return lambda: run.decoder(audio_s)


class _Run:
    def __init__(self, pair: Pair, device: torch.device, n_slots: int, candidates: int) -> None:
        self.clock = StageMeter(lambda: _settle(device))
        self.peak_mb = 0.0
        self._pair = pair
        self._n_slots = n_slots
        self._candidates = candidates
        self._rng = np.random.Generator(np.random.PCG64(_SEED))
        self._seeds = itertools.count(1)
        self._batch = SemanticBatch(pair.semantic, n_slots=n_slots, max_length=_MAX_LENGTH)

    def prefill(self, audio_s: float) -> None:
        """Enter lines, one after the other."""
        self._enter(_TOKENS[0])
        for n_tokens in self._lengths(audio_s):
            request = self._request(n_tokens)
            with self.clock.timed(PREFILL, n_tokens / TOKENS_PER_S):
                slot = self._batch.admit(request)
            self._batch.drop(slot)
        self._note_memory()

    def semantic(self, audio_s: float) -> None:
        """Step lines on that are all over their way."""
        for _ in range(self._n_slots):
            n_tokens = self._length()
            said = int(self._rng.integers(0, n_tokens))
            self._batch.admit(self._request(n_tokens, said))
        n_wanted = audio_s * TOKENS_PER_S * self._candidates
        n_steps = max(MIN_STEPS, int(n_wanted / self._n_slots))
        for index in range(_WARM_STEPS + n_steps):
            ended = self._batch.step() if index < _WARM_STEPS else self._timed_step()
            for outcome in ended.values():
                if isinstance(outcome, SynthesisError):
                    raise outcome
                self._batch.admit(self._request(self._length()))
        self._note_memory()

    def _timed_step(self) -> dict[int, SemanticOutcome | SynthesisError]:
        with self.clock.timed(SEMANTIC, 0.0):
            ended = self._batch.step()
        # Lines that have ended are only collected; the others have moved on.
        kept = self._batch.n_active / self._candidates
        self.clock.audio_s[SEMANTIC] += kept / TOKENS_PER_S
        return ended

    def decoder(self, audio_s: float) -> None:
        """Make samples of lines, one after the other."""
        prompt = self._prompt()
        acoustic = self._pair.acoustic
        acoustic.decode([self._acoustic_line(_TOKENS[0], prompt)])
        for n_tokens in self._lengths(audio_s):
            line = self._acoustic_line(n_tokens, prompt)
            with self.clock.timed(DECODER, n_tokens / TOKENS_PER_S):
                acoustic.decode([line])
            self._note_memory()

    def _enter(self, n_tokens: int) -> None:
        self._batch.drop(self._batch.admit(self._request(n_tokens)))

    def _length(self) -> int:
        return int(self._rng.integers(*_TOKENS, endpoint=True))

    def _lengths(self, audio_s: float) -> Iterator[int]:
        left = audio_s
        while left > 0:
            n_tokens = self._length()
            left -= n_tokens / TOKENS_PER_S
            yield n_tokens

    def _request(self, n_tokens: int, said: int = 0) -> SemanticRequest:
        n_text = round((PROMPT_S + n_tokens / TOKENS_PER_S) * PHONEMES_PER_S)
        return forced_request(
            self._pair.semantic.config,
            next(self._seeds),
            n_text=n_text,
            n_prompt=_PROMPT_TOKENS + said,
            n_tokens=n_tokens - said,
        )

    def _acoustic_line(self, n_tokens: int, prompt: AcousticPrompt) -> AcousticLine:
        return AcousticLine(
            semantic_tokens=self._ids(n_tokens, self._pair.acoustic.config.codebook_size),
            phoneme_ids=self._phonemes(n_tokens / TOKENS_PER_S),
            prompt=prompt,
            seed=next(self._seeds),
        )

    def _prompt(self) -> AcousticPrompt:
        """What a clip of noise sounds like."""
        acoustic = self._pair.acoustic
        noise = self._rng.standard_normal(int(PROMPT_S * max(acoustic.reference_rates)))
        waveforms = {
            rate: torch.from_numpy(0.1 * noise[: int(PROMPT_S * rate)].astype(np.float32))
            for rate in acoustic.reference_rates
        }
        clip = ReferenceAudio(
            waveforms=waveforms,
            semantic_tokens=self._ids(_PROMPT_TOKENS, acoustic.config.codebook_size),
            phoneme_ids=self._phonemes(PROMPT_S),
        )
        return acoustic.encode_reference([clip])

    def _phonemes(self, length_s: float) -> torch.Tensor:
        return self._ids(round(length_s * PHONEMES_PER_S), self._pair.acoustic.config.n_symbols)

    def _ids(self, n: int, limit: int) -> torch.Tensor:
        return torch.from_numpy(self._rng.integers(0, limit, n))

    def _note_memory(self) -> None:
        self.peak_mb = max(self.peak_mb, resident_mb())


def _settle(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()
