"""An engine for tests: makes tones, and every kind of trouble a line's text asks for."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from unplanned_engine import UnplannedEngine

from voicepipe.audio.clip import AudioClip
from voicepipe.engines.protocol import Rendered
from voicepipe.errors import EnvironmentFault, SynthesisError
from voicepipe.synthesis.alignment import Alignment, PhonemeTime
from voicepipe.synthesis.request import SynthesisRequest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


RATE = 16_000


class Engine(UnplannedEngine):
    """Torch-free half."""

    name = "trouble"

    def open(self, device: str, *, lines_at_once: int = 0) -> Renderer:
        if device == "no-such-device":
            raise EnvironmentFault("there is no such device", remedy="use another one")
        if device.startswith("dies"):
            os._exit(9)
        return Renderer()


class Renderer:
    """Does as the text says."""

    def __init__(self) -> None:
        self.is_closed = False

    def render(self, requests: Iterable[SynthesisRequest | None]) -> Iterator[Rendered]:
        assert not self.is_closed
        for request in requests:
            if request is None:
                continue
            text = str(request.inputs["text"])
            verb, _, rest = text.partition(" ")
            outcome = ACTIONS.get(verb, _tone)(request, rest)
            if outcome is not None:
                yield outcome

    def close(self) -> None:
        self.is_closed = True


def _clip(
    request: SynthesisRequest, samples: np.ndarray[tuple[int], np.dtype[np.float32]]
) -> Rendered:
    return Rendered(request=request, clip=AudioClip(samples=samples, sample_rate=RATE))


def _tone(request: SynthesisRequest, _: str) -> Rendered:
    phase = np.arange(RATE // 2) * (0.05 + request.seed % 1000 / 20_000)
    return _clip(request, (0.2 * np.sin(phase)).astype(np.float32))


def _aligned(request: SynthesisRequest, end_s: str) -> Rendered:
    phonemes = (
        PhonemeTime(phoneme="HH", start_s=0.0, end_s=0.1),
        PhonemeTime(phoneme="AH0", start_s=0.2, end_s=float(end_s or 0.5)),
    )
    return replace(_tone(request, ""), alignment=Alignment(phonemes=phonemes))


def _scored(request: SynthesisRequest, _: str) -> Rendered:
    return replace(_tone(request, ""), scores={"phonemes": -0.25})


def _silence(request: SynthesisRequest, _: str) -> Rendered:
    return _clip(request, np.zeros(RATE, dtype=np.float32))


def _nan(request: SynthesisRequest, _: str) -> Rendered:
    return _clip(request, np.full(RATE, np.nan, dtype=np.float32))


def _kill(request: SynthesisRequest, _: str) -> Rendered:
    os.kill(os.getpid(), signal.SIGKILL)
    return _tone(request, "")


def _exit(request: SynthesisRequest, _: str) -> Rendered:
    os._exit(7)


def _segfault(request: SynthesisRequest, _: str) -> Rendered:
    ctypes.string_at(8)
    return _tone(request, "")


def _kill_once(request: SynthesisRequest, path: str) -> Rendered:
    if not Path(path).exists():
        Path(path).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return _tone(request, "")


def _raise(request: SynthesisRequest, _: str) -> Rendered:
    raise ZeroDivisionError("a bug in the engine")


def _error(request: SynthesisRequest, _: str) -> Rendered:
    error = SynthesisError("not today", remedy="tomorrow")
    return Rendered(request=request, clip=None, error=error)


def _by_chance(request: SynthesisRequest, good_seed: str) -> Rendered:
    if request.seed == int(good_seed):
        return _tone(request, "")
    error = SynthesisError(f"seed {request.seed} has no luck")
    return Rendered(request=request, clip=None, error=error, is_retryable=True)


def _interrupted(request: SynthesisRequest, path: str) -> Rendered:
    """Speaks from the third time on."""
    times = Path(path)
    n_before = len(times.read_text()) if times.exists() else 0
    times.write_text("x" * (n_before + 1))
    if n_before == 2:
        return _tone(request, "")
    error = SynthesisError(f"what speaks died {n_before + 1} times")
    return Rendered(request=request, clip=None, error=error, is_interrupted=True)


def _fault(request: SynthesisRequest, _: str) -> Rendered:
    raise EnvironmentFault("the disk is full", remedy="make room")


def _neither(request: SynthesisRequest, _: str) -> Rendered:
    return Rendered(request=request, clip=None)


def _forget(request: SynthesisRequest, _: str) -> None:
    return None


def _slow(request: SynthesisRequest, seconds: str) -> Rendered:
    time.sleep(float(seconds))
    return _tone(request, "")


def _threads(request: SynthesisRequest, path: str) -> Rendered:
    Path(path).write_text(f"{os.environ.get('OMP_NUM_THREADS')} {os.getpid()}")
    return _tone(request, "")


ACTIONS: dict[str, Callable[[SynthesisRequest, str], Rendered | None]] = {
    "aligned": _aligned,
    "scored": _scored,
    "silence": _silence,
    "nan": _nan,
    "kill": _kill,
    "exit": _exit,
    "segfault": _segfault,
    "kill-once": _kill_once,
    "raise": _raise,
    "error": _error,
    "by-chance": _by_chance,
    "interrupted": _interrupted,
    "fault": _fault,
    "neither": _neither,
    "forget": _forget,
    "slow": _slow,
    "threads": _threads,
}
