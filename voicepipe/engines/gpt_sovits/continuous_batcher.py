"""Lines of one checkpoint pair on their way from phonemes to sound, a batch of slots kept full.

A part waits only while every slot is taken, and the next line is asked for only when no part waits;
a line is decoded as soon as its last part is known, before anything else goes on. So however long
the script is, what is in memory is the lines in flight. When memory runs out all the same, they
begin again in half as many slots: a line's sound does not depend on its batch.
"""

from __future__ import annotations

import gc
import time
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.silence import speech_fault
from voicepipe.engines.gpt_sovits.in_flight import Attempt, LineInFlight, part_seed
from voicepipe.engines.gpt_sovits.stresses import found_stresses
from voicepipe.engines.protocol import Rendered
from voicepipe.errors import EnvironmentFault, SynthesisError
from voicepipe.memory import FreedMemory, is_out_of_memory
from voicepipe.model.acoustic.stage import AcousticLine, DecodeOptions
from voicepipe.model.precision import Precision
from voicepipe.model.semantic.generation import SemanticBatch, SemanticRequest
from voicepipe.model.semantic.sampling import SamplingSettings
from voicepipe.synthesis.delivery import latent_speed
from voicepipe.synthesis.inputs import line_to_say
from voicepipe.synthesis.joining import (
    PartSound,
    amplified,
    joined_parts,
    pitch_shifted,
    with_scaled_pauses,
)
from voicepipe.synthesis.model_cache import ModelCache, Needed, Pair
from voicepipe.synthesis.passage_facts import PASSAGE_FACT
from voicepipe.synthesis.prompt import PromptMaker, VoicePrompt, character_features
from voicepipe.synthesis.range_facts import RANGE_FACT
from voicepipe.synthesis.sanity_checks import token_limit
from voicepipe.synthesis.sounds import with_sounds

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from numpy.typing import NDArray

    from voicepipe.model.acoustic.voicing import Stress
    from voicepipe.model.semantic.generation import SemanticOutcome
    from voicepipe.synthesis.inputs import PartToSay, ReadText
    from voicepipe.synthesis.request import SynthesisRequest

MAX_LENGTH = 2560
"""Positions of a slot: a transcript, a part, a prompt of 30 s and the longest answer fit."""
_FRONT_END, _PROMPT, _PREFILL, _SEMANTIC, _DECODER = (
    "front end",
    "prompt",
    "prefill",
    "semantic",
    "decoder",
)
_NO_SLOT = -1


@dataclass(slots=True)
class SlotCount:
    """How many parts may be in flight at once; only ever fewer."""

    n: int


