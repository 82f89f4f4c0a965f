"""Voices mixed from others: the same every time, between their parents or a little beyond."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tiny.corpus import MIXED
from tiny.mixing import N_VOICES, Mixture, mixtures

if TYPE_CHECKING:
    from pathlib import Path

VOICES = {"en": ["af_one", "am_two"], "ja": ["jf_three"]}


def test_the_same_voices_are_drawn_every_time() -> None:
    drawn = mixtures("en", VOICES)
    assert drawn == mixtures("en", VOICES)
    assert len({voice.name for voice in drawn}) == N_VOICES
    assert {voice.own for voice in drawn} == set(VOICES["en"])
    assert all(voice.name.startswith(f"{MIXED}en-") for voice in drawn)
    assert all(voice.own != voice.other for voice in drawn)


def test_a_mixture_is_the_sum_of_its_parts(tmp_path: Path) -> None:
    for name, value in (("a", 1.0), ("b", 3.0)):
        np.full((510, 256), value, np.float32).tofile(tmp_path / f"{name}.bin")
    style = Mixture("mixed-en-00", "a", "b", 0.75).style(tmp_path)
    assert style.shape == (510, 256)
    assert np.allclose(style, 1.5)
    assert np.allclose(Mixture("mixed-en-01", "a", "b", 1.5).style(tmp_path), 0.0)
