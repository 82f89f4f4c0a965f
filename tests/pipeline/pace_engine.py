"""An engine for tests whose lines last as long as their words, their seed and their pace ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from tone_engine import RATE, ToneEngine, ToneRenderer

from voicepipe.audio.clip import AudioClip
from voicepipe.engines.protocol import Rendered
from voicepipe.synthesis.request import SynthesisRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

WORD_S = 0.4
PAUSE_S = 0.2
"""After every word but the last."""


class PaceEngine(ToneEngine):
    name = "pace"

    def cost(self, request: SynthesisRequest) -> float:
        words = words_of(request)
        return len(words) * (WORD_S + PAUSE_S) - PAUSE_S

    def open(self, device: str, *, lines_at_once: int = 0) -> PaceRenderer:
        return PaceRenderer()


class PaceRenderer(ToneRenderer):
    def render(self, requests: Iterable[SynthesisRequest | None]) -> Iterator[Rendered]:
        for request in filter(None, requests):
            chance = 1 + (request.seed % 5) / 100
            word_s = WORD_S * chance / request.pace
            pieces: list[NDArray[np.float32]] = []
            for _ in words_of(request):
                time = np.arange(round(word_s * RATE)) / RATE
                pieces.append((0.3 * np.sin(2 * np.pi * 220 * time)).astype(np.float32))
                pieces.append(np.zeros(round(PAUSE_S / request.pace * RATE), dtype=np.float32))
            wave = np.concatenate(pieces[:-1])
            yield Rendered(request=request, clip=AudioClip(samples=wave, sample_rate=RATE))


def words_of(request: SynthesisRequest) -> list[str]:
    return str(request.inputs["text"]).split()
