"""The same over the wire: a server that speaks S3, and all that goes wrong with one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from bucket_server import BUCKET, ENVIRONMENT, bucket_server, make_bucket
from remote_builders import Messages, made, make, pulled, pushed, sought

from voicepipe.bank.records import CLIPS, TAKES
from voicepipe.bank.take_store import TakeStore
from voicepipe.errors import EnvironmentFault
from voicepipe.remote.address import parse_address
from voicepipe.remote.push import push
from voicepipe.remote.record_kinds import keys_there, object_name
from voicepipe.remote.revocations import Revocation, Revocations, shared_revocations
from voicepipe.remote.revoked_takes import remove_revoked_shared_takes
from voicepipe.remote.store import SharedStore, open_store

pytestmark = [
    # botocore and flask of some months use what newer Pythons advise against.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:botocore"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:aiobotocore"),
    # Sessions of s3fs are closed by the collector when their store is forgotten.
    pytest.mark.filterwarnings("ignore:.*unclosed:ResourceWarning"),
]
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with bucket_server() as address:
        make_bucket(address)
        yield address


@pytest.fixture(autouse=True)
def credentials(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    for name, value in {**ENVIRONMENT, "AWS_ENDPOINT_URL": endpoint}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def url(request: pytest.FixtureRequest) -> str:
    return f"s3://{BUCKET}/{request.node.name}"


def _store(url: str) -> SharedStore:
    store = open_store(parse_address(url))
    store.establish()
    return store


@pytest.mark.slow
def test_a_hundred_takes_go_and_come(tmp_path: Path, url: str) -> None:
    store = _store(url)
    mine, yours = made(tmp_path / "a", sought(100)), TakeStore(tmp_path / "b")
    assert pushed(store, mine, sought(100)).clips == 100
    louder = [replace(one, clip_key=one.clip_key[::-1]) for one in sought(100)]
    assert len(pulled(_store(url), yours, louder).takes) == 100
    assert yours.known_takes() == {one.take_key for one in sought(100)}
    for record in yours.takes.records():
        yours.objects.check(record.object_id)


def test_two_writers_at_once(tmp_path: Path, url: str) -> None:
    take_stores = []
    for name in ("gpu", "cpu"):
        take_store = TakeStore(tmp_path / name)
        for one in sought(20):
            make(take_store, one, f"{name} {one.take_key}")
        take_stores.append(take_store)

    def share(take_store: TakeStore) -> str:
        store = _store(url)
        push(store, take_store, sought(20), Revocations(), Messages())
        return store.id

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(share, take_stores))
    result = pulled(_store(url), TakeStore(tmp_path / "c"), sought(20))
    assert len(result.clips) == 20


@pytest.mark.slow
def test_a_push_killed_in_the_middle_leaves_only_whole_takes(tmp_path: Path, url: str) -> None:
    n = 120
    program = [sys.executable, str(HERE / "push_until_killed.py"), str(tmp_path / "a"), url, str(n)]
    path = os.pathsep.join([str(HERE), str(HERE.parents[1])])
    with subprocess.Popen(
        program, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}, text=True
    ) as child:
        assert child.stdout is not None
        for _ in range(5):
            assert child.stdout.readline().startswith(("takes/", "clips/"))
        child.kill()
    store, there = _store(url), TakeStore(tmp_path / "b")
    result = pulled(store, there, sought(n))
    assert not result.damaged
    assert 0 < len(result.clips | result.takes) < 2 * n
    mine = TakeStore(tmp_path / "a")
    pushed(store, mine, sought(n))
    assert len(pulled(store, TakeStore(tmp_path / "c"), sought(n)).clips) == n


def test_a_damaged_object_is_told_and_never_used(tmp_path: Path, url: str) -> None:
    store = _store(url)
    mine, yours = made(tmp_path / "a", sought(2)), TakeStore(tmp_path / "b")
    pushed(store, mine, sought(2))
    record = mine.clips.get(sought(2)[0].clip_key)
    assert record is not None
    for damage in (b"", b"other bytes"):
        store.write(object_name(record.object_id), damage)
        told = Messages()
        assert pulled(store, yours, sought(1), told=told).damaged == {record.key}
        assert record.object_id in told[0]


def test_a_revocation_over_the_wire(tmp_path: Path, url: str) -> None:
    store = _store(url)
    pushed(store, made(tmp_path, sought(3)), sought(3))
    gone = remove_revoked_shared_takes(
        store, Revocation(voice="ann", consents=("ann-2030",)), Messages()
    )
    assert (gone.takes, gone.clips) == (3, 3)
    assert shared_revocations(store).forbid("ann", "ann-2030")
    keys = [key for one in sought(3) for key in (one.take_key, one.clip_key)]
    assert keys_there(store, TAKES, keys) | keys_there(store, CLIPS, keys) == set()


def test_a_bucket_that_is_not_there() -> None:
    store = open_store(parse_address("s3://no-such-bucket-here/x"))
    with pytest.raises(EnvironmentFault, match="no bucket") as refused:
        store.found()
    assert "make the bucket" in refused.value.remedy
    with pytest.raises(EnvironmentFault, match="no bucket"):
        store.write("x", b"y")


def test_no_credentials(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(EnvironmentFault, match="credentials") as refused:
        open_store(parse_address(url)).found()
    assert "AWS_ACCESS_KEY_ID" in refused.value.remedy


def test_no_network(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(EnvironmentFault, match="cannot be reached") as refused:
        open_store(parse_address(url)).found()
    assert "network" in refused.value.remedy


def test_no_secret_is_ever_written(tmp_path: Path, url: str) -> None:
    store = _store(url)
    pushed(store, made(tmp_path, sought(1)), sought(1))
    names = [path.split("/", 2)[2] for path in store._files.find(store.address.root)]
    assert len(names) == 5
    for name in names:
        content = store.read(name)
        assert content is not None
        assert b"geheim" not in content
