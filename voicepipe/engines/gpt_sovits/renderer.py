"""The half that sounds: lines in, clips out, a batch of slots always kept full.

Parts of many lines go through the semantic stage together, a waiting one entering as another ends;
a line is decoded as soon as its last part is known. On a CPU a line's samples are the same bits
alone and in any company: one thread, noise by seed and index, no arithmetic across lines.
"""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass, field
from itertools import chain, groupby
from typing import TYPE_CHECKING

import numpy as np
import torch

from voicepipe.engines.protocol import Rendered
from voicepipe.errors import EnvironmentFault, SynthesisError
from voicepipe.model.acoustic import AcousticLine, DecodeOptions
from voicepipe.model.generation import SemanticBatch, SemanticRequest
from voicepipe.model.sampling import SamplingSettings
from voicepipe.synthesis.delivery import latent_speed
from voicepipe.synthesis.doubts import sound_doubt, token_doubt, token_limit
from voicepipe.synthesis.inputs import LineToSay, line_to_say
from voicepipe.synthesis.joining import PartSound, joined_parts, pitch_shifted
from voicepipe.synthesis.prompt import PromptMaker, VoicePrompt, character_features
from voicepipe.synthesis.prompt_store import PromptStore
from voicepipe.synthesis.shelf import ModelShelf, Needed, Pair

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from voicepipe.audio.clip import AudioClip
    from voicepipe.model.generation import SemanticOutcome
    from voicepipe.synthesis.inputs import PartToSay, ReadText
    from voicepipe.synthesis.request import SynthesisRequest

CPU_SLOTS = 16
"""As many as a worker is handed at once; rows share the cost of reading the weights."""
GPU_SLOTS = 32
MAX_LENGTH = 2560
"""Positions of a slot: a transcript, a part, a prompt of 30 s and the longest answer fit."""


@dataclass(slots=True, eq=False)
class _Line:
    """A line under way."""

    request: SynthesisRequest
    wanted: LineToSay
    prompts: tuple[VoicePrompt, ...]
    tokens: dict[int, tuple[int, ...]] = field(default_factory=dict)
    has_failed: bool = False

    @property
    def is_complete(self) -> bool:
        return len(self.tokens) == len(self.wanted.parts)


class GptSovitsRenderer:
    """Speaks requests on one device.

    Args:
        root: The project.
        out: Its output folder, where prompts are kept.
        device: `cpu`, `cuda:0` …
        n_slots: Parts under way at once; 0: what suits the device. Changes no sound on a CPU.

    Raises:
        EnvironmentFault: The device is not there.
    """

    def __init__(self, root: Path, out: Path, device: str, *, n_slots: int = 0) -> None:
        require_device(device)
        if device == "cpu":
            # With more, sums are split differently from batch to batch and bits change.
            torch.set_num_threads(1)
        self._shelf = ModelShelf(root, device)
        self._prompts = PromptMaker(root, PromptStore(out), self._shelf)
        self._n_slots = n_slots or (CPU_SLOTS if device == "cpu" else GPU_SLOTS)

    def render(self, requests: Iterable[SynthesisRequest]) -> Iterator[Rendered]:
        """Give one outcome a request, each as soon as it exists.

        Requests are taken from the iterable as slots fall free. Lines of one checkpoint pair that
        follow each other share a batch.

        Raises:
            EnvironmentFault: A model or clip that is needed is not here, or not the planned one.
        """
        for _, group in groupby(requests, key=lambda request: _needed(request).pair_key()):
            first = next(group)
            pair = self._shelf.pair(_needed(first))
            run = _Run(self._shelf, self._prompts, pair, self._n_slots)
            yield from run.outcomes(chain((first,), group))  # noqa: B031 - each item is read once

    def prepare(self, requests: Iterable[SynthesisRequest]) -> Iterator[tuple[str, str, bool]]:
        """Listen to the clips of requests, without speaking.

        Yields:
            Voice, sha256 of a clip, and whether it was new; each once.

        Raises:
            EnvironmentFault: As for `render`.
            SynthesisError: A clip cannot be a reference.
        """
        seen: set[tuple[object, ...]] = set()
        for request in requests:
            needed = _needed(request)
            for clip in line_to_say(request).clips:
                mark = (request.voice_id, needed.pair_key(), clip)
                if mark in seen:
                    continue
                seen.add(mark)
                is_new = not self._prompts.has(clip, request.voice_id, needed)
                self._prompts.prompt(clip, request.voice_id, needed, self._shelf.pair(needed))
                yield request.voice_id, clip.sha256, is_new

    def close(self) -> None:
        """Let go of the models."""
        self._shelf.clear()


