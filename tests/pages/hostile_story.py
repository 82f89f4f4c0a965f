"""A small project that a browser must show as it is: branches, variables, and hostile texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cli import main

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = '<script>document.title = "taken"</script>'
STYLE = "</style></script><img src=x onerror=\"document.title = 'taken'\">"
RTL = "Say \u202eesrever\u202c, \"quoted\" & 'single' `ticks`"

SETTINGS = """\
bank: quay
languages: [en, de]
audio: {sample_rate: 16000, bit_depth: 16}
"""
STORY = f"""\
speakers:
  ann: {{name: {{en: "Ann <b>", de: Anna}}}}
  ben: {{name: {{en: Ben}}}}
variables:
  trust: {{type: int, start: 1, min: 0, max: 3}}
  met: {{type: bool}}
scene: quay
nodes:
  night:
    - {{line: quay_0010, who: ann, text: {{en: Who goes there at this hour?, de: Wer da?}}}}
    - line: quay_0020
      who: ben
      text:
        en: >-
          {SCRIPT}
        de: Niemand.
    - choice:
        - {{text: {{en: Trust him, de: Vertrauen}}, goto: bright, set: trust += 1}}
        - {{text: {{en: "Leave </script>", de: Gehen}}, goto: dark}}
        - {{text: {{en: Never offered, de: Nie}}, goto: dark, when: trust > 2}}
  bright:
    - set: met = true
    - line: quay_0030
      who: ann
      when: met and trust >= 2
      text:
        en: >-
          {STYLE}
        de: Gut.
    - {{line: quay_0040, who: ann, when: not met, text: {{en: Not heard., de: Nie gehoert.}}}}
    - goto: END
  dark:
    - line: quay_0050
      who: ben
      text:
        en: >-
          {RTL}
        de: Leb wohl.
    - goto: END
"""
VOICE = """\
engine: scratch
consent:
  {id: one, kind: synthetic, who: espeak-ng, scope: ["*"], languages: ["*"], from: 2020-01-01}
"""


def run(root: Path, *words: str) -> int:
    """Run the command in a project; give its exit code."""
    with pytest.raises(SystemExit) as ended:
        main.run(["-q", "-C", str(root), *words])
    assert isinstance(ended.value.code, int)
    return ended.value.code


def render_story(root: Path) -> Path:
    """Write the project and render it; its first line then has an earlier take."""
    (root / "scripts_in").mkdir(parents=True)
    (root / "voices").mkdir()
    (root / "voicepipe.yaml").write_text(SETTINGS, "utf-8")
    (root / "scripts_in" / "quay.yaml").write_text(STORY, "utf-8")
    for name in ("ann", "ben"):
        (root / "voices" / f"{name}.yaml").write_text(VOICE, "utf-8")
    assert run(root, "render", "--qc", "off") == 0
    path = root / "scripts_in" / "quay.yaml"
    path.write_text(path.read_text("utf-8").replace("Who goes there at this hour?", "Who goes?"))
    assert run(root, "render", "--qc", "off") == 0
    return root
