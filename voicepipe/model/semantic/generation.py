"""Many lines through the semantic stage at once, each as if it were alone.

A batch has a fixed number of slots. A line enters a free slot at any time,
takes part in every step, and leaves when it ends; nothing about its tokens
depends on when that was or on who was there. Knows no voices, files or sound.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
import torch

from voicepipe.errors import SynthesisError
from voicepipe.model.semantic.cuda_graph import DeviceSteps
from voicepipe.model.semantic.kv_cache import KvCache
from voicepipe.model.semantic.sampling import (
    Choice,
    Draw,
    SamplingSettings,
    broken_scores,
    choose_tokens,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from voicepipe.model.semantic.stage import SemanticStage


class StopReason(Enum):
    """Why a line has no more tokens."""

    END_OF_SPEECH = "end_of_speech"
    """The model said so."""
    LIMIT = "limit"
    """It reached `max_tokens` without an end: probably babble; the line should be retaken."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SemanticRequest:
    """One line for the semantic stage."""

    phoneme_ids: tuple[int, ...]
    """Transcript of the reference clip, then the line."""
    prompt_tokens: tuple[int, ...]
    """Semantic tokens of the reference clip; may be empty."""
    seed: int
    bert: NDArray[np.float32] | None = None
    """Linguistic features (T, bert_width) of the phonemes; None is all zeros."""
    settings: SamplingSettings = field(default_factory=SamplingSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class SemanticOutcome:
    """What became of one line."""

    tokens: tuple[int, ...]
    """New tokens, 25 a second; neither the prompt nor end of speech."""
    stop: StopReason


class SemanticBatch:
    """Lines in flight, and the step that moves them all on by one token.

    Args:
        stage: The model; not changed.
        n_slots: Lines that can be in flight at once.
        max_length: Positions a line may take: phonemes, prompt and new tokens together.
        on_device: Whether steps run from tokens to tokens where the weights are; None: on a GPU
            they do.
    """

    def __init__(
        self,
        stage: SemanticStage,
        *,
        n_slots: int,
        max_length: int,
        on_device: bool | None = None,
    ) -> None:
        weight = stage.ar_predict_layer.weight
        is_there = weight.device.type == "cuda" if on_device is None else on_device
        self._stage = stage
        self._cache = KvCache(
            stage.config,
            n_slots=n_slots,
            max_length=max_length,
            device=weight.device,
            dtype=stage.cache_type,
        )
        self._lines: dict[int, _Line] = {}
        # A GPU draws where the scores are: it would wait for every launch and every copy.
        self._steps = DeviceSteps(stage, self._cache) if is_there else None

    @property
    def n_free(self) -> int:
        """Slots a line could enter now."""
        return self._cache.n_slots - len(self._lines)

    @property
    def n_active(self) -> int:
        """Lines in flight."""
        return len(self._lines)

    def admit(self, request: SemanticRequest) -> int:
        """Enter a line into a free slot and choose its first token.

        A line that begins as one in flight does, whatever its seed, takes over what that one was
        told: the same numbers, not computed again.

        Returns:
            The line's slot, by which `step` names it until it ends.

        Raises:
            SynthesisError: The line cannot fit a slot, or the model gives no numbers.
            ValueError: No slot is free, or the request's ids or features are malformed.
        """
        needed = len(request.phoneme_ids) + len(request.prompt_tokens) + request.settings.max_tokens
        if needed > self._cache.max_length:
            msg = f"the line may need {needed} positions, a slot has {self._cache.max_length}"
            raise SynthesisError(msg, remedy="split the line, or lower its max_tokens")
        free = self._cache.free_slots()
        if not free:
            msg = f"all {self._cache.n_slots} slots are taken"
            raise ValueError(msg)
        slot = free[0]
        try:
            with torch.inference_mode():
                scores = self._first_scores(request, slot)
            line = _Line(request, self._stage.config.vocabulary_size, scores)
            (error,) = _choose([line], scores[None], eos_id=self._stage.config.eos_id)
            if error is not None:
                raise error
            self._lines[slot] = line
            if self._steps is not None and line.stop is None:
                self._steps.enter(slot, line.tokens[-1], line.seen, line.draw())
        finally:
            if slot not in self._lines:
                self._cache.release(slot)
        return slot

    def _first_scores(self, request: SemanticRequest, slot: int) -> NDArray[np.float32]:
        for other, line in self._lines.items():
            if line.begins_as(request):
                self._cache.open_as(slot, other, n_audio=len(request.prompt_tokens))
                return line.first_scores
        scores = self._stage.prefill(
            self._cache,
            slot,
            torch.tensor(request.phoneme_ids, dtype=torch.int64),
            torch.tensor(request.prompt_tokens, dtype=torch.int64),
            None if request.bert is None else torch.from_numpy(request.bert),
        )
        found: NDArray[np.float32] = scores.cpu().numpy()
        return found

    def step(self) -> dict[int, SemanticOutcome | SynthesisError]:
        """Collect the lines that have ended, and move the others on by one token.

        Returns:
            By slot, which is free again: the outcome, or what went wrong with that line alone.
        """
        ended: dict[int, SemanticOutcome | SynthesisError] = {}
        for slot, line in list(self._lines.items()):
            if line.stop is not None:
                ended[slot] = SemanticOutcome(tokens=tuple(line.tokens), stop=line.stop)
                self.drop(slot)
        slots = sorted(self._lines)
        if not slots:
            return ended
        lines = [self._lines[slot] for slot in slots]
        with torch.inference_mode():
            if self._steps is not None:
                errors = _take(lines, self._steps.advance(slots))
            else:
                scores = self._stage.decode(self._cache, slots, [line.tokens[-1] for line in lines])
                errors = _choose(lines, scores.cpu().numpy(), eos_id=self._stage.config.eos_id)
        for slot, error in zip(slots, errors, strict=True):
            if error is not None:
                ended[slot] = error
                self.drop(slot)
        return ended

    def drop(self, slot: int) -> None:
        """Take a line out before its end, or after it."""
        del self._lines[slot]
        self._cache.release(slot)
        if self._steps is not None:
            self._steps.leave(slot)


def generate_semantic(
    stage: SemanticStage,
    requests: Iterable[SemanticRequest],
    *,
    n_slots: int,
    max_length: int,
    on_device: bool | None = None,
) -> tuple[SemanticOutcome, ...]:
    """Run lines through a batch of slots, a waiting line entering as another leaves.

    Args:
        stage: As for `SemanticBatch`, like all that follow.
        requests: The lines.
        n_slots: Lines that can be in flight at once.
        max_length: Positions a line may take.
        on_device: Whether steps run where the weights are.

    Returns:
        One outcome a request, in their order.

    Raises:
        SynthesisError: A line cannot fit, or its scores are no numbers.
    """
    batch = SemanticBatch(stage, n_slots=n_slots, max_length=max_length, on_device=on_device)
    waiting = list(enumerate(requests))[::-1]
    outcomes: dict[int, SemanticOutcome] = {}
    index_of: dict[int, int] = {}
    while waiting or batch.n_active:
        while waiting and batch.n_free:
            index, request = waiting.pop()
            index_of[batch.admit(request)] = index
        for slot, outcome in batch.step().items():
            if isinstance(outcome, SynthesisError):
                raise outcome
            outcomes[index_of.pop(slot)] = outcome
    return tuple(outcomes[index] for index in sorted(outcomes))


class _Line:
    """One line in flight: its request, its tokens, and what it has said."""

    def __init__(
        self, request: SemanticRequest, vocabulary_size: int, first_scores: NDArray[np.float32]
    ) -> None:
        self.first_scores = first_scores
        self.tokens: list[int] = []
        self.stop: StopReason | None = None
        self.seen = np.zeros(vocabulary_size, dtype=np.bool_)
        self.seen[list(request.prompt_tokens)] = True
        self._request = request

    def begins_as(self, other: SemanticRequest) -> bool:
        """Whether another request gives the model the same to begin with."""
        own = self._request
        if (own.phoneme_ids, own.prompt_tokens) != (other.phoneme_ids, other.prompt_tokens):
            return False
        if own.bert is None or other.bert is None:
            return own.bert is other.bert
        return np.array_equal(own.bert, other.bert)

    def draw(self) -> Draw:
        """What the next draw depends on."""
        request = self._request
        return Draw(settings=request.settings, seed=request.seed, step=len(self.tokens))

    def take(self, choice: Choice) -> None:
        """Go on by a token, or end."""
        if choice.is_end:
            self.stop = StopReason.END_OF_SPEECH
            return
        self.tokens.append(choice.token)
        self.seen[choice.token] = True
        if len(self.tokens) == self._request.settings.max_tokens:
            self.stop = StopReason.LIMIT


def _take(
    lines: Sequence[_Line], told: Sequence[tuple[int, bool, bool]]
) -> list[SynthesisError | None]:
    """Go on by what a device has drawn: token, end, and whether scores were numbers."""
    errors: list[SynthesisError | None] = []
    for line, (token, is_end, is_finite) in zip(lines, told, strict=True):
        errors.append(None if is_finite else broken_scores(line.draw()))
        if is_finite:
            line.take(Choice(token=token, is_end=is_end))
    return errors


def _choose(
    lines: Sequence[_Line], scores: NDArray[np.float32], *, eos_id: int
) -> list[SynthesisError | None]:
    """Choose each line's next token; one line's failure is not its neighbours'."""
    draws = [line.draw() for line in lines]
    choices = choose_tokens(scores, np.stack([line.seen for line in lines]), draws, eos_id=eos_id)
    errors: list[SynthesisError | None] = []
    for line, choice in zip(lines, choices, strict=True):
        if isinstance(choice, SynthesisError):
            errors.append(choice)
            continue
        line.take(choice)
        errors.append(None)
    return errors
