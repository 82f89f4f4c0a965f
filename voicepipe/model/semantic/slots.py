"""How many lines fit: slots of the semantic stage by the memory that is free (torch-free)."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from voicepipe.model.kernels.rows import ROWS

if TYPE_CHECKING:
    from voicepipe.model.config import SemanticConfig

MOST_SLOTS: Final = 128
"""Beyond this the weights cost next to nothing and only waiting grows."""
USABLE_SHARE: Final = 0.5
"""Of free memory: the rest is for prompts, the acoustic stage and the neighbours."""

_CPU_SLOTS = ROWS
_GPU_SLOTS = 64
_KEYS_AND_VALUES = 2
_SCALE_BYTES = 4


def bytes_per_position(config: SemanticConfig, *, bytes_per_number: int = 4) -> int:
    """Keys and values of one position of one line, in all layers.

    Numbers of a single byte come with a scale of four for every head.
    """
    scales = _SCALE_BYTES * config.n_heads if bytes_per_number == 1 else 0
    return _KEYS_AND_VALUES * config.n_layers * (config.width * bytes_per_number + scales)


def slots_for(
    config: SemanticConfig,
    free_bytes: int,
    *,
    max_length: int,
    device: str = "cpu",
    bytes_per_number: int = 4,
    n_wanted: int = 0,
) -> int:
    """Choose how many lines may be in flight at once.

    Args:
        config: Dimensions of the stage.
        free_bytes: Memory that nobody uses where keys and values will lie.
        max_length: Positions a line may take; a slot is counted at its full length.
        device: `cpu`, `cuda:0` …
        bytes_per_number: Of keys and values.
        n_wanted: At most so many; 0: what suits the device.

    Returns:
        At least 1: a single line is always tried.
    """
    most = n_wanted or (_CPU_SLOTS if device == "cpu" else _GPU_SLOTS)
    slot = bytes_per_position(config, bytes_per_number=bytes_per_number) * max_length
    fitting = int(free_bytes * USABLE_SHARE) // slot
    return max(1, min(most, MOST_SLOTS, fitting))


def free_memory(n_processes: int = 1) -> int:
    """Measure the memory a CPU process may still take, in bytes.

    Args:
        n_processes: Divided among so many.

    Returns:
        What the system says is available, or what a container's limit leaves if that is less;
        half of what is built in where neither is told.
    """
    found = [amount for amount in (_available(), _left_in_container()) if amount is not None]
    if not found:
        pages = os.sysconf("SC_PHYS_PAGES") if sys.platform != "win32" else 0
        found = [pages * os.sysconf("SC_PAGE_SIZE") // 2 if pages else 4 * 2**30]
    return min(found) // max(n_processes, 1)


def _available() -> int | None:
    facts = Path("/proc/meminfo")
    if not facts.exists():
        return None
    for line in facts.read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _left_in_container(folder: Path = Path("/sys/fs/cgroup")) -> int | None:
    """What a version 2 control group still grants."""
    limit, used = folder / "memory.max", folder / "memory.current"
    if not (limit.exists() and used.exists()):
        return None
    granted = limit.read_text(encoding="ascii").strip()
    if not granted.isdigit():
        return None
    return max(int(granted) - int(used.read_text(encoding="ascii")), 0)
