"""A small project with a placeholder voice, and the command run on it in this process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cli.main import run

SCRIPT = """\
scene: quay
nodes:
  night:
    - {line: quay_0010, who: ann, text: "[laughs] Who goes there?"}
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


class Shell:
    """Runs the command in this process."""

    def __init__(self, root: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capture = capfd
        self.out = self.err = ""

    def __call__(self, *words: str) -> int:
        with pytest.raises(SystemExit) as ended:
            run(["-C", str(self.root), *words])
        self.out, self.err = self._capture.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code

    def document(self, *words: str) -> dict[str, Any]:
        self(*words, "--json")
        found: dict[str, Any] = json.loads(self.out)
        return found
