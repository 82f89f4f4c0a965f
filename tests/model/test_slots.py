"""How many lines fit into memory."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from voicepipe.model.config import SemanticConfig
from voicepipe.model.semantic.slots import (
    MOST_SLOTS,
    USABLE_SHARE,
    _left_in_container,
    bytes_per_position,
    free_memory,
    slots_for,
)

if TYPE_CHECKING:
    from pathlib import Path

V2 = SemanticConfig(
    n_layers=24,
    width=512,
    n_heads=16,
    feedforward_width=2048,
    vocabulary_size=1025,
    phoneme_vocabulary_size=732,
    eos_id=1024,
)
GIB = 2**30


def test_a_position_of_the_full_model_takes_96_kib() -> None:
    assert bytes_per_position(V2) == 96 * 1024
    assert bytes_per_position(V2, bytes_per_number=2) == 48 * 1024
    assert bytes_per_position(V2, bytes_per_number=1) == 27 * 1024  # and a scale a head


@pytest.mark.parametrize(
    ("free_bytes", "device", "wanted", "expected"),
    [
        (64 * GIB, "cpu", 0, 32),
        (64 * GIB, "cuda:0", 0, 64),
        (64 * GIB, "cuda:0", 100, 100),
        (64 * GIB, "cpu", 9999, MOST_SLOTS),
        (64 * GIB, "cpu", 5, 5),
        (1 * GIB, "cpu", 0, 8),
        (1 * GIB, "cpu", 20, 8),
        (0, "cpu", 0, 1),
    ],
)
def test_slots_follow_memory_device_and_wish(
    free_bytes: int, device: str, wanted: int, expected: int
) -> None:
    found = slots_for(V2, free_bytes, max_length=640, device=device, n_wanted=wanted)
    assert found == expected
    if found > 1:
        assert found * 640 * bytes_per_position(V2) <= free_bytes * USABLE_SHARE


def test_free_memory_is_shared_between_processes() -> None:
    whole = free_memory()
    assert whole > 0
    assert free_memory(4) <= whole


def test_a_container_s_limit_counts(tmp_path: Path) -> None:
    assert _left_in_container(tmp_path) is None
    (tmp_path / "memory.max").write_text("max\n")
    (tmp_path / "memory.current").write_text("700\n")
    assert _left_in_container(tmp_path) is None
    (tmp_path / "memory.max").write_text("1000\n")
    assert _left_in_container(tmp_path) == 300
    (tmp_path / "memory.current").write_text("1200\n")
    assert _left_in_container(tmp_path) == 0


def test_counting_slots_needs_no_torch() -> None:
    code = "import sys, voicepipe.model.semantic.slots; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
