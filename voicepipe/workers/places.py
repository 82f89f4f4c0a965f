"""Where workers work: one process a device, and one a core where the device is the processor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.child_processes import n_cores
from voicepipe.errors import UsageError
from voicepipe.settings_values import devices_of

if TYPE_CHECKING:
    from collections.abc import Sequence

CPU = "cpu"
_MOST_FINISHERS = 8
"""Beside one worker: enough for hundreds of seconds of speech a second."""


def places_for(devices: str, *, jobs: int, most: int) -> tuple[str, ...]:
    """Say which device each worker gets.

    Args:
        devices: As `--device` has them: `cpu`, `cuda:0,cuda:1`.
        jobs: Processes on the processor; 0: one a core.
        most: No more workers than this: they would find nothing to do.

    Returns:
        One device a worker, at least one; faster kinds of device first.

    Raises:
        UsageError: Something listed is no device, or is listed twice.
    """
    listed = _listed(devices)
    places = [device for device in listed if device != CPU]
    if CPU in listed:
        places += [CPU] * (jobs or n_cores())
    return tuple(places[: max(1, most)])


def first_device(devices: str) -> str:
    """Choose the device for what one process does alone.

    Raises:
        UsageError: As for `places_for`.
    """
    return _listed(devices)[0]


def n_finishers(places: Sequence[str]) -> int:
    """Say how many processes finish clips beside each worker that is not on the processor.

    They share the cores that workers on the processor and those workers themselves leave.
    """
    n_others = sum(place != CPU for place in places)
    n_left = n_cores() - len(places)
    return min(_MOST_FINISHERS, max(1, n_left // max(1, n_others)))


def _listed(devices: str) -> tuple[str, ...]:
    try:
        return devices_of(devices)
    except ValueError as error:
        raise UsageError(str(error), remedy="say cpu, or cuda:0,cuda:1 …") from error
