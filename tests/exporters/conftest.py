"""The film and a small project, published without rendering."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from stand_in_bank import VOICE, copy_film, publish_stand_ins

SCRIPT = """\
scene: hall
nodes:
  door:
    - {line: hall_0010, who: ann, text: {en: Good evening., de: "Guten Abend, schön."}}
    - {line: hall_0020, who: bob, note: low, text: {en: 'It was "fine"; 100%.', de: "So, so."}}
    - choice:
        - {line: hall_0030, who: ann, text: {en: Stay., de: Bleib.}, goto: END}
        - {text: {en: Leave, de: Gehen}, goto: END}
barks:
  greetings:
    - {line: bark_0010, who: bob, text: {en: Hey., de: He.}}
"""


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The film's project with a whole bank; never written to but below `out/exports`."""
    root = copy_film(tmp_path_factory.mktemp("film"))
    publish_stand_ins(root)
    return root


@pytest.fixture(scope="session")
def _small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("small") / "a game"
    (root / "scripts_in").mkdir(parents=True)
    (root / "voices").mkdir()
    (root / "scripts_in/hall.yaml").write_text(SCRIPT, "utf-8")
    for name in ("ann", "bob"):
        (root / "voices" / f"{name}.yaml").write_text(VOICE.format(id=name), "utf-8")
    (root / "voicepipe.yaml").write_text(
        "bank: small\nlanguages: [en, de]\naudio: {sample_rate: 16000, bit_depth: 16}\n", "utf-8"
    )
    publish_stand_ins(root)
    return root


@pytest.fixture
def small(_small: Path, tmp_path: Path) -> Path:
    """A copy of a small project with a bank, to change as a test likes."""
    shutil.copytree(_small, tmp_path / "a game")
    return tmp_path / "a game"
