"""A mono clip in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AudioClip:
    """Mono sound."""

    samples: NDArray[np.float32]
    """Shape (S,), full scale is [-1, 1]; the clip owns the memory and nobody writes to it."""
    sample_rate: int
    """Hz."""

    @property
    def n_samples(self) -> int:
        """Length in samples."""
        return int(self.samples.shape[0])

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.n_samples / self.sample_rate
