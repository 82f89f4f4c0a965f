"""The formula pair that checks run, written once and loaded in any precision."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from voicepipe.benchmarking.models import formula_pair
from voicepipe.model.precision import Precision
from voicepipe.synthesis.model_cache import ModelCache

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.gpu_check.place import Place
    from voicepipe.synthesis.model_cache import Needed, Pair

_FAMILY = "v2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Models:
    """A pair on disk; other processes can load it, too."""

    place: Place
    root: Path
    needed: Needed

    @classmethod
    def written(cls, place: Place, root: Path) -> Models:
        """Write the pair into an empty folder."""
        made = formula_pair(root, Precision.FLOAT32, family=_FAMILY, size=place.size)
        return cls(place=place, root=root, needed=made.needed)

    def load(self, precision: Precision) -> Pair:
        """Load the pair as a worker does; the semantic stage computes in `precision`."""
        needed = replace(self.needed, precision=precision)
        return ModelCache(self.root, self.place.device).pair(needed)
