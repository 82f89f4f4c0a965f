"""The half that sounds: lines in, clips out, a batch of slots always kept full.

Parts of many lines go through the semantic stage together, a waiting one entering as another ends;
a line is decoded as soon as its last part is known. On a CPU a line's samples are the same bits
alone and in any batch: one thread, noise by seed and index, no arithmetic across lines.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import torch

from voicepipe.engines.gpt_sovits.continuous_batcher import (
    ContinuousBatcher,
    SlotCount,
    needed_models,
)
from voicepipe.errors import EnvironmentFault
from voicepipe.model.semantic.slots import MOST_SLOTS, free_memory, slots_for
from voicepipe.synthesis.inputs import line_to_say
from voicepipe.synthesis.model_cache import ModelCache
from voicepipe.synthesis.prompt import PromptMaker, impression
from voicepipe.synthesis.prompt_store import PromptStore

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from voicepipe.engines.protocol import Rendered
    from voicepipe.model.semantic.stage import SemanticStage
    from voicepipe.synthesis.clip_ranking import Impression
    from voicepipe.synthesis.request import SynthesisRequest

USUAL_LENGTH = 640
"""Positions a slot is counted with: a prompt of 10 s and an answer of as much. Longer lines are
rare; what no line reaches takes no memory, and a worker that runs out begins again with fewer."""


class GptSovitsRenderer:
    """Speaks requests on one device.

    Args:
        root: The project.
        out: Its output folder, where prompts are kept.
        device: `cpu`, `cuda:0` …
        n_slots: Parts in flight at most; 0: as many as memory and device allow. Changes no sound on
            a CPU.

    Raises:
        EnvironmentFault: The device is not there.
    """

    def __init__(self, root: Path, out: Path, device: str, *, n_slots: int = 0) -> None:
        require_device(device)
        if device == "cpu":
            # With more, sums are split differently from batch to batch and bits change.
            torch.set_num_threads(1)
        self._model_cache = ModelCache(root, device, is_shared=True)
        self._prompts = PromptMaker(root, PromptStore(out), self._model_cache)
        self._device = device
        self._n_wanted = n_slots
        self._slots = SlotCount(n_slots or MOST_SLOTS)

    def render(self, requests: Iterable[SynthesisRequest | None]) -> Iterator[Rendered]:
        """Give one outcome a request, each as soon as it exists.

        Requests are taken from the iterable as slots fall free; None: there is none at the moment.
        Lines of one checkpoint pair that follow each other share a batch.

        Raises:
            EnvironmentFault: A model or clip that is needed is not here, or not the planned one.
        """
        stream = iter(requests)
        first = next(stream, None)
        while first is not None:
            stretch = _Stretch(first, stream)
            pair = self._model_cache.pair(needed_models(first))
            self._slots.n = min(
                self._slots.n, fitting_slots(pair.semantic, self._device, self._n_wanted)
            )
            yield from ContinuousBatcher(
                self._model_cache, self._prompts, pair, self._slots
            ).outcomes(stretch)
            first = stretch.following

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
            needed = needed_models(request)
            for clip in line_to_say(request).clips:
                key = (request.voice_id, needed.pair_key(), clip)
                if key in seen:
                    continue
                seen.add(key)
                is_new = not self._prompts.has(clip, request.voice_id, needed)
                self._prompts.prompt(clip, request.voice_id, needed, self._model_cache.pair(needed))
                yield request.voice_id, clip.sha256, is_new

    def impressions(self, requests: Iterable[SynthesisRequest]) -> Iterator[dict[str, Impression]]:
        """Say what is heard in the clips of requests.

        Yields:
            By sha256 of a clip, for each request.

        Raises:
            EnvironmentFault: As for `render`.
            SynthesisError: A clip cannot be a reference.
        """
        for request in requests:
            needed = needed_models(request)
            pair = self._model_cache.pair(needed)
            yield {
                clip.sha256: impression(
                    self._prompts.prompt(clip, request.voice_id, needed, pair), pair
                )
                for clip in line_to_say(request).clips
            }

    def close(self) -> None:
        """Let go of the models."""
        self._model_cache.clear()


class _Stretch:
    """The requests of one pair at the head of a stream, and the first of the next pair."""

    def __init__(self, first: SynthesisRequest, stream: Iterator[SynthesisRequest | None]) -> None:
        self.following: SynthesisRequest | None = None
        self._first = first
        self._stream = stream

    def __iter__(self) -> Iterator[SynthesisRequest | None]:
        yield self._first
        pair = needed_models(self._first).pair_key()
        for request in self._stream:
            if request is not None and needed_models(request).pair_key() != pair:
                self.following = request
                return
            yield request


def fitting_slots(stage: SemanticStage, device: str, n_wanted: int) -> int:
    """Count the slots that memory allows, the models being in it already.

    Args:
        stage: Loaded on the device.
        device: `cpu`, `cuda:0` …
        n_wanted: At most so many; 0: what suits the device.
    """
    weight = stage.ar_predict_layer.weight
    if weight.device.type == "cuda":
        free_bytes, _ = torch.cuda.mem_get_info(weight.device)
    else:
        # There is a worker a core, and all of them begin at the same time.
        free_bytes = free_memory(os.cpu_count() or 1)
    return slots_for(
        stage.config,
        free_bytes,
        max_length=USUAL_LENGTH,
        device=device,
        bytes_per_number=stage.cache_type.itemsize,
        n_wanted=n_wanted,
    )


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
