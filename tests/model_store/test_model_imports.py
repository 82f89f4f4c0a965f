"""What imported models are called, who may read them, and what a full disk leaves."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import torch
from model_files import flow_file, saved, semantic_file
from safetensors import SafetensorError

from voicepipe.errors import EnvironmentFault, ExitCode, UsageError
from voicepipe.model_store import weights_file
from voicepipe.model_store.convert import convert_checkpoint
from voicepipe.model_store.importing import import_models
from voicepipe.model_store.library import ModelLibrary
from voicepipe.model_store.lock import read_lock, write_lock
from voicepipe.model_store.pull import pull_model
from voicepipe.model_store.registry import find_published

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

IN_LITTLE_SPACE = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
from cli.main import run
run(sys.argv[1:])
"""
"""A process in which no file grows over 20 kB: what a full disk is to a writer."""


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    gpt, sovits = tmp_path / "my_voice.ckpt", tmp_path / "my_voice.pth"
    gpt.write_bytes(semantic_file())
    sovits.write_bytes(flow_file(b"02"))
    return gpt, sovits


def test_the_halves_of_a_voice_come_together_under_one_name(
    library: ModelLibrary, pair: tuple[Path, Path]
) -> None:
    models = import_models(library, *pair)
    assert [(m.name, m.family) for m in models] == [
        ("my_voice-gpt", "semantic"),
        ("my_voice-sovits", "v3"),
    ]
    assert import_models(library, *pair) == models  # again: the same
    assert all(verdict.is_intact for verdict in library.verify())


def test_a_folder_may_hold_both_halves_under_one_name(
    library: ModelLibrary, pair: tuple[Path, Path]
) -> None:
    models = import_models(library, pair[0].parent)
    assert {m.name for m in models} == {"my_voice-gpt", "my_voice-sovits"}


def test_the_second_half_never_replaces_the_first(
    library: ModelLibrary, pair: tuple[Path, Path]
) -> None:
    (gpt,) = import_models(library, pair[0])
    with pytest.raises(UsageError, match=r"semantic, from my_voice\.ckpt") as caught:
        import_models(library, pair[1])
    assert caught.value.exit_code is ExitCode.USAGE
    assert "my_voice.pth" in caught.value.remedy
    assert library.models() == (gpt,)
    import_models(library, pair[1], name="my_voice-sovits")
    assert [model.name for model in library.models()] == ["my_voice", "my_voice-sovits"]


def test_capitals_alone_do_not_make_another_name(
    library: ModelLibrary, pair: tuple[Path, Path]
) -> None:
    import_models(library, pair[0], name="Noah")
    with pytest.raises(UsageError, match='names a model "Noah" already'):
        import_models(library, pair[1], name="noah")


def test_pulling_does_not_replace_what_was_imported(
    library: ModelLibrary, pair: tuple[Path, Path]
) -> None:
    (mine,) = import_models(library, pair[0], name="tiny-gpt")
    (published,) = find_published(["tiny-gpt"])
    with pytest.raises(UsageError, match=r"not pulled, from my_voice\.ckpt"):
        pull_model(library, published)
    assert library.models() == (mine,)


@pytest.fixture(params=[0o022, 0o027, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def test_model_files_are_readable_as_the_umask_says(
    library: ModelLibrary, pair: tuple[Path, Path], umask: int
) -> None:
    import_models(library, pair[0])
    modes = {
        path.name: path.stat().st_mode & 0o777 for path in (library.folder / "my_voice").iterdir()
    }
    assert modes == {"model.safetensors": 0o666 & ~umask, "model.json": 0o666 & ~umask}


@pytest.mark.parametrize("verb", ["import", "convert", "pull"])
def test_a_full_disk_is_the_machines_fault_and_leaves_nothing(tmp_path: Path, verb: str) -> None:
    large = tmp_path / "large.pth"
    large.write_bytes(saved({"conv_pre.weight": torch.ones(10_000)}))
    words = {
        "import": ["import", str(large)],
        "convert": ["convert", str(large), str(tmp_path / "made")],
        "pull": ["pull", "tiny-gpt"],
    }[verb]
    done = subprocess.run(
        [sys.executable, "-c", IN_LITTLE_SPACE, "-C", str(tmp_path), "models", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == ExitCode.ENVIRONMENT, done.stderr
    assert "File too large" in done.stderr
    assert "check the folder's permissions and space" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.rglob("*.safetensors*"))
    assert not (tmp_path / "models.lock").exists()


@pytest.mark.parametrize(
    "error",
    [
        OSError(13, "Permission denied"),
        SafetensorError("I/O error: No space left on device (os error 28)"),
    ],
)
def test_a_folder_that_cannot_be_written_is_named_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, pair: tuple[Path, Path]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(weights_file, "save_file", refuse)
    with pytest.raises(EnvironmentFault, match=r"made/model\.safetensors: ") as caught:
        convert_checkpoint(pair[0], tmp_path / "made")
    assert caught.value.remedy
    assert not list((tmp_path / "made").iterdir())


def test_a_read_only_disk_does_not_hide_behind_the_clearing_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Such a disk refuses even the removal of a file that is not there.
    def refuse(self: Path, *_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system", str(self))

    for method in ("open", "unlink", "touch"):
        monkeypatch.setattr(type(tmp_path), method, refuse)
    with pytest.raises(EnvironmentFault, match="Read-only file system"):
        write_lock(tmp_path / "models.lock", {})
    with pytest.raises(EnvironmentFault, match="Read-only file system"):
        weights_file.write_weights(tmp_path / "model.safetensors", {"a": torch.ones(1)})
    assert read_lock(tmp_path / "models.lock") == {}


def test_weights_without_their_description_are_refused_with_what_to_give(
    library: ModelLibrary, pair: tuple[Path, Path], tmp_path: Path
) -> None:
    convert_checkpoint(pair[0], tmp_path / "made")
    (tmp_path / "made" / "model.json").unlink()
    with pytest.raises(EnvironmentFault, match=r"model\.json is not beside it") as caught:
        import_models(library, tmp_path / "made" / "model.safetensors")
    assert "import the original" in caught.value.remedy
