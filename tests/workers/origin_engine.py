"""An engine for tests: writes down how its worker came to be, into the folder a line names."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from unplanned_engine import UnplannedEngine

from voicepipe.audio.clip import AudioClip
from voicepipe.engines.protocol import Rendered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from voicepipe.synthesis.request import SynthesisRequest


class Engine(UnplannedEngine):
    """Torch-free half."""

    name = "origin"

    def open(self, device: str, *, lines_at_once: int = 0) -> Renderer:
        return Renderer()


class Renderer:
    """A short noise for each line."""

    def render(self, requests: Iterable[SynthesisRequest | None]) -> Iterator[Rendered]:
        for request in requests:
            if request is not None:
                folder = Path(str(request.inputs["text"]))
                (folder / f"{request.line_id}.json").write_text(json.dumps(origin()))
                time.sleep(0.05)  # so that every worker gets some
                samples = np.sin(np.arange(8_000) * 0.1, dtype=np.float32) * 0.2
                yield Rendered(request=request, clip=AudioClip(samples=samples, sample_rate=16_000))

    def close(self) -> None:
        pass


def origin() -> dict[str, int]:
    """Tell who made this process, and what it has of memory that was loaded before."""
    held = sys.modules.get("held_memory")
    found = {"pid": os.getpid(), "parent": os.getppid(), "made_by": 0}
    if held is not None:
        found["made_by"] = held.MADE_BY
        found |= _mapping_kib(held.HELD.ctypes.data + held.HELD.nbytes // 2)
    return found


def _mapping_kib(address: int) -> dict[str, int]:
    """What the system says of the mapping an address lies in, in KiB."""
    facts: dict[str, int] = {}
    is_there = False
    for line in Path("/proc/self/smaps").read_text("utf-8").splitlines():
        name, _, value = line.partition(" ")
        if not name.endswith(":"):
            start, _, end = name.partition("-")
            is_there = int(start, 16) <= address < int(end, 16)
        elif is_there and value.endswith("kB"):
            facts[name.removesuffix(":")] = int(value.split()[0])
    return facts
