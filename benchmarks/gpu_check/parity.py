"""Does it compute what the reference computed: recorded vectors in each precision."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from benchmarks.gpu_check.records import Bar, Figure
from voicepipe.model.precision import Precision
from voicepipe.parity.networks import NETWORK_REPLAYS, replay_acoustic
from voicepipe.parity.replay import replay_folder
from voicepipe.parity.selftest import Coverage, replay_any
from voicepipe.parity.subset import SubsetVectors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.gpu_check.place import Place
    from voicepipe.parity.replay import Measure
    from voicepipe.parity.subset import Subset

_ACOUSTIC = "s2_keys.json"
_LESS_EXACT = ("vocoder_v4", "s1_keys.json", _ACOUSTIC)
"""What is replayed in half the digits, too; the rest of the recordings always run in float32."""
_TINY = ("vocoder_v4",)
"""Enough to run the code where nothing is measured."""


def parity_figures(place: Place, subset: Subset, precision: Precision) -> Iterator[Figure]:
    """Replay the committed vectors.

    Args:
        place: Where.
        subset: The vectors.
        precision: Of products; float32 without any rounding of inputs.
    """
    names = [name for name in subset.names if not place.is_tiny or name in _TINY]
    is_exact = precision is Precision.FLOAT32
    with place.exact() if is_exact else nullcontext():
        for name in names:
            vectors = SubsetVectors(subset, name, place.device, precision)
            measures = replay_any(vectors, Coverage()) if is_exact else _with_less(vectors)
            yield from map(_figure, measures)
            place.release()


def rounded_figures(place: Place, subset: Subset) -> Iterator[Figure]:
    """Replay the decoders as renders run them: convolutions may round their inputs to 10 bits."""
    for name in subset.names:
        vectors = SubsetVectors(subset, name, place.device)
        if vectors.has_file(_ACOUSTIC) and not place.is_tiny:
            for measure in replay_folder(vectors, {_ACOUSTIC: replay_acoustic}):
                yield Figure(what=f"{name}: {measure.what}", found=measure.found)


def _with_less(vectors: SubsetVectors) -> Iterator[Measure]:
    asked = {key: replay for key, replay in NETWORK_REPLAYS.items() if key in _LESS_EXACT}
    is_known = vectors.name in asked or any(vectors.has_file(key) for key in asked)
    if is_known and not vectors.has_file("gradient_norms.json"):
        yield from replay_folder(vectors, asked)


def _figure(measure: Measure) -> Figure:
    return Figure(
        what=f"{measure.folder}: {measure.what}",
        found=measure.found,
        bar=measure.bar,
        held=Bar.AT_LEAST if measure.is_share else Bar.AT_MOST,
        note=measure.note,
    )


def default_subset(root: Path) -> Path:
    """Where the committed vectors lie in a checkout."""
    return root / "tests" / "golden" / "subset"
