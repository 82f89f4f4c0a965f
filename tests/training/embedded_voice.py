"""The file of a voice that speaks with the embedded family and may be trained."""

from __future__ import annotations

from typing import Final

CALM: Final = "We have no time left, none of us at all."
CALM_CLIP: Final = f'path: voices/calm.wav, transcript: "{CALM}", language: en'


def embedded_voice(*clips: str) -> str:
    """Write it, with what stands in each clip's braces."""
    listed = "".join(f"  - {{{clip}}}\n" for clip in clips)
    return f"""\
engine: gpt-sovits
model: {{base: tiny}}
clips:
{listed}consent:
  id: buzz-1
  kind: synthetic
  who: A buzz
  scope: [small, training]
  languages: ["*"]
  from: 2020-01-01
"""