class ContinuousBatcher:
    """Lines of one pair, from the first request to the last outcome.

    Args:
        model_cache: Gives BERT when a text needs it.
        prompts: Gives what the models hear in clips.
        pair: The checkpoints, loaded.
        slots: Lowered here when memory runs out.
    """

    def __init__(
        self, model_cache: ModelCache, prompts: PromptMaker, pair: Pair, slots: SlotCount
    ) -> None:
        self._model_cache = model_cache
        self._prompts = prompts
        self._pair = pair
        self._slots = slots
        self._waiting: deque[Attempt] = deque()
        self._in_flight: dict[int, Attempt] = {}
        self._batch = self._new_batch()
        self._freed = FreedMemory()

    def outcomes(self, requests: Iterable[SynthesisRequest | None]) -> Iterator[Rendered]:
        """Give one outcome a request.

        Args:
            requests: Of this pair; None: there is none at the moment.

        Raises:
            EnvironmentFault: A clip or a model that is needed is not here.
        """
        stream = iter(requests)
        more = True
        while more or self._waiting or self._in_flight:
            more = yield from self._fill(stream, more=more)
            yield from self._step()

    def _fill(
        self, stream: Iterator[SynthesisRequest | None], *, more: bool
    ) -> Generator[Rendered, None, bool]:
        """Fill the free slots; say whether there may be more requests."""
        while self._batch.n_free and (self._waiting or more):
            if self._waiting:
                yield from self._admit(self._waiting.popleft())
                continue
            try:
                request = next(stream)
            except StopIteration:
                return False
            if request is None:
                break
            yield from self._begin(request)
        return more

    def _step(self) -> Iterator[Rendered]:
        shares = [attempt.line.seconds for attempt in self._in_flight.values()]
        try:
            with _timed(_SEMANTIC, *shares):
                ended = self._batch.step()
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            ended = None
        if ended is None:
            yield from self._shrink()
            return
        arrived = [(self._in_flight.pop(slot), outcome) for slot, outcome in ended.items()]
        for attempt, outcome in arrived:
            yield from self._advance(attempt, outcome)

    def _new_batch(self) -> SemanticBatch:
        while True:
            try:
                return SemanticBatch(
                    self._pair.semantic, n_slots=self._slots.n, max_length=MAX_LENGTH
                )
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                if self._slots.n == 1:
                    raise EnvironmentFault(
                        "there is no memory for a single line",
                        remedy="close other programs, or use a device with more memory",
                    ) from error
            self._slots.n //= 2

    def _shrink(self) -> Iterator[Rendered]:
        """Begin the lines in flight again in half as many slots."""
        back = list(self._in_flight.values())
        self._in_flight.clear()
        if self._slots.n == 1:
            for attempt in back:
                yield self._failed(attempt.line, _too_large(), is_retryable=False)
        else:
            self._waiting.extendleft(reversed(back))
            self._slots.n //= 2
        del self._batch
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()
        self._batch = self._new_batch()

    def _begin(self, request: SynthesisRequest) -> Iterator[Rendered]:
        seconds: dict[str, float] = {}
        with _timed(_FRONT_END, seconds):
            wanted, needed = line_to_say(request), needed_models(request)
        try:
            with _timed(_PROMPT, seconds):
                prompts = tuple(
                    self._prompts.prompt(clip, request.voice_id, needed, self._pair)
                    for clip in wanted.clips
                )
        except SynthesisError as error:
            yield Rendered(request=request, clip=None, error=error, seconds=seconds)
            return
        line = LineInFlight(request=request, wanted=wanted, prompts=prompts, seconds=seconds)
        self._waiting.extend(line.attempts())

    def _admit(self, attempt: Attempt) -> Iterator[Rendered]:
        line = attempt.line
        if line.has_failed:
            return
        slot = None
        try:
            with _timed(_FRONT_END, line.seconds):
                request = self._semantic_request(attempt)
            with _timed(_PREFILL, line.seconds):
                slot = self._batch.admit(request)
        except SynthesisError as error:
            yield self._failed(line, error, is_retryable=False)
            return
        except Exception as error:
            if not is_out_of_memory(error):
                raise
        # In a slot or not, it is in flight: what is in flight begins again in fewer slots.
        self._in_flight[_NO_SLOT if slot is None else slot] = attempt
        if slot is None:
            yield from self._shrink()

    def _semantic_request(self, attempt: Attempt) -> SemanticRequest:
        line, part = attempt.line, attempt.part
        prompt, settings = line.prompts[part.clip], line.wanted.settings
        return SemanticRequest(
            phoneme_ids=prompt.phoneme_ids + part.read.phoneme_ids,
            prompt_tokens=prompt.semantic_tokens,
            seed=attempt.seed,
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
        self, line: LineInFlight, prompt: VoicePrompt, read: ReadText
    ) -> NDArray[np.float32] | None:
        if not read.runs and prompt.bert is None:
            return None
        width = self._pair.semantic.config.bert_width
        own = np.zeros((len(read.phoneme_ids), width), dtype=np.float32)
        if read.runs:
            own = character_features(
                read, self._model_cache.character_encoder(needed_models(line.request))
            )
        before = prompt.bert
        if before is None:
            before = np.zeros((len(prompt.phoneme_ids), width), dtype=np.float32)
        return np.concatenate((before, own))

    def _advance(
        self, attempt: Attempt, outcome: SemanticOutcome | SynthesisError
    ) -> Iterator[Rendered]:
        line = attempt.line
        if line.has_failed:  # by another part, in this very step
            return
        try:
            with _timed(_SEMANTIC, line.seconds):
                attempt.settle(outcome, self._pair.recogniser)
        except SynthesisError as error:
            yield self._failed(line, error, is_retryable=True)
            return
        if line.is_complete:
            yield from self._speak(line)

    def _speak(self, line: LineInFlight) -> Iterator[Rendered]:
        clip = None
        try:
            with _timed(_DECODER, line.seconds):
                clip = self._decode(line)
                self._freed.give_back()
        except SynthesisError as error:
            yield self._failed(line, error, is_retryable=True)
            return
        except Exception as error:
            if not is_out_of_memory(error):
                raise
        if clip is not None:
            yield Rendered(
                request=line.request, clip=clip, scores=line.scores, seconds=line.seconds
            )
            return
        was_alone = self._slots.n == 1
        yield from self._shrink()
        if was_alone:
            yield self._failed(line, _too_large(), is_retryable=False)
        else:  # the others have made room
            yield from self._speak(line)

    def _failed(self, line: LineInFlight, error: SynthesisError, *, is_retryable: bool) -> Rendered:
        line.has_failed = True
        for slot in [slot for slot, other in self._in_flight.items() if other.line is line]:
            self._batch.drop(slot)
            del self._in_flight[slot]
        return Rendered(
            request=line.request,
            clip=None,
            error=error,
            is_retryable=is_retryable,
            seconds=line.seconds,
        )

    def _decode(self, line: LineInFlight) -> AudioClip:
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
            fault = speech_fault(AudioClip(samples=samples, sample_rate=acoustic.sample_rate))
            if fault:
                raise SynthesisError(fault)
            clip = pitch_shifted(samples, acoustic.sample_rate, part.pitch_semitones)
            clip = with_scaled_pauses(clip, part.pauses)
            sounds.append(
                PartSound(
                    samples=amplified(clip.samples, part.gain_db),
                    pause_after_ms=part.pause_after_ms,
                )
            )
        needed = needed_models(line.request)
        pieces = with_sounds(
            sounds,
            line.wanted.sounds,
            lambda digest: self._prompts.recording(digest, needed),
            acoustic.sample_rate,
        )
        return joined_parts(pieces, acoustic.sample_rate)

    def _acoustic_line(self, line: LineInFlight, part: PartToSay, index: int) -> AcousticLine:
        tokens = line.tokens[index]
        stresses: tuple[Stress, ...] = ()
        if part.stressed:
            recogniser = self._pair.recogniser
            assert recogniser is not None, "stress is refused where nothing finds words"
            heard = recogniser.spoken_extents(tokens, part.read.phoneme_ids)
            stresses = found_stresses(part.stressed, *heard)
        if line.wanted.closing_tokens:
            tokens += (self._pair.pause_token,) * line.wanted.closing_tokens
        return AcousticLine(
            semantic_tokens=torch.tensor(tokens, dtype=torch.int64),
            phoneme_ids=torch.tensor(part.read.phoneme_ids, dtype=torch.int64),
            prompt=line.prompts[part.clip].acoustic,
            seed=part_seed(line.request.seed, index),
            speed=latent_speed(part.speed, part.pitch_semitones),
            voicing=part.voicing,
            stresses=stresses,
        )


def _too_large() -> SynthesisError:
    return SynthesisError(
        "there is not enough memory for this line alone",
        remedy="split the line, or use a device with more memory",
    )


def needed_models(request: SynthesisRequest) -> Needed:
    """Say which models a request was planned with."""
    models = request.inputs["model"]
    engine = request.inputs["engine"]
    assert isinstance(models, dict), "an engine's own requests say which models they need"
    assert isinstance(engine, dict), "and in which numbers it computes"
    return Needed(
        models={role: str(sha) for role, sha in models.items()},
        files=request.files,
        precision=Precision(engine["precision"]),
        passage_revision=int(str(engine.get(PASSAGE_FACT, 0))),
        range_revision=int(str(engine.get(RANGE_FACT, 0))),
    )


@contextmanager
def _timed(stage: str, *shares: dict[str, float]) -> Iterator[None]:
    """Divide the time spent inside among lines."""
    started = time.perf_counter()
    try:
        yield
    finally:
        spent_s = (time.perf_counter() - started) / max(1, len(shares))
        for seconds in shares:
            seconds[stage] = seconds.get(stage, 0.0) + spent_s
