"""The check of a graphics card: all of its logic on the processor, at a hundredth of the size."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pytest

from benchmarks.gpu_check.__main__ import run, run_check
from benchmarks.gpu_check.place import Place
from benchmarks.gpu_check.records import (
    JSON_NAME,
    MARKDOWN_NAME,
    Bar,
    Figure,
    Status,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HERE = Place(device="cpu", is_tiny=True)
CHECKS = {
    "parity, float32",
    "recorded steps, float32",
    "company, float32",
    "throughput, float32",
    "too little memory",
    "decoder beside steps",
    "two processes",
    "training",
    "parity, convolutions as renders run them",
}


@pytest.mark.slow
def test_every_check_runs_and_passes_at_tiny_size(tmp_path: Path) -> None:
    report = run(HERE, tmp_path, minutes=30)
    told = {section.name: (section.status, section.note) for section in report.sections}
    assert told == dict.fromkeys(CHECKS, (Status.PASSED, ""))
    document = json.loads((tmp_path / JSON_NAME).read_bytes())
    assert document["passed"]
    assert {section["name"] for section in document["sections"]} == CHECKS
    figures = {figure["what"] for section in document["sections"] for figure in section["figures"]}
    assert {"speed-up", "4 slots, decoder", "4 slots, memory", "acoustic: a step"} <= figures
    written = (tmp_path / MARKDOWN_NAME).read_text(encoding="utf-8")
    assert "| training | passed |" in written


def test_what_begins_too_late_is_told_as_not_run(tmp_path: Path) -> None:
    report = run(HERE, tmp_path, minutes=0)
    assert {section.status for section in report.sections} == {Status.NOT_RUN}
    assert not report.is_passed
    assert "the time was over" in (tmp_path / MARKDOWN_NAME).read_text(encoding="utf-8")


def test_a_check_that_breaks_is_a_failure_with_its_reason_and_what_it_found() -> None:
    def broken() -> Iterator[Figure]:
        yield Figure(what="before", found=1.0)
        raise RuntimeError("CUDA error: an illegal instruction")

    section = run_check("broken", broken)
    assert section.status is Status.FAILED
    assert "an illegal instruction" in section.note
    assert [figure.what for figure in section.figures] == ["before"]


@pytest.mark.parametrize(
    ("figure", "status"),
    [
        (Figure(what="x", found=2.0, bar=1.0, held=Bar.AT_MOST), Status.MISSED),
        (Figure(what="x", found=1.0, bar=1.0, held=Bar.AT_MOST), Status.PASSED),
        (Figure(what="x", found=0.9, bar=1.0, held=Bar.AT_LEAST), Status.MISSED),
        (Figure(what="x", found=math.nan, bar=1.0, held=Bar.AT_MOST), Status.MISSED),
        (Figure(what="x", found=math.nan, bar=0.0, held=Bar.AT_LEAST), Status.MISSED),
        (Figure(what="x", found=9.0), Status.PASSED),
    ],
)
def test_a_figure_over_its_bar_is_a_miss(figure: Figure, status: Status) -> None:
    assert run_check("x", lambda: [figure]).status is status
