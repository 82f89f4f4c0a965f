"""Reference clips with one fault each, made by arithmetic: no recording need be kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import soundfile

from voicepipe.settings import load_settings
from voicepipe.voices.catalog import load_catalog
from voicepipe.voices.reference_checks import check_reference
from voicepipe.voices.sound_checks import check_sound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from voicepipe.diagnostics import Diagnostic

RATE = 24_000
SETTINGS = "bank: case\nlanguages: [en, zh]\n"
Samples = np.ndarray[Any, np.dtype[np.float64]]


def check_clips(root: Path) -> Sequence[Diagnostic]:
    """Find what is wrong with every reference clip of a project."""
    settings, _ = load_settings(root)
    assert settings is not None
    catalog, found = load_catalog(root, settings)
    clips = [clip for voice in catalog.voices.values() for clip in voice.clips]
    sounds = [sound for voice in catalog.voices.values() for sound in voice.sounds]
    return [
        *found,
        *(d for clip in clips for d in check_reference(root, clip)[1]),
        *(d for sound in sounds for d in check_sound(root, sound)[1]),
    ]


def _words(seconds: float, rate: int = RATE) -> Samples:
    """A buzzing vowel in words with pauses between, in a quiet room."""
    t = np.arange(round(seconds * rate)) / rate
    gate = np.clip(np.sin(2 * np.pi * 0.8 * t + 0.5), 0, None)
    room = np.random.PCG64(4).random_raw(len(t)).astype(np.float64) / 2.0**64 - 0.5
    return np.asarray(0.4 * np.sin(2 * np.pi * 180 * t) * gate + 0.001 * room)


def _with(**clips: Callable[[], Samples]) -> Callable[[Path], None]:
    def make(root: Path) -> None:
        (root / "voicepipe.yaml").write_text(SETTINGS, "utf-8")
        folder = root / "voices" / "noah"
        folder.mkdir(parents=True)
        for name in ("calm", "sad"):
            samples = clips.get(name, lambda: _words(4.0))()
            rate = 16_000 if name in clips and "rate" in clips else RATE
            soundfile.write(folder / f"{name}.wav", samples, rate, subtype="PCM_16")

    return make


def _noisy() -> Samples:
    noise = np.random.PCG64(5).random_raw(4 * RATE).astype(np.float64) / 2.0**64 - 0.5
    return np.asarray(_words(4.0) + 0.1 * noise)


CLIP_MAKERS: dict[str, Callable[[Path], None]] = {
    "VP321": _with(calm=lambda: _words(1.5), sad=lambda: _words(11.0)),
    "VP322": _with(calm=lambda: _words(4.0, 16_000), rate=lambda: _words(1.0)),
    "VP323": _with(sad=lambda: np.clip(4 * _words(4.0), -1.0, 1.0)),
    "VP324": _with(sad=_noisy),
    "VP325": _with(
        calm=lambda: np.concatenate([np.zeros(RATE), _words(4.0)]),
        sad=lambda: np.concatenate([_words(4.0), np.zeros(2 * RATE)]),
    ),
    "VP326": _with(sad=lambda: np.stack([_words(4.0)] * 2, axis=1)),
    "VP327": _with(sad=lambda: _words(4.0) + 0.05),
    "VP330": _with(calm=lambda: _words(4.7)),
    "VP337": _with(calm=lambda: 0.01 * _words(0.8), sad=lambda: _words(0.06)),
    "VP328": _with(sad=lambda: np.zeros(4 * RATE)),
}
"""Code → what adds the clips to its input."""
