"""A small project with a placeholder voice."""

from __future__ import annotations

from pathlib import Path

SCRIPT = """\
scene: quay
nodes:
  night:
    - {line: quay_0010, who: ann, text: "[aside] Who goes there?"}
    - {line: quay_0020, who: ann, text: "[/sigh] Nobody."}
    - goto: END
"""
VOICE = """\
engine: scratch
consent:
  {id: ann, kind: synthetic, who: espeak-ng, scope: ["*"], languages: ["*"], from: 2020-01-01}
"""
SETTINGS = "bank: quay\nlanguages: [en]\naudio: {sample_rate: 16000, bit_depth: 16}\n"


def write_quay(root: Path) -> Path:
    (root / "scripts_in").mkdir(parents=True)
    (root / "voices").mkdir()
    (root / "voicepipe.yaml").write_text(SETTINGS, "utf-8")
    (root / "scripts_in" / "quay.yaml").write_text(SCRIPT, "utf-8")
    (root / "voices" / "ann.yaml").write_text(VOICE, "utf-8")
    return root
