"""The kernel of float32 products: measured once a machine, kept, and never trusted blindly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest
import torch

from voicepipe.errors import EnvironmentFault
from voicepipe.model.kernels import product_choice
from voicepipe.model.kernels.choice import KERNELS_VARIABLE
from voicepipe.model.kernels.kept_choice import MOST_FILES, _fastest
from voicepipe.model.kernels.library_products import ColumnProduct
from voicepipe.model.kernels.product_choice import (
    BUDGET_S,
    Trial,
    choose_kernel,
    measure,
    product_kernels,
)
from voicepipe.model.kernels.product_kernels import ProductKernel
from voicepipe.user_cache import CACHE_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

SHAPES = [(1024, 512), (512, 1024)]
PLAIN = ProductKernel.PLAIN


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache folder of the test's own; what was chosen before is forgotten."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    product_choice._chosen.cache_clear()
    yield tmp_path
    product_choice._chosen.cache_clear()


@pytest.fixture
def fastest(monkeypatch: pytest.MonkeyPatch) -> list[ProductKernel]:
    """Which kernels a measurement finds fastest, one after the other; what is left was not used."""
    found: list[ProductKernel] = []

    def measured(
        kernels: Sequence[ProductKernel], _: Sequence[Trial]
    ) -> Mapping[ProductKernel, float]:
        best = found.pop(0)
        return {kernel: 0.1 if kernel is best else 1.0 for kernel in kernels}

    monkeypatch.setattr(product_choice, "measure", measured)
    return found


def chosen_anew() -> ProductKernel:
    """Choose as another process would."""
    product_choice._chosen.cache_clear()
    return choose_kernel(SHAPES)


def kept_files(cache: Path) -> list[Path]:
    return sorted((cache / "kernels").rglob("*.*"))


def test_what_was_measured_once_holds_for_every_run(
    cache: Path, fastest: list[ProductKernel]
) -> None:
    fastest.append(PLAIN)
    assert choose_kernel(SHAPES) is PLAIN
    (kept,) = kept_files(cache)
    assert orjson.loads(kept.read_bytes()) == {"choice": "plain", "schema": 1}
    assert chosen_anew() is PLAIN
    kept.unlink()
    fastest.append(product_kernels()[0])
    assert chosen_anew() is product_kernels()[0]


def test_of_two_processes_that_measure_at_once_the_first_to_end_decides(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Sequence[ProductKernel]] = []

    def measured(
        kernels: Sequence[ProductKernel], _: Sequence[Trial]
    ) -> Mapping[ProductKernel, float]:
        calls.append(kernels)
        is_other = len(calls) == 2
        if not is_other:
            chosen_anew()  # the other one, which begins later and ends first
        best = PLAIN if is_other else kernels[0]
        return {kernel: 0.1 if kernel is best else 1.0 for kernel in kernels}

    monkeypatch.setattr(product_choice, "measure", measured)
    assert choose_kernel(SHAPES) is PLAIN
    assert len(calls) == 2
    assert len(kept_files(cache)) == 1


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"choice": "gone", "schema": 1}', b'{"choice": "plain", "schema": 9}']
)
def test_a_damaged_choice_is_made_again(
    content: bytes, cache: Path, fastest: list[ProductKernel]
) -> None:
    fastest += [PLAIN, PLAIN]
    choose_kernel(SHAPES)
    (kept,) = kept_files(cache)
    kept.write_bytes(content)
    assert chosen_anew() is PLAIN
    assert not fastest
    assert orjson.loads(kept.read_bytes()) == {"choice": "plain", "schema": 1}


def test_a_kept_kernel_that_changes_rows_is_not_used(
    cache: Path, fastest: list[ProductKernel], monkeypatch: pytest.MonkeyPatch
) -> None:
    fastest += [PLAIN, product_kernels()[0]]
    assert choose_kernel(SHAPES) is PLAIN
    honest = ColumnProduct._whole
    monkeypatch.setattr(
        ColumnProduct,
        "_whole",
        lambda self, rows: honest(self, rows) * (1 + 1e-6 * bool(rows.isnan().any())),
    )
    assert Trial(SHAPES[0]).product(PLAIN) is None
    assert chosen_anew() is product_kernels()[0]
    assert len(kept_files(cache)) == 1


def test_wrong_products_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ColumnProduct, "_whole", lambda _, rows: torch.zeros(len(rows), 1024))
    assert Trial(SHAPES[0]).product(PLAIN) is None


def test_the_first_kernel_stays_unless_another_is_clearly_faster() -> None:
    options = ("first", "second", "third")
    for share, expected in ((0.9, "first"), (0.8, "third")):
        seconds = {"first": 1.0, "second": 1.1, "third": share}
        assert _fastest(options, seconds) == expected


def test_nothing_is_measured_where_it_cannot_be_kept_or_is_no_matter(
    cache: Path, fastest: list[ProductKernel]
) -> None:
    assert choose_kernel([(64, 32)]) is product_kernels()[0]
    assert not kept_files(cache)
    (cache / "kernels").write_text("in the way")
    fastest.append(PLAIN)
    assert chosen_anew() is product_kernels()[0]


def test_the_variable_pins_a_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    for kernel in product_kernels():
        monkeypatch.setenv(KERNELS_VARIABLE, kernel.value)
        assert chosen_anew() is kernel
    monkeypatch.setenv(KERNELS_VARIABLE, "mkl")
    monkeypatch.setattr(product_choice, "has_mkl", lambda: False)
    with pytest.raises(EnvironmentFault, match="VOICEPIPE_KERNELS is mkl, and this machine"):
        chosen_anew()


def test_a_measurement_is_short_and_times_every_kernel() -> None:
    seconds = measure(product_kernels(), [Trial((64, 32))])
    assert set(seconds) == set(product_kernels())
    assert all(0 <= value < BUDGET_S for value in seconds.values())


def test_old_choices_make_room(cache: Path, fastest: list[ProductKernel]) -> None:
    fastest += [PLAIN, PLAIN]
    choose_kernel(SHAPES)
    (kept,) = kept_files(cache)
    for index in range(80):
        (kept.parent / f"{index}.json").write_text("{}")
    kept.unlink()
    assert chosen_anew() is PLAIN
    assert len(kept_files(cache)) == MOST_FILES
    assert kept.exists()
