"""An engine for tests that holds many lines at once, as a batch of slots does, and tells of it."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from unplanned_engine import UnplannedEngine

from voicepipe.audio.clip import AudioClip
from voicepipe.engines.protocol import Rendered
from voicepipe.synthesis.request import SynthesisRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


RATE = 16_000
STEPS = 3
"""Steps a line takes."""


@dataclass
class Machine:
    """What the device can bear, and what was seen of it."""

    slots: int = 8
    memory: int = 1_000
    """Lines that fit; one more, and it runs out."""
    kills: bool = False
    """When memory runs out the process is killed, as Linux does."""
    opened: list[int] = field(default_factory=list)
    """`lines_at_once` of every opening."""
    held: list[int] = field(default_factory=list)
    """Lines in flight at every step."""
    spoken: list[str] = field(default_factory=list)


MACHINE = Machine()
"""Replaced by tests; in other processes the text of a line sets it: `kills-above 3`."""


class Engine(UnplannedEngine):
    name = "crowd"

    def open(self, device: str, *, lines_at_once: int = 0) -> Renderer:
        MACHINE.opened.append(lines_at_once)
        if MACHINE.memory == 0:
            raise MemoryError
        return Renderer(min(MACHINE.slots, lines_at_once or MACHINE.slots))


@dataclass(eq=False)
class _Held:
    request: SynthesisRequest
    steps: int = STEPS


class Renderer:
    def __init__(self, slots: int) -> None:
        self._slots = slots

    def render(self, requests: Iterable[SynthesisRequest | None]) -> Iterator[Rendered]:
        stream = iter(requests)
        held: list[_Held] = []
        more = True
        while more or held:
            while more and len(held) < self._slots:
                request = next(stream, False)
                if request is None:
                    break
                if isinstance(request, SynthesisRequest):
                    held.append(_Held(request))
                else:
                    more = False
            self._require_memory(held)
            MACHINE.held.append(len(held))
            for line in list(held):
                line.steps -= 1
                if line.steps == 0:
                    held.remove(line)
                    if "forget" not in str(line.request.inputs["text"]):
                        yield spoken(line.request)

    def close(self) -> None:
        pass

    def _require_memory(self, held: list[_Held]) -> None:
        for line in held:
            verb, _, rest = str(line.request.inputs["text"]).partition(" ")
            if verb == "kills-above" and len(held) > int(rest):
                os.kill(os.getpid(), signal.SIGKILL)
            if verb == "large":
                raise MemoryError("this line")
        if len(held) > MACHINE.memory:
            raise MemoryError(f"{len(held)} lines")


def spoken(request: SynthesisRequest) -> Rendered:
    MACHINE.spoken.append(request.line_id)
    phase = np.arange(RATE // 4) * (0.05 + request.seed % 1000 / 20_000)
    samples = (0.2 * np.sin(phase)).astype(np.float32)
    clip = AudioClip(samples=samples, sample_rate=RATE)
    return Rendered(request=request, clip=clip, seconds={"semantic": 0.25})
