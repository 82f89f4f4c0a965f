"""The planning half of engines for tests, whose requests are made by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.synthesis.request import Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.diagnostics import Diagnostic
    from voicepipe.synthesis.request import SynthesisRequest
    from voicepipe.voices.voice import CastLine


class UnplannedEngine:
    """Checks nothing, plans nothing, and every line costs the same."""

    source = Source.SCRATCH

    def check(self, cast: Sequence[CastLine]) -> list[Diagnostic]:
        return []

    def request(self, cast_line: CastLine, seed: int) -> SynthesisRequest:
        raise NotImplementedError

    def cost(self, request: SynthesisRequest) -> float:
        return 1.0
