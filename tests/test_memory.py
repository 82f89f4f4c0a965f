"""What a process gives back to the system."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from voicepipe.memory import FreedMemory, give_back_contents, give_back_freed, resident_mb

PIECE = 64 << 10
N_PIECES = 1_600


@pytest.mark.skipif(sys.platform != "linux", reason="no other C library is asked")
def test_what_lies_free_between_things_in_use_goes_back() -> None:
    held = [np.full(PIECE, 7, np.uint8) for _ in range(N_PIECES)]
    kept = held[::16]
    before = resident_mb()
    del held
    give_back_freed()
    freed_mb = (N_PIECES - len(kept)) * PIECE / 2**20
    assert before - resident_mb() > 0.8 * freed_mb
    assert all(int(piece[-1]) == 7 for piece in kept)


@pytest.mark.skipif(sys.platform != "linux", reason="no other C library is asked")
@pytest.mark.parametrize(("growth_mb", "goes_back"), [(16, True), (10_000, False)])
def test_only_a_process_that_has_grown_much_gives_back(growth_mb: int, goes_back: bool) -> None:
    freed = FreedMemory(growth_mb)
    held = [np.full(PIECE, 7, np.uint8) for _ in range(N_PIECES)]
    kept = held[::16]
    before = resident_mb()
    del held
    freed.give_back()
    assert (before - resident_mb() > N_PIECES * PIECE / 2**21) is goes_back
    assert len(kept) == N_PIECES // 16


@pytest.mark.skipif(sys.platform != "linux", reason="no other system is asked")
def test_contents_go_back_and_neighbours_stay() -> None:
    held = np.full((3, 32 << 20), 7, np.uint8)
    before = resident_mb()
    give_back_contents(held[1].ctypes.data, held[1].nbytes)
    assert before - resident_mb() > 28
    assert (held[0] == 7).all()
    assert (held[2] == 7).all()
    assert not held[1, 1 << 20 : -1 << 20].any()
