"""Small files that ask for much are refused by name, in bounded memory, and end no process."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from heavy_files import HEAVY, HEAVY_SAFETENSORS, deep_tuple_as_a_key
from hostile_files import GOOD_ROOT, GOOD_WEIGHTS, saved

from cli.main import run
from voicepipe.errors import CheckpointError, ExitCode
from voicepipe.model.checkpoints import safetensors_header, weights
from voicepipe.model.checkpoints.reading import load_checkpoint

_ALLOWED_GROWTH_KB = 400 << 10
_LOADER = Path(__file__).with_name("load_heavy_files.py")


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a process of its own said to every file: one that crashes has no answer."""
    folder = tmp_path_factory.mktemp("heavy")
    for build in HEAVY:
        (folder / f"{build.__name__}.pth").write_bytes(build())
    for name, (content, _) in HEAVY_SAFETENSORS.items():
        (folder / f"{name}.safetensors").write_bytes(content)
    done = subprocess.run(
        [sys.executable, str(_LOADER), str(folder)], capture_output=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("name", [build.__name__ for build in HEAVY])
def test_a_pickle_that_asks_for_much_is_refused_by_name(loaded: dict[str, Any], name: str) -> None:
    expected = {build.__name__: message for build, message in HEAVY.items()}[name]
    said = loaded["said"][f"{name}.pth"]
    assert re.search(expected, said)
    assert f"{name}.pth: " in said
    assert said.isprintable()


@pytest.mark.parametrize("name", HEAVY_SAFETENSORS)
def test_a_safetensors_header_that_asks_for_much_is_refused_by_name(
    loaded: dict[str, Any], name: str
) -> None:
    assert HEAVY_SAFETENSORS[name][1] in loaded["said"][f"{name}.safetensors"]


def test_all_of_them_take_bounded_memory(loaded: dict[str, Any]) -> None:
    assert loaded["grown_kb"] < _ALLOWED_GROWTH_KB


def test_the_command_calls_such_a_file_the_environments_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "voice.ckpt").write_bytes(deep_tuple_as_a_key())
    with pytest.raises(SystemExit) as ended:
        run(["-C", str(tmp_path), "models", "import", str(tmp_path / "voice.ckpt")])
    assert ended.value.code == ExitCode.ENVIRONMENT
    assert "voice.ckpt: the pickle holds a key that is a tuple" in capsys.readouterr().err


def test_more_weights_than_any_model_has_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.pth"
    path.write_bytes(saved({"weight": {f"conv_pre.{n}": torch.ones(1) for n in range(9)}}))
    monkeypatch.setattr(weights, "MAX_TENSORS", 8)
    assert safetensors_header.MAX_TENSORS == 20_000
    with pytest.raises(CheckpointError, match="9 weights; the limit is 8"):
        load_checkpoint(path)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_harmless_contents_of_community_files_are_read_as_plain_values(
    tmp_path: Path, protocol: int
) -> None:
    import io
    import pathlib

    import numpy as np

    config = {
        "dir": pathlib.PurePosixPath("/data/logs/voice"),
        "where": pathlib.Path("logs") / "voice",
        "rate": np.float64(0.125),
        "width": np.int64(-3),
        "wide": np.dtype(">f4").type(2.5),
        "on": np.bool_(True),
        "shape": (1, 2),
    }
    stream = io.BytesIO()
    torch.save(GOOD_ROOT | {"config": config}, stream, pickle_protocol=protocol)
    path = tmp_path / "model.pth"
    path.write_bytes(stream.getvalue())

    checkpoint = load_checkpoint(path)

    assert checkpoint.config == {
        "dir": "/data/logs/voice",
        "where": "logs/voice",
        "rate": 0.125,
        "width": -3,
        "wide": 2.5,
        "on": True,
        "shape": [1, 2],
    }
    for name, tensor in checkpoint.tensors.items():
        assert torch.equal(tensor, GOOD_WEIGHTS[name])
