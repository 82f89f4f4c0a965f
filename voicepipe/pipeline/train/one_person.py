"""Whether a handful of recordings is of one person (torch-free).

Clips of one voice in several languages are often of several people. What one model learns from
them is a mixture that is like none of them.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final

from voicepipe.errors import InputError
from voicepipe.model.encoders.timbre import TimbreEncoder
from voicepipe.qc.speaker import place_of
from voicepipe.training.dataset.reading import read_stretch

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.training.dataset.verdict import DatasetReport

LEAST_LIKENESS: Final = 0.7
"""Cosine between two clips. Of 453 pairs by one synthetic speaker in two languages 99 % are over
0.74; of 12,735 pairs by two speakers half are under 0.59 and three in four under 0.65."""


def require_one_person(report: DatasetReport, weights: Path) -> None:
    """Go on only with clips that sound like one person.

    Args:
        report: A few clips.
        weights: Of what tells speakers apart.

    Raises:
        InputError: Two clips sound like two people; names those that differ most.
        CheckpointError: The weights are another file.
    """
    if len(report.clips) <= 1:
        return
    encoder = TimbreEncoder.load(weights)
    places = {}
    for clip in report.clips:
        place = place_of(read_stretch(report.dataset.folder, clip), encoder)
        if place is not None:
            places[clip.name] = place
    # Places are of length 1: their product is the cosine.
    pairs = [(float(places[a] @ places[b]), a, b) for a, b in combinations(places, 2)]
    likeness, one, other = min(pairs, default=(1.0, "", ""))
    if likeness < LEAST_LIKENESS:
        raise InputError(
            f'"{one}" and "{other}" sound like two people (likeness {likeness:.2f}; of one person '
            f"it is {LEAST_LIKENESS:g} or more): a model of both would be like neither",
            remedy="give each person a voice of its own, or leave the voice as it is",
        )
