"""The renderer as a worker runs it: lines end to end, and again with too little memory for them."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch

from benchmarks.gpu_check.records import Bar, Figure
from benchmarks.render import EOS_GAIN, write_project
from voicepipe.engines.gpt_sovits.continuous_batcher import ContinuousBatcher
from voicepipe.engines.gpt_sovits.renderer import GptSovitsRenderer
from voicepipe.formula_models.sizes import TINY_SIZES, V2_SIZES
from voicepipe.model.semantic import generation
from voicepipe.pipeline.project import load_project

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from numpy.typing import NDArray

    from benchmarks.gpu_check.place import Place
    from voicepipe.engines.gpt_sovits.continuous_batcher import SlotCount
    from voicepipe.synthesis.request import SynthesisRequest

_N_LINES = 6
_MANY_SLOTS, _FEW_SLOTS = 64, 4
_SPARE_MB = 1500.0
"""Beyond the models: less than 64 slots of the longest lines take."""
_MOST_SLOTS_HERE = 16


def rendering_figures(place: Place) -> Iterator[Figure]:
    """Render lines with plenty of memory and with little, and compare what is heard."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        requests = _requests(place, root)
        plenty, slots = _rendered(place, root, requests, _FEW_SLOTS, nullcontext())
        yield Figure(what="lines that sound", found=len(plenty), bar=_N_LINES, held=Bar.AT_LEAST)
        yield Figure(what="slots with plenty of memory", found=slots)
        place.release()
        shortage = place.little_memory(_SPARE_MB) if place.is_cuda else _refusing_slots()
        short, slots = _rendered(place, root, requests, _MANY_SLOTS, shortage)
    yield Figure(
        what="lines that sound with little memory",
        found=len(short),
        bar=_N_LINES,
        held=Bar.AT_LEAST,
    )
    yield Figure(
        what=f"slots left of {_MANY_SLOTS}", found=slots, bar=_MANY_SLOTS / 2, held=Bar.AT_MOST
    )
    same = [np.array_equal(short[line], plenty[line]) for line in plenty.keys() & short.keys()]
    # Another number of slots may take other kernels on a card: there it is only told.
    yield Figure(
        what="lines that sound the same",
        found=sum(same) / _N_LINES,
        bar=0.0 if place.is_cuda else 1.0,
        held=Bar.AT_LEAST,
    )


def _requests(place: Place, root: Path) -> list[SynthesisRequest]:
    sizes = replace(TINY_SIZES if place.is_tiny else V2_SIZES, eos_gain=EOS_GAIN)
    write_project(root, _N_LINES, sizes, n_words=(2, 5))
    project = load_project(root)
    engine = project.engines["gpt-sovits"]
    return [engine.request(line, 1000 + number) for number, line in enumerate(project.cast)]


def _rendered(
    place: Place,
    root: Path,
    requests: list[SynthesisRequest],
    n_slots: int,
    memory: AbstractContextManager[None],
) -> tuple[dict[str, NDArray[np.float32]], int]:
    """Give every line's samples, and how many slots were left at the end."""
    renderer = GptSovitsRenderer(root, root / "out", place.device, n_slots=n_slots)
    sounds: dict[str, NDArray[np.float32]] = {}
    stream = iter(requests)
    # The models are loaded before memory becomes short.
    first = next(iter(renderer.render([next(stream)])))
    with memory, _slots_noted() as noted:
        for outcome in (first, *renderer.render(stream)):
            if outcome.clip is not None:
                sounds[outcome.request.line_id] = outcome.clip.samples
    renderer.close()
    return sounds, min(count.n for count in noted)


@contextmanager
def _slots_noted() -> Iterator[list[SlotCount]]:
    """Note the counts of slots that batchers lower."""
    noted: list[SlotCount] = []
    made = ContinuousBatcher.__init__

    def init(self: ContinuousBatcher, cache, prompts, pair, slots) -> None:  # noqa: ANN001
        noted.append(slots)
        made(self, cache, prompts, pair, slots)

    ContinuousBatcher.__init__ = init  # type: ignore[method-assign]
    try:
        yield noted
    finally:
        ContinuousBatcher.__init__ = made  # type: ignore[method-assign]


@contextmanager
def _refusing_slots() -> Iterator[None]:
    """Let a processor say what a full card says, for more slots than a few."""
    cache = generation.KvCache

    def made(*args: object, n_slots: int, **options: object) -> object:
        if n_slots > _MOST_SLOTS_HERE:
            raise torch.OutOfMemoryError("out of memory")
        return cache(*args, n_slots=n_slots, **options)  # type: ignore[arg-type]

    generation.KvCache = made  # type: ignore[assignment,misc]
    try:
        yield
    finally:
        generation.KvCache = cache  # type: ignore[misc]
