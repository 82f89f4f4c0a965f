"""The guide says what the tables say."""

from __future__ import annotations

import re
from pathlib import Path

from voicepipe.engines.scratch.languages import SPOKEN
from voicepipe.engines.scratch.prosody import EMOTIONS

GUIDE = (Path(__file__).parents[2] / "docs" / "reference" / "scratch-voice.md").read_text("utf-8")


def test_the_guide_lists_every_mood_with_its_figures() -> None:
    rows = [line for line in GUIDE.splitlines() if line.startswith("| ") and "×" in line]
    assert rows == [
        f"| {name} | ×{mood.rate:g} | {mood.pitch_semitones:+g} st | ×{mood.range:g} "
        f"| ×{mood.volume:g} |"
        for name, mood in EMOTIONS.items()
    ]


def test_the_guide_lists_every_language() -> None:
    listed = GUIDE.partition("## Languages")[2].partition("\n\nA tag")[0]
    assert re.findall(r"`([^`]+)`", listed) == sorted(SPOKEN)
