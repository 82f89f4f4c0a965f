"""Where stressed words sound in the answer of a semantic stage (torch-free)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicepipe.errors import SynthesisError
from voicepipe.model.acoustic.voicing import Stress

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.model.semantic.spoken_borders import Extent


def found_stresses(
    stressed: Sequence[tuple[int, int]], places: Sequence[int], extents: Sequence[Extent]
) -> tuple[Stress, ...]:
    """Find stressed phonemes in time.

    Args:
        stressed: Of the phonemes of a part, the first stressed one and the first after the last.
        places: Of those phonemes that were found.
        extents: Of each of them, in latent frames.

    Raises:
        SynthesisError: Nothing was found of a stressed word.
    """
    found: list[Stress] = []
    for first, end in stressed:
        held = [
            extent for place, extent in zip(places, extents, strict=True) if first <= place < end
        ]
        if not held:
            raise SynthesisError("nothing is heard of the words that [stress] is about")
        found.append(Stress(start=held[0].start, end=held[-1].end))
    return tuple(found)
