"""Broken and malicious weight files: each is refused by name, and nothing in them runs."""

from __future__ import annotations

import pickle  # noqa: TID251 - proves that the malicious files are live
import random
from typing import TYPE_CHECKING

import pytest
import torch
from broken_files import DEAD
from hostile_files import (
    CANARY,
    LIVE,
    evaluated_text,
    saved,
    shell_in_a_bare_pickle,
    shell_in_a_legacy_file,
    shell_in_config,
    stacked_name,
)

from voicepipe.errors import CheckpointError
from voicepipe.model.checkpoints.reading import load_checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize(
    ("build", "message"), (LIVE | DEAD).items(), ids=[b.__name__ for b in LIVE | DEAD]
)
def test_the_file_is_refused_by_name_and_nothing_runs(
    tmp_path: Path, build: Callable[[Path], bytes], message: str
) -> None:
    path, canary = tmp_path / "model.pth", tmp_path / CANARY
    path.write_bytes(build(canary))

    with pytest.raises(CheckpointError, match=message) as caught:
        load_checkpoint(path)

    assert caught.value.message.startswith(f"{path}: ")
    assert not canary.exists()


@pytest.mark.parametrize(
    "build",
    [shell_in_config, shell_in_a_legacy_file, shell_in_a_bare_pickle, evaluated_text, stacked_name],
    ids=lambda build: build.__name__,
)
def test_the_malicious_files_are_live(tmp_path: Path, build: Callable[[Path], bytes]) -> None:
    path, canary = tmp_path / "model.pth", tmp_path / CANARY
    path.write_bytes(build(canary))
    try:
        opened = torch.load(path, weights_only=False)  # noqa: TID251 - what we never do
    except (pickle.UnpicklingError, RuntimeError):
        opened = pickle.loads(path.read_bytes())
    del opened
    assert canary.exists()


def test_an_unreadable_path_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.ckpt", tmp_path):
        with pytest.raises(CheckpointError, match=str(path)):
            load_checkpoint(path)


@pytest.mark.parametrize("legacy", [False, True], ids=["archive", "legacy"])
def test_damage_anywhere_is_a_named_error_or_harmless(tmp_path: Path, legacy: bool) -> None:
    good = saved(
        {"weight": {"conv_pre.weight": torch.ones(3)}, "config": {"a": [1]}}, legacy=legacy
    )
    rng = random.Random(11)
    path = tmp_path / "model.pth"
    refused = []
    for _ in range(250):
        body = bytearray(good)
        for _ in range(rng.randint(1, 3)):
            body[rng.randrange(len(body))] = rng.randrange(256)
        path.write_bytes(body)
        try:
            load_checkpoint(path)
        except CheckpointError as error:
            refused.append(error.message)
    assert len(refused) > 50
    assert all(message.startswith(f"{path}: ") for message in refused)


@pytest.mark.parametrize("legacy", [False, True], ids=["archive", "legacy"])
def test_a_file_cut_anywhere_is_refused(tmp_path: Path, legacy: bool) -> None:
    good = saved({"weight": {"conv_pre.weight": torch.ones(3)}}, legacy=legacy)
    path = tmp_path / "model.pth"
    for length in range(0, len(good) - 22, 7):
        path.write_bytes(good[:length])
        with pytest.raises(CheckpointError):
            load_checkpoint(path)


@pytest.mark.parametrize("content", [b"", b"\xff" * 64, b"\x08\0\0\0\0\0\0\0{}      ", b"\x01" * 8])
def test_a_broken_safetensors_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    path.with_suffix(".json").write_text('{"schema": 1, "family": "semantic"}')
    with pytest.raises(CheckpointError, match=str(path)):
        load_checkpoint(path)
