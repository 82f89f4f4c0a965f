"""An engine for tests: each line is a tone; a line whose text says so fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voicepipe.audio.clip import AudioClip
from voicepipe.engines.protocol import Rendered
from voicepipe.errors import SynthesisError
from voicepipe.synthesis.request import Source, SynthesisRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.voices.voice import CastLine

RATE = 24_000


class ToneEngine:
    name = "tone"
    source = Source.SYNTHETIC

    def check(self, cast: Sequence[CastLine]) -> list[Diagnostic]:
        return []

    def request(self, cast_line: CastLine, seed: int) -> SynthesisRequest:
        texts = [segment.text for segment in cast_line.text.segments]
        return SynthesisRequest(
            line_id=cast_line.line.id,
            language=cast_line.language,
            engine=self.name,
            voice_id=cast_line.voice.id,
            seed=seed,
            inputs={
                "text": {"words": texts},
                "delivery": {"emotion": cast_line.delivery.resolved_emotion},
                "model": {"tone.safetensors": "0" * 64},
            },
        )

    def cost(self, request: SynthesisRequest) -> float:
        return 1.0

    def open(self, device: str, *, lines_at_once: int = 0) -> ToneRenderer:
        return ToneRenderer()


class PlaceholderEngine(ToneEngine):
    name = "placeholder"
    source = Source.SCRATCH


class ToneRenderer:
    def render(self, requests: Iterable[SynthesisRequest | None]) -> Iterator[Rendered]:
        for request in filter(None, requests):
            if "unspeakable" in str(request.inputs["text"]):
                error = SynthesisError("the tone engine cannot say that")
                yield Rendered(request=request, clip=None, error=error)
                continue
            pitch = 200 + request.seed % 400
            time = np.arange(RATE) / RATE
            wave = (0.3 * np.sin(2 * np.pi * pitch * time)).astype(np.float32)
            yield Rendered(request=request, clip=AudioClip(samples=wave, sample_rate=RATE))

    def close(self) -> None:
        pass
