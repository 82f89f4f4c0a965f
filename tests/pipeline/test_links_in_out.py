"""A link in the output folder or for `models` leads nothing that writes or deletes out of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from small_project import Bench

from voicepipe.bank.collect import find_unused, remove_unused
from voicepipe.bank.lock import bank_lock
from voicepipe.bank.pins import remove_version
from voicepipe.bank.revocation import remove_revoked_takes
from voicepipe.bank.store import ObjectStore
from voicepipe.bank.take_store import TakeStore
from voicepipe.bank.versions import resolve
from voicepipe.errors import EnvironmentFault, VoicepipeError
from voicepipe.model_store.library import ModelLibrary
from voicepipe.model_store.lock import Source, Trust, write_lock
from voicepipe.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


FOLDERS = (
    "work",
    "work/inflight",
    "objects",
    "objects/*",
    "takes",
    "takes/*",
    "clips",
    "clips/*",
    "banks",
    "banks/small",
    "banks/small/v0001",
    "quarantine",
)


def _snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        path.relative_to(folder).as_posix(): (
            path.lstat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in [folder, *folder.rglob("*")]
    }


def _render(bench: Bench) -> None:
    bench.edit("scripts_in/hall.yaml", "Good evening.", f"Good {time.monotonic_ns()}.")
    bench.render()


def _collect(bench: Bench) -> None:
    out = bench.root / "out"
    with bank_lock(out, "test"):
        remove_unused(out, find_unused(out, out.parent, days=0, now=time.time() + 1e6))


def _remove(bench: Bench) -> None:
    out = bench.root / "out"
    with bank_lock(out, "test"):
        remove_version(out, resolve(out, "small"), even_latest=True)


def _purge(bench: Bench) -> None:
    out = bench.root / "out"
    with bank_lock(out, "test"):
        remove_revoked_takes(out, out.parent, "ann")


ACTIONS = (_render, _collect, _remove, _purge)


def _linked_out(root: Path, pattern: str) -> Path:
    """Move a folder out of the project and leave a link to where it went."""
    out, victim = root / "out", root.parent / "victim"
    folder = min(out.glob(pattern), default=out / pattern)
    if folder.is_dir():
        shutil.move(folder, victim)
    victim.mkdir(exist_ok=True)
    (victim / "file-precious.part").write_bytes(b"theirs")
    (victim / "letters").mkdir()
    (victim / "letters" / "one.txt").write_bytes(b"theirs too")
    folder.symlink_to(victim)
    return victim


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("act", ACTIONS)
def test_nothing_is_written_or_deleted_through_a_link(
    rendered: Bench, act: Callable[[Bench], None], folder: str
) -> None:
    victim = _linked_out(rendered.root, folder)
    before = _snapshot(victim)
    with suppress(VoicepipeError):
        act(rendered)
    assert _snapshot(victim) == before


@pytest.mark.parametrize("folder", ["work", "objects", "takes", "clips", "banks", "banks/small"])
def test_a_render_through_a_link_says_which_and_what_to_do(rendered: Bench, folder: str) -> None:
    _linked_out(rendered.root, folder)
    with pytest.raises(EnvironmentFault, match=rf"out/{folder} is a link") as found:
        _render(rendered)
    assert "remove the link" in found.value.remedy


@pytest.mark.parametrize("folder", ["objects", "objects/*", "quarantine"])
def test_a_damaged_object_is_not_set_aside_through_a_link(rendered: Bench, folder: str) -> None:
    out = rendered.root / "out"
    store = ObjectStore(out)
    damaged = store.path(min(store.ids()))
    damaged.chmod(0o644)
    damaged.write_bytes(b"")
    victim = _linked_out(rendered.root, folder)
    before = _snapshot(victim)
    with pytest.raises(EnvironmentFault, match="is a link"):
        store.check(damaged.stem)
    assert _snapshot(victim) == before


def test_a_damaged_record_is_not_set_aside_through_a_link(rendered: Bench) -> None:
    take_store = TakeStore(rendered.root / "out")
    key = min(take_store.takes.keys())
    take_store.takes.path(key).write_bytes(b"{}")
    victim = _linked_out(rendered.root, "takes")
    before = _snapshot(victim)
    with pytest.raises(EnvironmentFault, match="is a link"):
        take_store.takes.get(key)
    assert _snapshot(victim) == before


def test_a_lock_that_is_a_link_is_not_opened(rendered: Bench) -> None:
    victim = rendered.root.parent / "letter.txt"
    victim.write_bytes(b"theirs")
    lock = rendered.root / "out/work/lock"
    lock.unlink(missing_ok=True)
    lock.symlink_to(victim)
    with pytest.raises(EnvironmentFault, match="lock is a link"):
        rendered.render()
    assert victim.read_bytes() == b"theirs"


@pytest.mark.parametrize("place", ["models", "models/base", "models/.base.new"])
def test_models_are_not_replaced_through_a_link(tmp_path: Path, place: str) -> None:
    root, victim = tmp_path / "project", tmp_path / "victim"
    for folder in (victim / "base", victim / ".base.new"):
        folder.mkdir(parents=True)
        (folder / "letter.txt").write_bytes(b"theirs")
    (root / place).parent.mkdir(parents=True)
    (root / place).symlink_to(victim)
    before = _snapshot(victim)
    library = ModelLibrary(root)
    built = tmp_path / "built"
    built.mkdir()
    source = Source(file="a.ckpt", sha256="0" * 64, trust=Trust.LOCAL)
    with suppress(EnvironmentFault):
        library.prepare("base")
    with suppress(EnvironmentFault):
        library.adopt("base", built, family="semantic", lora_rank=None, source=source)
    with suppress(EnvironmentFault):
        library.discard("base")
    assert _snapshot(victim) == before


def test_the_lock_of_models_is_not_written_through_a_link(tmp_path: Path) -> None:
    victim = tmp_path / "letter.txt"
    victim.write_bytes(b"theirs")
    (tmp_path / "project").mkdir()
    lock = tmp_path / "project" / "models.lock"
    lock.symlink_to(victim)
    with pytest.raises(EnvironmentFault, match=r"models.lock is a link"):
        write_lock(lock, {})
    assert victim.read_bytes() == b"theirs"


def test_a_new_project_is_not_begun_through_a_link(tmp_path: Path) -> None:
    root, victim = tmp_path / "project", tmp_path / "victim"
    root.mkdir()
    victim.mkdir()
    (root / "voices").symlink_to(victim)
    words = [sys.executable, "-m", "cli.main", "init", str(root), "--scratch"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, "voices is a link" in done.stderr) == (4, True)
    assert not list(victim.iterdir())
    assert [path.name for path in root.iterdir()] == ["voices"]


@pytest.mark.parametrize(
    "out",
    [".git", ".git/out", "a/.git/b", ".GIT", ".hg", "models", "models/out", "voices", "voices/a",
     "scripts_in/out", "overrides", "linked", "linked/deeper", "to_voices"],
)  # fmt: skip
def test_out_is_no_folder_of_others(tmp_path: Path, out: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "voices").mkdir()
    (tmp_path / "linked").symlink_to(".git")
    (tmp_path / "to_voices").symlink_to("voices")
    (tmp_path / "voicepipe.yaml").write_text(f"bank: b\nlanguages: [en]\nout: {out}\n", "utf-8")
    settings, problems = load_settings(tmp_path)
    assert settings is None
    assert {problem.code for problem in problems} == {"VP507"}


def test_out_may_be_a_link_within_the_project(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").symlink_to("elsewhere")
    (tmp_path / "voicepipe.yaml").write_text("bank: b\nlanguages: [en]\n", "utf-8")
    settings, problems = load_settings(tmp_path)
    assert settings is not None, problems
