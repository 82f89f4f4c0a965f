"""A store on its own: whole files, clear refusals, many writers."""

from __future__ import annotations

import errno
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from remote_builders import folder_store, memory_store

from voicepipe.errors import EnvironmentFault
from voicepipe.installation import install_remedy
from voicepipe.remote.address import parse_address
from voicepipe.remote.faults import fault_of, not_installed
from voicepipe.remote.store import MARKER, SharedStore, open_store


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> SharedStore:
    return memory_store() if request.param == "memory" else folder_store(tmp_path / "shared")


def test_what_is_written_can_be_read_listed_and_removed(store: SharedStore) -> None:
    store.write("objects/ab/x.wav", b"sound")
    assert store.read("objects/ab/x.wav") == b"sound"
    assert store.names("objects", ".wav") == {"x"}
    assert store.names("objects", ".json") == set()
    assert store.remove("objects/ab/x.wav")
    assert not store.remove("objects/ab/x.wav")
    assert store.read("objects/ab/x.wav") is None


def test_a_file_too_large_is_not_read_to_its_end(store: SharedStore) -> None:
    store.write("huge", b"x" * 1000)
    assert store.read("huge", limit=10) == b"x" * 11


def test_an_empty_file_is_empty_and_not_missing(store: SharedStore) -> None:
    store.write("nothing", b"")
    assert store.read("nothing") == b""


def test_a_folder_nobody_wrote_to_lists_nothing(store: SharedStore) -> None:
    assert store.names("takes", ".json") == set()


def test_a_store_keeps_its_id(store: SharedStore) -> None:
    assert len(store.id) == 32
    again = SharedStore(store.address, store._files)
    assert again.found()
    again.establish()
    assert again.id == store.id


def test_writers_who_begin_at_once_agree_on_the_id(tmp_path: Path) -> None:
    address = parse_address(tmp_path.as_uri())

    def begin(_: int) -> str:
        mine = open_store(address)
        mine.establish()
        return mine.id

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(begin, range(8)))
    assert begin(0) == begin(1)


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"schema": 1}', b'{"schema": 9, "id": "x"}'])
def test_a_marker_that_is_none_stops_everything(store: SharedStore, content: bytes) -> None:
    store.write(MARKER, content)
    with pytest.raises(EnvironmentFault, match=r"damaged|layout"):
        store.found()


def test_a_folder_that_is_not_mounted_is_never_made(tmp_path: Path) -> None:
    store = open_store(parse_address((tmp_path / "mount/shared").as_uri()))
    with pytest.raises(EnvironmentFault, match="no such folder") as refused:
        store.establish()
    assert "mount it" in refused.value.remedy
    with pytest.raises(EnvironmentFault, match="no such folder"):
        store.write("objects/x", b"y")
    assert not (tmp_path / "mount").exists()


def test_parts_of_killed_writers_go_after_a_day_and_no_sooner(tmp_path: Path) -> None:
    store = folder_store(tmp_path)
    store.write("objects/x.wav", b"y")
    incoming = tmp_path / "incoming"
    old, young = incoming / "old.part", incoming / "young.part"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 100_000,) * 2)
    store.establish()
    assert [path.name for path in incoming.iterdir()] == ["young.part"]


def test_the_first_error_of_many_transfers_is_the_answer(tmp_path: Path) -> None:
    store = folder_store(tmp_path / "shared")
    (tmp_path / "shared" / "objects").write_bytes(b"in the way")
    with pytest.raises(EnvironmentFault, match="writing objects/"):
        store.at_once(lambda name: store.write(name, b"x"), [f"objects/{i}" for i in range(100)])


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import fsspec

    def refuse(*_: object, **__: object) -> None:
        raise ImportError("Install gcsfs")

    monkeypatch.setattr(fsspec, "filesystem", refuse)
    with pytest.raises(EnvironmentFault) as refused:
        open_store(parse_address("gs://bucket/x"))
    assert refused.value.remedy == install_remedy("gcs")
    assert not_installed(parse_address("memory://x"), ImportError("no")).remedy == install_remedy()


class NoCredentialsError(Exception):
    """As botocore's."""


@pytest.mark.parametrize(
    ("error", "says", "remedy"),
    [
        (OSError(errno.ENOSPC, "full"), "no room", "free some space"),
        (NoCredentialsError("Unable to locate"), "credentials", "AWS_ACCESS_KEY_ID"),
        (PermissionError("Forbidden"), "refused", "list, read, write"),
        (TimeoutError(), "cannot be reached", "network"),
        (ConnectionResetError("http://a:geheim@h/x"), "cannot be reached", "network"),
        (FileNotFoundError("The specified bucket does not exist"), "no bucket", "make the bucket"),
        (ValueError("odd"), "failed (odd)", "run again"),
    ],
)
def test_every_refusal_says_what_to_do(error: Exception, says: str, remedy: str) -> None:
    fault = fault_of(error, parse_address("s3://bucket/x"), "reading y")
    assert says in fault.message
    assert remedy in fault.remedy
    assert "geheim" not in fault.message


def test_a_cause_further_down_is_found() -> None:
    error = OSError("odd")
    error.__cause__ = NoCredentialsError()
    fault = fault_of(error, parse_address("gs://bucket/x"), "reading")
    assert "GOOGLE_APPLICATION_CREDENTIALS" in fault.remedy
