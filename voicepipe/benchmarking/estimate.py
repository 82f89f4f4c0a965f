"""How long a render will take, from kept benches (torch-free)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from voicepipe.benchmarking.report import BenchReport

    Look = Callable[[str, str], BenchReport | None]
    """Device, key of models → the bench that is kept, if any."""

CPU: Final = "cpu"
_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a render will take."""

    speech_s: float
    """Seconds of speech to be made by models."""
    wall_s: float
    """Seconds on the clock, loading included."""
    device_hours: float
    """Of all workers together: hours on the clock times workers."""
    places: tuple[str, ...]
    """The device of each worker."""
    missing: tuple[str, ...] = ()
    """Devices without a bench; then the other figures are 0."""
    strangers: tuple[str, ...] = ()
    """Voices that were not benched themselves: a formula's models of v2 stand in for theirs."""
    oldest: str = ""
    """When the oldest bench that was used was made: ISO 8601."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceWork:
    """What is to be made with one set of models."""

    voice: str
    models_key: str
    speech_s: float


def estimate_work(
    work: Sequence[VoiceWork], places: Sequence[str], n_cores: int, look: Look, *, stand_in: str
) -> Estimate:
    """Foretell a render.

    Args:
        work: What is to be made.
        places: The device of each worker, as `places_for` gives them.
        n_cores: Workers on the processor beyond this share cores.
        look: Finds a kept bench.
        stand_in: Key of the models whose bench stands in for those that have none.
    """
    speech_s = sum(each.speech_s for each in work)
    none = Estimate(speech_s=speech_s, wall_s=0.0, device_hours=0.0, places=tuple(places))
    if not work:
        return none
    usual = {device: look(device, stand_in) for device in dict.fromkeys(places)}
    wall_s, startup_s = 0.0, 0.0
    strangers, used, missing = [], [], []
    for each in work:
        own = {device: look(device, each.models_key) for device in usual}
        found = {device: own[device] or usual[device] for device in usual}
        missing += [device for device, bench in found.items() if bench is None]
        benches = {device: bench for device, bench in found.items() if bench is not None}
        if len(benches) < len(usual):
            continue
        if None in own.values():
            strangers.append(each.voice)
        wall_s += each.speech_s / _speech_each_second(benches, places, n_cores)
        startup_s = max(startup_s, *(bench.startup_s for bench in benches.values()))
        used += [bench.made for bench in benches.values()]
    if missing:
        return _lacking(none, missing)
    whole_s = startup_s + wall_s
    return Estimate(
        speech_s=speech_s,
        wall_s=whole_s,
        device_hours=whole_s * len(places) / _HOUR_S,
        places=tuple(places),
        strangers=tuple(dict.fromkeys(strangers)),
        oldest=min(used),
    )


def _lacking(none: Estimate, missing: Sequence[str]) -> Estimate:
    return Estimate(
        speech_s=none.speech_s,
        wall_s=0.0,
        device_hours=0.0,
        places=none.places,
        missing=tuple(dict.fromkeys(missing)),
    )


def _speech_each_second(
    benches: Mapping[str, BenchReport], places: Sequence[str], n_cores: int
) -> float:
    """Seconds of speech that all workers make in a second."""
    pace = 0.0
    for device, count in Counter(places).items():
        total = benches[device].stages.total
        if device == CPU:
            # Core-seconds: a bench on a busy machine still tells what a quiet one will take.
            pace += min(count, n_cores) / total.core_s_per_audio_s
        else:
            pace += count / total.real_time_factor
    return pace
