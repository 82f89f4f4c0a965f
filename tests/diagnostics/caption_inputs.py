"""Captions that cannot be read, of a bank that was published without rendering."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stand_in_bank import VOICE, publish_stand_ins

from voicepipe.pipeline.published import published_clips
from voicepipe.pipeline.subtitle_files import captioned

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from voicepipe.diagnostics import Diagnostic

SETTINGS = "bank: case\nlanguages: [en, de]\naudio: {sample_rate: 16000, bit_depth: 16}\n"
SCRIPT = """\
scene: hall
nodes:
  door:
    - line: hall_0010
      who: ann
      text:
        en: There is no need to hurry the first minute.
        de: Kraftfahrzeughaftpflichtversicherungsgesellschaft.
    - goto: END
"""
"""The clips of such a bank are 0.05 s long."""


def _make(root: Path) -> None:
    (root / "scripts_in").mkdir()
    (root / "voices").mkdir()
    (root / "voicepipe.yaml").write_text(SETTINGS, "utf-8")
    (root / "scripts_in/hall.yaml").write_text(SCRIPT, "utf-8")
    (root / "voices/ann.yaml").write_text(VOICE.format(id="ann"), "utf-8")
    publish_stand_ins(root)


def check_captions(root: Path) -> Sequence[Diagnostic]:
    """Read the captions of every clip."""
    found = captioned(published_clips(root), lambda _: None)
    return [finding for one in found for finding in one.findings]


CAPTION_MAKERS: dict[str, Callable[[Path], None]] = {"VP760": _make, "VP761": _make}