class _Run:
    """Lines of one checkpoint pair, from the first request to the last outcome."""

    def __init__(self, shelf: ModelShelf, prompts: PromptMaker, pair: Pair, n_slots: int) -> None:
        self._shelf = shelf
        self._prompts = prompts
        self._pair = pair
        self._batch = SemanticBatch(pair.semantic, n_slots=n_slots, max_length=MAX_LENGTH)
        self._waiting: deque[tuple[_Line, int]] = deque()
        self._under_way: dict[int, tuple[_Line, int]] = {}

    def outcomes(self, requests: Iterator[SynthesisRequest]) -> Iterator[Rendered]:
        more = True
        while more or self._waiting or self._under_way:
            while self._batch.n_free and (self._waiting or more):
                if self._waiting:
                    yield from self._admit(*self._waiting.popleft())
                    continue
                request = next(requests, None)
                more = request is not None
                if request is not None:
                    yield from self._begin(request)
            for slot, outcome in self._batch.step().items():
                line, part = self._under_way.pop(slot)
                yield from self._advance(line, part, outcome)

    def _begin(self, request: SynthesisRequest) -> Iterator[Rendered]:
        wanted, needed = line_to_say(request), _needed(request)
        try:
            prompts = tuple(
                self._prompts.prompt(clip, request.voice_id, needed, self._pair)
                for clip in wanted.clips
            )
        except SynthesisError as error:
            yield Rendered(request=request, clip=None, error=error)
            return
        line = _Line(request=request, wanted=wanted, prompts=prompts)
        self._waiting.extend((line, index) for index in range(len(wanted.parts)))

    def _admit(self, line: _Line, index: int) -> Iterator[Rendered]:
        if line.has_failed:
            return
        part = line.wanted.parts[index]
        try:
            slot = self._batch.admit(self._semantic_request(line, part, index))
        except SynthesisError as error:
            yield self._failed(line, error, is_retryable=False)
            return
        self._under_way[slot] = (line, index)

    def _semantic_request(self, line: _Line, part: PartToSay, index: int) -> SemanticRequest:
        prompt, settings = line.prompts[part.clip], line.wanted.settings
        return SemanticRequest(
            phoneme_ids=prompt.phoneme_ids + part.read.phoneme_ids,
            prompt_tokens=prompt.semantic_tokens,
            seed=part_seed(line.request.seed, index),
            bert=self._features(line, prompt, part.read),
            settings=SamplingSettings(
                top_k=settings.top_k,
                top_p=settings.top_p,
                temperature=settings.temperature,
                repetition_penalty=settings.repetition_penalty,
                max_tokens=token_limit(len(part.read.phoneme_ids), settings),
            ),
        )

    def _features(
        self, line: _Line, prompt: VoicePrompt, read: ReadText
    ) -> NDArray[np.float32] | None:
        if not read.runs and prompt.bert is None:
            return None
        width = self._pair.semantic.config.bert_width
        own = np.zeros((len(read.phoneme_ids), width), dtype=np.float32)
        if read.runs:
            own = character_features(read, self._shelf.character_encoder(_needed(line.request)))
        before = prompt.bert
        if before is None:
            before = np.zeros((len(prompt.phoneme_ids), width), dtype=np.float32)
        return np.concatenate((before, own))

    def _advance(
        self, line: _Line, index: int, outcome: SemanticOutcome | SynthesisError
    ) -> Iterator[Rendered]:
        if isinstance(outcome, SynthesisError):
            yield self._failed(line, outcome, is_retryable=True)
            return
        n_phonemes = len(line.wanted.parts[index].read.phoneme_ids)
        doubt = token_doubt(outcome, n_phonemes, line.wanted.settings)
        if doubt:
            yield self._failed(line, SynthesisError(doubt), is_retryable=True)
            return
        line.tokens[index] = outcome.tokens
        if not line.is_complete:
            return
        try:
            clip = self._decode(line)
        except SynthesisError as error:
            yield self._failed(line, error, is_retryable=True)
            return
        yield Rendered(request=line.request, clip=clip)

    def _failed(self, line: _Line, error: SynthesisError, *, is_retryable: bool) -> Rendered:
        line.has_failed = True
        for slot in [slot for slot, (other, _) in self._under_way.items() if other is line]:
            self._batch.drop(slot)
            del self._under_way[slot]
        return Rendered(request=line.request, clip=None, error=error, is_retryable=is_retryable)

    def _decode(self, line: _Line) -> AudioClip:
        acoustic, settings = self._pair.acoustic, line.wanted.settings
        options = DecodeOptions(
            noise_scale=settings.noise_scale,
            n_steps=settings.n_steps,
            guidance=settings.guidance,
        )
        parts = line.wanted.parts
        waveforms = acoustic.decode(
            [self._acoustic_line(line, part, index) for index, part in enumerate(parts)], options
        )
        sounds = []
        for part, waveform in zip(parts, waveforms, strict=True):
            samples = np.ascontiguousarray(waveform.numpy(), dtype=np.float32)
            doubt = sound_doubt(samples, acoustic.sample_rate)
            if doubt:
                raise SynthesisError(doubt)
            clip = pitch_shifted(samples, acoustic.sample_rate, part.pitch_semitones)
            sounds.append(PartSound(samples=clip.samples, pause_after_ms=part.pause_after_ms))
        return joined_parts(sounds, acoustic.sample_rate)

    def _acoustic_line(self, line: _Line, part: PartToSay, index: int) -> AcousticLine:
        return AcousticLine(
            semantic_tokens=torch.tensor(line.tokens[index], dtype=torch.int64),
            phoneme_ids=torch.tensor(part.read.phoneme_ids, dtype=torch.int64),
            prompt=line.prompts[part.clip].acoustic,
            seed=part_seed(line.request.seed, index),
            speed=latent_speed(part.speed, part.pitch_semitones),
        )


def part_seed(seed: int, index: int) -> int:
    """Derive the seed of a part, so that two parts of a line are not said with one chance.

    Args:
        seed: The request's.
        index: The part's place in the line.
    """
    digest = hashlib.sha256(f"{seed}/part/{index}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


def _needed(request: SynthesisRequest) -> Needed:
    models = request.inputs["model"]
    assert isinstance(models, dict), "an engine's own requests say which models they need"
    return Needed(models={role: str(sha) for role, sha in models.items()}, files=request.files)


def require_device(device: str) -> None:
    """Make sure that a device is there.

    Raises:
        EnvironmentFault: It is not, or it is none.
    """
    try:
        kind = torch.device(device).type
    except RuntimeError as error:
        raise EnvironmentFault(f'"{device}" is no device', remedy="use cpu, or cuda:0") from error
    is_there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if not is_there.get(kind, False):
        raise EnvironmentFault(
            f'device "{device}" is not on this machine', remedy="render with --device cpu"
        )
