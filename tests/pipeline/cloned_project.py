"""A small project in the embedded voice, and the kinds of edits that what is kept must see."""

from __future__ import annotations

import shutil
from pathlib import Path

from embedded_models import pull_embedded

ROOT = Path(__file__).parents[2]

SCRIPT = """\
scene: wake
nodes:
  thaw:
    - {line: wake_0010, who: noah, text: {en: "Day 29, Ada."}}
    - {line: wake_0020, who: mara, emotion: sad, text: {en: "Thirty-two. [pause:1s]We are late."}}
    - {line: wake_0030, who: mara, text: {en: "Are we there, Xyloq?"}}
    - goto: END
"""
EDITS = {
    "a text": ("scripts_in/01_wake.yaml", "Day 29", "Day 30"),
    "a pause": ("scripts_in/01_wake.yaml", "pause:1s", "pause:2s"),
    "an inline tag": ("scripts_in/01_wake.yaml", "We are late", "[speed:0.9]We are late[/speed]"),
    "a respelling": ("scripts_in/01_wake.yaml", "Xyloq", "[say:ZY-lock]Xyloq[/say]"),
    "an emotion": ("scripts_in/01_wake.yaml", "emotion: sad", "emotion: angry"),
    "a line's speed": ("scripts_in/01_wake.yaml", "emotion: sad", "emotion: sad, speed: 1.1"),
    "a speaker": ("scripts_in/01_wake.yaml", "who: noah", "who: mara"),
    "a line's id": ("scripts_in/01_wake.yaml", "wake_0010", "wake_0015"),
    "a line before": ("scripts_in/01_wake.yaml", "  thaw:\n", "  thaw:\n    - {comment: x}\n"),
    "a scene's id": ("scripts_in/01_wake.yaml", "scene: wake", "scene: dawn"),
    "a voice's speed": ("voices/noah.yaml", "note:", "speed: 1.2\nnote:"),
    "a transcript": ("voices/mara.yaml", "transcript: In", "transcript: Now In"),
    "a voice's fallback": ("voices/mara.yaml", "sad: neutral", "sad: angry"),
    "sampling": ("voices/noah.yaml", "note:", "sampling: {top_k: 7}\nnote:"),
    "consent": ("voices/noah.yaml", "id: ararat-noah", "id: ararat-noah-2"),
    "a comment in a voice": ("voices/noah.yaml", "note:", "# x\nnote:"),
    "the lexicon": ("lexicon.yaml", "zh:\n", "en:\n  Ada: AY-dah\nzh:\n"),
    "the prosody table": ("voicepipe.yaml", 'prosody: "on"', 'prosody: "off"'),
    "precision": ("voicepipe.yaml", "qc:", "render: {precision: int8}\nqc:"),
    "loudness": ("voicepipe.yaml", "-23", "-20"),
}


def write_cloned_project(root: Path) -> Path:
    """Write it, with its models."""
    for name in ("models.lock", "lexicon.yaml"):
        shutil.copyfile(ROOT / name, root / name)
    shutil.copytree(ROOT / "voices", root / "voices")
    (root / "scripts_in").mkdir()
    (root / "scripts_in/01_wake.yaml").write_text(SCRIPT, "utf-8")
    (root / "scripts_in/00_story.yaml").write_text(
        "start: wake\nspeakers:\n  noah: {name: {en: Noah}}\n  mara: {name: {en: Mara}}\n", "utf-8"
    )
    settings = (ROOT / "voicepipe.yaml").read_text("utf-8").replace("[zh, en, ja]", "[en]")
    settings = settings.replace("source_language: zh", "source_language: en")
    (root / "voicepipe.yaml").write_text(settings, "utf-8")
    pull_embedded(root)
    return root
