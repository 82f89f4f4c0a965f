"""A line's samples are its own: alone, among others, in any order, in one process or two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tiny_voice import requests_of

from voicepipe.bank.versions import load_latest
from voicepipe.engines.gpt_sovits.in_flight import part_seed
from voicepipe.engines.gpt_sovits.renderer import GptSovitsRenderer
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.render.rendering import RenderOptions, render_project

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from voicepipe.synthesis.request import SynthesisRequest

Sounds = dict[tuple[str, str], "NDArray[np.float32]"]


def spoken(root: Path, requests: Sequence[SynthesisRequest], n_slots: int) -> Sounds:
    renderer = GptSovitsRenderer(root, root / "out", "cpu", n_slots=n_slots)
    found: Sounds = {}
    for outcome in renderer.render(requests):
        assert outcome.clip is not None, outcome.error
        found[outcome.request.line_id, outcome.request.language] = outcome.clip.samples
    renderer.close()
    return found


@pytest.fixture(scope="module")
def requests(tiny_models: Path) -> list[SynthesisRequest]:
    return requests_of(tiny_models)


@pytest.fixture(scope="module")
def alone(tiny_models: Path, requests: list[SynthesisRequest]) -> Sounds:
    renderer = GptSovitsRenderer(tiny_models, tiny_models / "out", "cpu", n_slots=1)
    found: Sounds = {}
    for request in requests:
        (outcome,) = renderer.render([request])
        assert outcome.clip is not None
        found[request.line_id, request.language] = outcome.clip.samples
    return found


@pytest.mark.parametrize("n_slots", [4, 8, 32])
def test_a_line_sounds_alone_as_in_a_batch(
    tiny_models: Path, requests: list[SynthesisRequest], alone: Sounds, n_slots: int
) -> None:
    together = spoken(tiny_models, requests, n_slots)
    assert together.keys() == alone.keys()
    for line, samples in alone.items():
        np.testing.assert_array_equal(together[line], samples, err_msg=str(line))


def test_order_does_not_matter(
    tiny_models: Path, requests: list[SynthesisRequest], alone: Sounds
) -> None:
    backwards = spoken(tiny_models, requests[::-1], 5)
    for line, samples in alone.items():
        np.testing.assert_array_equal(backwards[line], samples, err_msg=str(line))


def test_another_seed_is_another_take(
    tiny_models: Path, requests: list[SynthesisRequest], alone: Sounds
) -> None:
    from dataclasses import replace

    first = requests[0]
    other = spoken(tiny_models, [replace(first, seed=first.seed + 1)], 4)
    sample = alone[first.line_id, first.language]
    assert not np.array_equal(other[first.line_id, first.language], sample)


def test_parts_of_a_line_have_seeds_of_their_own() -> None:
    seeds = {part_seed(seed, index) for seed in range(20) for index in range(5)}
    assert len(seeds) == 100
    assert all(0 <= seed < 2**64 for seed in seeds)


def test_two_workers_make_what_one_makes_two_lines_at_once(tiny: Path) -> None:
    versions = []
    for jobs, slots in ((1, 2), (2, 0)):
        (tiny / "voicepipe.yaml").write_text(
            f"bank: small\nlanguages: [en, zh]\nout: out{jobs}\n", "utf-8"
        )
        project = load_project(tiny)
        options = RenderOptions(jobs=jobs, slots=slots)
        report = render_project(project, options, on_event=lambda _: None)
        assert not report.failed
        assert report.rendered == 16
        again = render_project(project, options, on_event=lambda _: None)
        assert again.rendered == 0
        manifest = load_latest(project.out, "small")
        assert manifest is not None
        versions.append({(e.line, e.language): e.sha256 for e in manifest.entries})
    assert versions[0] == versions[1]
