"""Weights in memory that processes share: the same numbers, proven before they are used."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch

from voicepipe.synthesis import shared_weights
from voicepipe.synthesis.shared_weights import share_weights
from voicepipe.user_cache import CACHE_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.synchronize import Event

KEY = ("float32", "abc")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where files are kept; small ones are worth it here."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    monkeypatch.setattr(shared_weights, "LEAST_BYTES", 1)
    return tmp_path / "weights"


def tensors(seed: int = 1) -> list[torch.Tensor]:
    """Of several types and orders in memory; the third has the first one's."""
    numbers = torch.Generator().manual_seed(seed)
    first = torch.nn.Parameter(torch.randn(5, 7, generator=numbers), requires_grad=False)
    turned = torch.randn(4, 6, 3, generator=numbers).transpose(1, 2)
    made = [first, turned, first.detach(), torch.randn(9, generator=numbers).bfloat16()]
    return [*made, torch.arange(6, dtype=torch.int8), torch.zeros(0), torch.tensor(2.5)]


def files(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def assert_same(found: Sequence[torch.Tensor], expected: Sequence[torch.Tensor]) -> None:
    for one, other in zip(found, expected, strict=True):
        assert torch.equal(one, other)
        assert one.stride() == other.stride()
        assert one.dtype is other.dtype


def test_tensors_stay_what_they_are_and_lie_in_the_file(folder: Path) -> None:
    made = tensors()
    before = [tensor.data_ptr() for tensor in made]
    n_bytes = share_weights(KEY, made)
    (file,) = files(folder)
    assert file.stat().st_size == n_bytes
    assert_same(made, tensors())
    moved = [tensor.data_ptr() != old for tensor, old in zip(made, before, strict=True)]
    assert moved == [True, True, True, True, True, False, True]
    assert made[0].data_ptr() == made[2].data_ptr()
    assert isinstance(made[0], torch.nn.Parameter)


def test_a_second_process_writes_nothing_and_has_the_same(folder: Path) -> None:
    share_weights(KEY, tensors())
    (file,) = files(folder)
    first = file.stat().st_ino
    again = tensors()
    assert share_weights(KEY, again)
    assert_same(again, tensors())
    assert [path.stat().st_ino for path in files(folder)] == [first]


@pytest.mark.parametrize("place", [0, 70, -1])
def test_a_file_that_holds_other_bytes_is_replaced(folder: Path, place: int) -> None:
    share_weights(KEY, tensors())
    (file,) = files(folder)
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)
    made = tensors()
    assert share_weights(KEY, made)
    assert_same(made, tensors())
    other = tensors(2)
    assert share_weights(KEY, other)
    assert_same(other, tensors(2))


def test_a_file_of_another_length_is_replaced(folder: Path) -> None:
    share_weights(KEY, tensors())
    (file,) = files(folder)
    file.write_bytes(b"")
    made = tensors()
    assert share_weights(KEY, made)
    assert_same(made, tensors())


def test_what_is_written_to_stays_with_its_process(folder: Path) -> None:
    made = tensors()
    share_weights(KEY, made)
    (file,) = files(folder)
    content = file.read_bytes()
    made[0].fill_(7.0)
    assert file.read_bytes() == content
    again = tensors()
    share_weights(KEY, again)
    assert_same(again, tensors())


def test_a_deleted_file_takes_nothing_away(folder: Path) -> None:
    made = tensors()
    share_weights(KEY, made)
    (file,) = files(folder)
    file.unlink()
    assert_same(made, tensors())
    assert share_weights(KEY, tensors())


def test_what_was_not_used_for_longest_goes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = share_weights(("first",), tensors())
    (first,) = files(folder)
    share_weights(("second",), tensors())
    (second,) = set(files(folder)) - {first}
    os.utime(first, (2_000, 2_000))
    os.utime(second, (1_000, 1_000))
    monkeypatch.setattr(shared_weights, "MOST_BYTES", 2 * size)
    share_weights(("third",), tensors())
    assert first in files(folder)
    assert second not in files(folder)


def test_few_bytes_and_a_folder_in_the_way_leave_tensors_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write_text("in the way")
    made = tensors()
    assert share_weights(KEY, made) == 0
    assert_same(made, tensors())
    monkeypatch.setattr(shared_weights, "LEAST_BYTES", 1 << 20)
    assert share_weights(KEY, tensors()) == 0
    assert share_weights(KEY, []) == 0


HELD_KIB = 64 << 10


def _hold(cache: str, ready: multiprocessing.Queue[tuple[int, int]], end: Event) -> None:
    os.environ[CACHE_VARIABLE] = cache
    before = _own_kib()
    made = torch.arange(HELD_KIB << 8, dtype=torch.float32)
    share_weights(KEY, [made])
    assert int(made[-1]) == (HELD_KIB << 8) - 1
    ready.put((_mapped_kib(Path(cache)), _own_kib() - before))
    end.wait(60)


def _mapped_kib(folder: Path) -> int:
    """Proportional memory of what is mapped from a folder: libraries are others' as well."""
    n_kib, counts = 0, False
    for line in Path("/proc/self/smaps").read_text("utf-8").splitlines():
        name, _, value = line.partition(" ")
        if not name.endswith(":"):
            counts = str(folder) in value
        elif counts and name == "Pss:":
            n_kib += int(value.split()[0])
    return n_kib


def _own_kib() -> int:
    lines = Path("/proc/self/smaps_rollup").read_text("ascii").splitlines()
    facts = {line.split()[0]: int(line.split()[1]) for line in lines[1:]}
    return facts["Anonymous:"]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="Linux tells")
def test_two_processes_have_one_memory(folder: Path) -> None:
    context = multiprocessing.get_context("spawn")
    shares = []
    for n_processes in (1, 2):
        ready, end = context.Queue(), context.Event()
        held = [
            context.Process(target=_hold, args=(str(folder.parent), ready, end))
            for _ in range(n_processes)
        ]
        mapped = 0
        for process in held:
            process.start()
            mapped, own = ready.get(timeout=60)
            assert own < HELD_KIB // 4
        end.set()
        for process in held:
            process.join()
            assert process.exitcode == 0
        shares.append(mapped)
    assert shares[0] == pytest.approx(HELD_KIB, rel=0.05)
    assert shares[1] == pytest.approx(HELD_KIB / 2, rel=0.05)
