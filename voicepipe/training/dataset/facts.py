"""A dataset's figures as plain values, for JSON documents and reports."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicepipe.hashing import Json
    from voicepipe.training.dataset.reading import DatasetClip
    from voicepipe.training.dataset.verdict import DatasetFigures


def figures_facts(figures: DatasetFigures) -> dict[str, Json]:
    """Describe a dataset as a whole."""
    loudness = figures.loudness_lufs
    correlation = figures.length_correlation
    return {
        "clips": figures.clips,
        "minutes": round(figures.duration_s / 60, 3),
        "seconds_by_language": {
            tag: round(seconds, 2) for tag, seconds in figures.duration_s_by_language.items()
        },
        "takes": figures.takes,
        "left_out": figures.left_out,
        "cut": figures.cut,
        "coverage": asdict(figures.coverage),
        "sample_rates": list(figures.sample_rates),
        "bandwidth_hz": round(figures.bandwidth_hz),
        "narrow_share": round(figures.narrow_share, 3),
        "snr_db": _finite(figures.snr_db),
        "overloaded_share": round(figures.overloaded_share, 3),
        "loudness_lufs": None if loudness is None else round(loudness, 1),
        "loudness_spread_lu": round(figures.loudness_spread_lu, 1),
        "phonemes_per_s": round(figures.phonemes_per_s, 1),
        "length_correlation": None if correlation is None else round(correlation, 3),
        "sounds": [
            {
                "language": covered.language,
                "known": covered.n_known,
                "missing": list(covered.missing),
                "rare": list(covered.rare),
            }
            for covered in figures.sounds
        ],
    }


def clip_facts(clip: DatasetClip) -> dict[str, Json]:
    """Describe one clip."""
    figures = clip.figures
    return {
        "name": clip.name,
        "recording": clip.path,
        "sha256": clip.sha256,
        "start": clip.start,
        "end": clip.end,
        "language": clip.language,
        "text": clip.text,
        "duration_s": round(figures.duration_s, 3),
        "sample_rate": figures.sample_rate,
        "bandwidth_hz": round(figures.bandwidth_hz),
        "snr_db": _finite(figures.snr_db),
        "clipped_runs": figures.clipped_runs,
        "offset": round(figures.offset, 5),
        "loudness_lufs": None if figures.loudness_lufs is None else round(figures.loudness_lufs, 1),
        "phonemes": figures.n_phonemes,
        "phonemes_per_s": round(figures.phonemes_per_s, 1),
    }


def _finite(value: float) -> float | None:
    """Give a number that JSON has; digital silence is infinitely quiet."""
    return None if math.isinf(value) else round(value, 1)
