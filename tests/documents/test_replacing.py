"""A user's file is replaced in one step, and killed writers leave nothing for good."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from voicepipe.documents.replacing import hold, is_left_behind, replace_file, sweep_parts
from voicepipe.model_store.library import ModelLibrary
from voicepipe.pipeline.leftovers import sweep_leftovers
from voicepipe.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

PART = ".a.yaml.0123456789abcdef.voicepipe-part"


def test_a_file_is_replaced_with_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")
    path.chmod(0o640)
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.yaml"]


def test_a_file_that_was_not_there_is_made_as_any_other(tmp_path: Path) -> None:
    replace_file(tmp_path / "a", b"new")
    (tmp_path / "b").write_bytes(b"new")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_a_link_keeps_pointing_where_it_points(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    replace_file(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_a_failure_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.yaml"]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        replace_file(tmp_path / "no" / "a", b"new")


WRITE_AND_WAIT = (
    "import os, sys, time\n"
    "from pathlib import Path\n"
    "from voicepipe.documents.replacing import replace_file\n"
    "def wait(_):\n    print('writing', flush=True)\n    time.sleep(60)\n"
    "os.fsync = wait\n"
    "replace_file(Path(sys.argv[1]), b'new')\n"
)


def test_what_a_killed_writer_left_goes_and_a_living_ones_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITE_AND_WAIT, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    try:
        assert writer.stdout.readline() == "writing\n"
        (part,) = tmp_path.glob(".a.yaml.*")
        assert sweep_parts(tmp_path) == ()
        assert part.exists()
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
    assert part.exists(), "the killed writer left it"
    assert sweep_parts(tmp_path) == (part.name,)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.yaml"]
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize(
    "name",
    [
        "a.yaml.0123456789abcdef.voicepipe-part",
        ".a.yaml.0123.voicepipe-part",
        ".a.yaml.0123456789abcdeg.voicepipe-part",
        ".a.yaml.tmp",
        ".voicepipe-part",
    ],
)
def test_names_that_are_not_ours_stay(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"theirs")
    assert sweep_parts(tmp_path) == ()
    assert (tmp_path / name).exists()


def test_a_link_of_our_name_is_left_alone_with_what_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "letter").write_bytes(b"theirs")
    (tmp_path / PART).symlink_to("letter")
    assert sweep_parts(tmp_path) == ()
    assert (tmp_path / "letter").read_bytes() == b"theirs"


def test_leftovers_go_wherever_a_command_writes(tmp_path: Path) -> None:
    settings = Settings(bank="b", languages=("en",))
    places = (tmp_path, tmp_path / "voices", tmp_path / "scripts_in" / "act_1")
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
        (place / PART).write_bytes(b"half")
    for name in (".base.new", ".base.old", ".base.download"):
        (tmp_path / "models" / name).mkdir(parents=True)
        (tmp_path / "models" / name / "weights").write_bytes(b"half")
    (tmp_path / "models" / "base").mkdir()
    swept = sweep_leftovers(tmp_path, settings)
    assert swept == (PART, PART, PART, ".base.download", ".base.new", ".base.old")
    assert sorted(p.name for p in tmp_path.rglob("*")) == [
        "act_1",
        "base",
        "models",
        "scripts_in",
        "voices",
    ]


def test_a_model_that_is_being_built_stays(tmp_path: Path) -> None:
    library = ModelLibrary(tmp_path)
    held = library.hold(".base.new")
    assert ModelLibrary(tmp_path).sweep() == ()
    assert held.is_dir()
    assert not is_left_behind(held)


def test_what_was_fetched_so_far_is_kept_for_the_same_model(tmp_path: Path) -> None:
    for name in (".base.download", ".other.download"):
        (tmp_path / "models" / name).mkdir(parents=True)
    assert ModelLibrary(tmp_path).sweep(keep=".base.download") == (".other.download",)


def test_only_one_may_hold(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    one, other = os.open(path, os.O_RDONLY), os.open(path, os.O_RDONLY)
    try:
        assert hold(one)
        assert not hold(other)
    finally:
        os.close(one)
        os.close(other)
    assert is_left_behind(path)
