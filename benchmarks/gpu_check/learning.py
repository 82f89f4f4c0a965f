"""A few training steps of each stage: are losses numbers, do they fall, what does a step take."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.gpu_check.records import Bar, Figure
from benchmarks.training import ROLES, built, minute_of_tones
from voicepipe.formula_models.families import adopt_formula_pair
from voicepipe.formula_models.sizes import TINY_SIZES, formula_sizes
from voicepipe.model_store.library import ModelLibrary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.gpu_check.place import Place


def learning_figures(place: Place) -> Iterator[Figure]:
    """Take steps of both stages on a minute of tones."""
    n_steps, batch = (1, 1) if place.is_tiny else (12, 2)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        library = ModelLibrary(root)
        pair = adopt_formula_pair(library, TINY_SIZES if place.is_tiny else formula_sizes("v2"))
        heard = minute_of_tones(root)
        for stage, role in ROLES.items():
            place.release()
            base = library.weights_path(pair[role].name)
            trainee = built(stage, base, heard, batch, n_steps, device=place.device)
            seconds, losses = [], []
            for step in range(n_steps):
                started = time.perf_counter()
                losses.append(dict(trainee.take_step(step)))
                seconds.append(place.seconds(started))
            finite = [np.isfinite(list(step.values())).all() for step in losses]
            yield Figure(
                what=f"{stage}: steps whose losses are numbers",
                found=float(np.mean(finite)),
                bar=1.0,
                held=Bar.AT_LEAST,
            )
            for name in losses[0]:
                yield Figure(
                    what=f"{stage}: {name}, first to last",
                    found=losses[-1][name],
                    note=f"from {losses[0][name]:.4g}",
                )
            yield Figure(what=f"{stage}: a step", found=float(np.median(seconds)), unit="s")
            yield place.peak(stage)
