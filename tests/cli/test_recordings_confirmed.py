"""`bank confirm` on a recording whose line was rewritten."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from command_shell import Shell
from quay_project import write_quay

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.encode import encode_wav


def test_a_confirmed_recording_is_warned_of_no_longer(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    root = write_quay(tmp_path / "quay")
    samples = (np.sin(np.arange(24_000) / 20) / 4).astype(np.float32)
    (root / "overrides/en").mkdir(parents=True)
    (root / "overrides/en/quay_0010.wav").write_bytes(
        encode_wav(AudioClip(samples=samples, sample_rate=24_000), bit_depth=16)
    )
    shell = Shell(root, capfd)
    assert shell("render") == 0
    script = root / "scripts_in/quay.yaml"
    script.write_text(script.read_text("utf-8").replace("Who goes there?", "Who is it?"), "utf-8")
    assert shell("check") == 0
    assert "VP694" in shell.err
    found = shell.document("bank", "confirm", "quay_0010")
    assert found["confirmed"] == [{"line": "quay_0010", "language": "en"}]
    assert shell("bank", "confirm", "quay_0010") == 0
    assert (
        shell.out == "confirmed en     quay_0010                        speaks its present text\n"
    )
    assert shell("check") == 0
    assert "VP694" not in shell.err
