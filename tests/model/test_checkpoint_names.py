"""The name a file was saved under is inside the file too, and may be any name."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest
import torch

from voicepipe.model.checkpoints.reading import load_checkpoint
from voicepipe.model.config import Family

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", ["noah..e8", "1712345678.12", "epoch=68e-step=5", "艾丽妮_e8"])
def test_the_name_a_file_was_saved_under_does_not_matter(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.pth"
    torch.save({"weight": {"conv_pre.weight": torch.ones(2)}, "config": {}}, path)
    with zipfile.ZipFile(path) as content:
        (root,) = {entry.split("/")[0] for entry in content.namelist()}
    # The writer gives up on names it cannot spell.
    assert root == (name if name.isascii() else "archive")
    assert load_checkpoint(path).family is Family.VOCODER_V4
