"""Which devices the workers of a render get."""

from __future__ import annotations

import pytest

from voicepipe.child_processes import n_cores
from voicepipe.errors import UsageError
from voicepipe.workers.places import first_device, places_for


@pytest.mark.parametrize(
    ("devices", "jobs", "most", "places"),
    [
        ("cpu", 3, 100, ("cpu",) * 3),
        ("cpu", 3, 2, ("cpu",) * 2),
        ("cpu", 0, 1_000, ("cpu",) * n_cores()),
        ("cuda:0,cuda:1", 7, 100, ("cuda:0", "cuda:1")),
        ("cpu, cuda:1", 2, 100, ("cuda:1", "cpu", "cpu")),
        ("cuda", 0, 0, ("cuda",)),
    ],
)
def test_one_worker_a_device_and_one_a_core(
    devices: str, jobs: int, most: int, places: tuple[str, ...]
) -> None:
    assert places_for(devices, jobs=jobs, most=most) == places


@pytest.mark.parametrize("devices", ["gpu", "cuda:0,cuda:0", "cuda:0,", "cuda:-1", ""])
def test_what_is_no_list_of_devices_is_refused(devices: str) -> None:
    with pytest.raises(UsageError) as raised:
        places_for(devices, jobs=1, most=1)
    assert raised.value.remedy


def test_what_one_process_does_happens_on_the_first_device() -> None:
    assert first_device("cuda:1,cpu") == "cuda:1"
