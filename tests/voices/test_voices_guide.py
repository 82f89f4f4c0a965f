"""The examples of `docs/reference/voices.md` are a project without a fault."""

from __future__ import annotations

import re
from pathlib import Path

from voice_builders import SETTINGS, write_project

from voicepipe.voices.catalog import load_catalog

GUIDE = Path(__file__).parents[2] / "docs" / "reference" / "voices.md"
_EXAMPLE = re.compile(r"```yaml\n# (\S+)\n(.*?)```", re.DOTALL)


def test_the_examples_load_without_a_remark(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = dict(_EXAMPLE.findall(GUIDE.read_text("utf-8")))
    assert set(files) == {"voices/noah.yaml", "voices/guide.yaml", "voices/cast.yaml"}
    files |= {
        "voices/noah/calm.wav": b"calm",
        "voices/noah/sad.wav": b"sad",
        "voices/noah/more.wav": b"more",
        "voices/noah/even-more.wav": b"even more",
        "voices/noah/laugh.wav": b"laugh",
        "voices/noah/consent.pdf": b"foo",  # the sha256 in the guide is this paper's
    }
    catalog, problems = load_catalog(write_project(tmp_path, files), SETTINGS)
    assert problems == ()
    assert sorted(catalog.voices) == ["guide", "noah"]
    assert catalog.cast["narrator"].voice_for("zh", "neutral") == "noah"
