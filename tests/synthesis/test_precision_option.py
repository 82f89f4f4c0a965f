"""`render.precision`: part of the key, obeyed by the renderer, refused where it makes no sense."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from tiny_voice import requests_of

from voicepipe.engines.gpt_sovits.renderer import GptSovitsRenderer
from voicepipe.errors import EnvironmentFault
from voicepipe.model.kernels.choice import bfloat16_kernel
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.render.rendering import RenderOptions, render_project
from voicepipe.settings import load_settings
from voicepipe.workers import pool

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.synthesis.request import SynthesisRequest


def with_precision(root: Path, precision: str) -> list[SynthesisRequest]:
    """The project's requests at a precision."""
    text = f"bank: small\nlanguages: [en, zh]\nrender: {{precision: {precision}}}\n"
    (root / "voicepipe.yaml").write_text(text, "utf-8")
    return requests_of(root)


def test_another_precision_is_another_take(tiny: Path) -> None:
    plain = with_precision(tiny, "float32")
    rough = with_precision(tiny, "int8")
    for one, other in zip(plain, rough, strict=True):
        before, after = one.identity(), other.identity()
        assert before.key != after.key
        changed = {
            group
            for group, mark in before.fingerprints.items()
            if mark != after.fingerprints[group]
        }
        assert changed == {"engine"}


@pytest.mark.parametrize(
    ("rounded", "kept_as"), [("int8", torch.int8), ("bfloat16", torch.bfloat16)]
)
def test_the_renderer_obeys_and_the_rest_of_the_batch_changes_nothing(
    tiny: Path, rounded: str, kept_as: torch.dtype
) -> None:
    if rounded == "bfloat16" and not bfloat16_kernel().is_machine_code:
        pytest.skip(bfloat16_kernel().reason)
    sounds = []
    for precision, n_slots in (("float32", 0), (rounded, 1), (rounded, 0)):
        requests = with_precision(tiny, precision)[:4]
        renderer = GptSovitsRenderer(tiny, tiny / "out", "cpu", n_slots=n_slots)
        found = {}
        for outcome in renderer.render(requests):
            assert outcome.clip is not None, outcome.error
            found[outcome.request.line_id, outcome.request.language] = outcome.clip.samples
        (pair,) = renderer._model_cache._pairs.values()
        kept = pair.semantic.cache_type
        assert kept is (torch.float32 if precision == "float32" else kept_as)
        renderer.close()
        sounds.append(found)
    _, alone, together = sounds
    for line, samples in alone.items():
        np.testing.assert_array_equal(together[line], samples)


def test_halves_on_a_cpu_stop_the_render_with_a_remedy(tiny: Path) -> None:
    requests = with_precision(tiny, "float16")
    renderer = GptSovitsRenderer(tiny, tiny / "out", "cpu")
    with pytest.raises(EnvironmentFault, match="float16 is for a GPU") as caught:
        list(renderer.render(requests))
    assert "int8" in caught.value.remedy


def test_an_unknown_precision_is_pointed_at(tmp_path: Path) -> None:
    text = "bank: small\nlanguages: [en]\nrender:\n  precision: int4\n"
    (tmp_path / "voicepipe.yaml").write_text(text, "utf-8")
    settings, (found,) = load_settings(tmp_path)
    assert settings is None
    assert "int4" in found.message
    assert found.span.line == 4


class _Begun(Exception):
    """Workers would begin now."""


@pytest.mark.parametrize(("wish", "expected"), [(2, 2), (0, 3)])
def test_a_wish_for_slots_reaches_the_workers(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, wish: int, expected: int
) -> None:
    asked = []

    def begin(*_: object, lines_at_once: int, **__: object) -> None:
        asked.append(lines_at_once)
        raise _Begun

    monkeypatch.setattr(pool, "run_jobs", begin)
    text = "bank: small\nlanguages: [en, zh]\nrender: {precision: int8, slots: 3}\n"
    (tiny / "voicepipe.yaml").write_text(text, "utf-8")
    options = RenderOptions(jobs=1, slots=wish)
    with pytest.raises(_Begun):
        render_project(load_project(tiny), options, on_event=lambda _: None)
    assert asked == [expected]
