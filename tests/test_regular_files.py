"""Files that others put in place: nothing waits for ever, nothing fills the memory."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from voicepipe.bank.decisions_file import load_decisions
from voicepipe.bank.lock import who_holds
from voicepipe.bank.manifest_io import load_manifest
from voicepipe.bank.record_store import take_records
from voicepipe.bank.store import LARGEST_OBJECT, ObjectStore
from voicepipe.errors import CorruptObject, EnvironmentFault
from voicepipe.hashing import sha256_of_bytes, sha256_of_file
from voicepipe.model_store.lock import read_lock
from voicepipe.regular_files import open_regular, read_regular
from voicepipe.remote.address import parse_address
from voicepipe.remote.record_kinds import object_name, verified_object
from voicepipe.remote.revocations import local_revocations
from voicepipe.remote.store import open_store
from voicepipe.remote.sync_state import synced_version

KEY = sha256_of_bytes(b"key")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders")


def pipe(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)
    return path


def test_a_pipe_is_no_file_and_nobody_waits_for_it(tmp_path: Path) -> None:
    path = pipe(tmp_path / "p")
    for read in (open_regular, sha256_of_file, lambda p: read_regular(p, limit=1)):
        with pytest.raises(OSError, match="not an ordinary file") as caught:
            read(path)
        assert caught.value.errno == errno.ENXIO


def test_of_a_large_file_only_what_was_asked_for_is_read(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"12345")
    assert read_regular(path, limit=3) == b"1234"
    assert read_regular(path, limit=5) == b"12345"


def test_no_record_note_or_lock_makes_a_command_wait(tmp_path: Path) -> None:
    record_store = take_records(tmp_path)
    pipe(record_store.path(KEY))
    with pytest.raises(EnvironmentFault, match="something else stands"):
        record_store.get(KEY)
    pipe(tmp_path / "decisions.json")
    with pytest.raises(EnvironmentFault, match="something else stands"):
        load_decisions(tmp_path, tmp_path)
    with pytest.raises(EnvironmentFault, match="something else stands"):
        load_manifest(pipe(tmp_path / "manifest.json"))
    pipe(tmp_path / "work" / "lock.json")
    with pytest.raises(EnvironmentFault, match="something else stands"):
        who_holds(tmp_path)
    pipe(tmp_path / "withdrawn" / "a.json")
    with pytest.raises(EnvironmentFault, match="something else stands"):
        local_revocations(tmp_path)
    with pytest.raises(EnvironmentFault, match="not an ordinary file"):
        read_lock(pipe(tmp_path / "models.lock"))
    address = parse_address((tmp_path / "s").as_uri())
    pipe(tmp_path / "shared.json")
    assert synced_version(tmp_path, address, "main") == ""


def test_a_pipe_in_a_shared_folder_makes_nobody_wait(tmp_path: Path) -> None:
    store = open_store(parse_address(tmp_path.as_uri()))
    pipe(tmp_path / object_name(KEY))
    with pytest.raises(EnvironmentFault, match="not an ordinary file"):
        verified_object(store, KEY, ".wav", lambda _: None)


def sparse(path: Path, n_bytes: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        stream.truncate(n_bytes)
    return path


def test_an_object_that_is_too_large_is_set_aside_by_the_store(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path)
    path = sparse(store.path(KEY), LARGEST_OBJECT + 1)
    with pytest.raises(CorruptObject):
        store.read(KEY)
    assert not path.exists()


MEASURED = """
import resource, sys
from pathlib import Path
from voicepipe.bank.store import ObjectStore
from voicepipe.errors import CorruptObject
from voicepipe.remote.address import parse_address
from voicepipe.remote.record_kinds import verified_object
from voicepipe.remote.store import open_store
import fsspec.implementations.local
out, shared, key = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
store = open_store(parse_address(shared.as_uri()))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
told = []
assert verified_object(store, key, ".wav", told.append) is None
assert "too many for one object" in told[0], told
ObjectStore(out).is_whole(key)
ObjectStore(out).put(b"something else")
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_huge_object_in_a_store_takes_no_memory(tmp_path: Path) -> None:
    out, shared = tmp_path / "out", tmp_path / "shared"
    sparse(ObjectStore(out).path(KEY), 1 << 30)
    sparse(shared / object_name(KEY), 1 << 30)
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, str(out), str(shared), KEY],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 100 * 1024, "KiB, for objects of a gibibyte each"
