"""Takes on their way: shared once, verified, never half, never against consent."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from remote_builders import (
    Messages,
    content_of,
    folder_store,
    made,
    make,
    memory_store,
    pulled,
    pushed,
    sought,
    sought_one,
)

from voicepipe.bank.layout import quarantine_folder
from voicepipe.bank.records import CLIPS, TAKES
from voicepipe.bank.take_store import TakeStore
from voicepipe.errors import EnvironmentFault
from voicepipe.remote.pull import pull
from voicepipe.remote.push import Pushed, push
from voicepipe.remote.pusher import Pusher
from voicepipe.remote.record_kinds import FEW, keys_there, object_name
from voicepipe.remote.revocations import (
    Revocation,
    Revocations,
    local_revocations,
    note_revocation,
    share_revocation,
    shared_revocations,
)
from voicepipe.remote.revoked_takes import remove_revoked_shared_takes
from voicepipe.remote.store import SharedStore


@pytest.mark.parametrize("n", [3, FEW + 6])
def test_what_one_has_made_another_gets_bit_for_bit(tmp_path: Path, n: int) -> None:
    store = memory_store()
    mine, yours = made(tmp_path / "a", sought(n)), TakeStore(tmp_path / "b")
    assert pushed(store, mine, sought(n)) == Pushed(clips=n, takes=n, forbidden=0)
    result = pulled(store, yours, sought(n))
    assert (len(result.clips), len(result.takes)) == (n, 0), "a finished clip needs no take"
    for one in sought(n):
        theirs, ours = mine.clips.get(one.clip_key), yours.find_clip(one.clip_key)
        assert ours == theirs
        assert ours is not None
        assert yours.objects.read(ours.object_id) == mine.objects.read(ours.object_id)


def test_what_is_shared_is_not_shared_again(tmp_path: Path) -> None:
    store = memory_store()
    mine = made(tmp_path, sought(2))
    pushed(store, mine, sought(2))
    assert pushed(store, mine, sought(3)) == Pushed(clips=0, takes=0, forbidden=0)


def test_takes_come_where_nobody_has_finished_the_clip(tmp_path: Path) -> None:
    store = memory_store()
    pushed(store, made(tmp_path / "a", sought(2)), sought(2))
    louder = [replace(one, clip_key=one.clip_key[::-1]) for one in sought(2)]
    yours = TakeStore(tmp_path / "b")
    result = pulled(store, yours, louder)
    assert not result.clips
    assert result.takes == {one.take_key for one in louder}
    assert pulled(store, yours, louder).takes == frozenset(), "they are here now"


def test_a_pinned_clip_comes_with_its_take(tmp_path: Path) -> None:
    store = memory_store()
    pushed(store, made(tmp_path / "a", sought(1)), sought(1))
    result = pulled(store, TakeStore(tmp_path / "b"), [replace(sought(1)[0], needs_take=True)])
    assert (len(result.clips), len(result.takes)) == (1, 1)


def test_recordings_share_their_clips_only(tmp_path: Path) -> None:
    store = memory_store()
    one = replace(sought_one("r"), take_key="")
    make(take_store := TakeStore(tmp_path / "a"), sought_one("r"))
    assert pushed(store, take_store, [one]) == Pushed(clips=1, takes=0, forbidden=0)
    assert pulled(store, TakeStore(tmp_path / "b"), [one]).clips == {one.clip_key}


@pytest.mark.parametrize("damage", [b"", b"cut", None])
def test_a_damaged_object_is_told_and_replaced_but_never_used(
    tmp_path: Path, damage: bytes | None
) -> None:
    store = memory_store()
    mine, yours = made(tmp_path / "a", sought(2)), TakeStore(tmp_path / "b")
    pushed(store, mine, sought(2))
    record = mine.clips.get(sought(2)[0].clip_key)
    assert record is not None
    name = object_name(record.object_id)
    store.remove(name) if damage is None else store.write(name, damage)
    told = Messages()
    result = pulled(store, yours, sought(2), told=told)
    assert result.damaged == {record.key}
    assert record.key not in result.clips
    assert sought(2)[0].take_key in result.takes, "the take is sound: the clip is finished from it"
    assert len(told) == 1
    assert record.object_id in told[0]
    assert yours.find_clip(record.key) is None
    assert not yours.objects.has(record.object_id)
    push(store, mine, sought(2), Revocations(), Messages(), known_absent=result.damaged)
    assert pulled(store, yours, sought(2)).damaged == frozenset()
    assert yours.find_clip(record.key) == record


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"schema": 1}', b" " * (1 << 21)])
def test_a_damaged_record_is_told_and_left(tmp_path: Path, content: bytes) -> None:
    store = memory_store()
    mine, yours = made(tmp_path / "a", sought(1)), TakeStore(tmp_path / "b")
    pushed(store, mine, sought(1))
    for name in (CLIPS.name(sought(1)[0].clip_key), TAKES.name(sought(1)[0].take_key)):
        store.write(name, content)
    told = Messages()
    result = pulled(store, yours, sought(1), told=told)
    assert not result.clips | result.takes
    assert (len(result.damaged), len(told)) == (2, 2)
    assert yours.clips.keys() == set()


def test_a_record_of_another_key_is_no_record(tmp_path: Path) -> None:
    store = memory_store()
    pushed(store, made(tmp_path / "a", sought(2)), sought(2))
    first, second = sought(2)
    swapped = store.read(CLIPS.name(second.clip_key))
    assert swapped is not None
    store.write(CLIPS.name(first.clip_key), swapped)
    told = Messages()
    result = pulled(store, TakeStore(tmp_path / "b"), [first], told=told)
    assert result.clips == frozenset()
    assert "another key" in told[0]


def test_a_local_object_that_is_damaged_is_not_shared(tmp_path: Path) -> None:
    store = memory_store()
    mine = made(tmp_path, sought(2))
    record = mine.takes.get(sought(2)[0].take_key)
    assert record is not None
    path = mine.objects.path(record.object_id)
    path.chmod(0o644)
    path.write_bytes(b"other")
    told = Messages()
    went = push(store, mine, sought(2), Revocations(), told)
    assert (went.clips, went.takes, len(told)) == (2, 1, 1)
    assert keys_there(store, TAKES, [record.key]) == set()
    assert any(quarantine_folder(tmp_path).iterdir())


def test_an_interrupted_push_shows_no_record_without_its_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = folder_store(tmp_path / "shared")
    mine = made(tmp_path / "a", sought(40))
    written: list[str] = []
    write = SharedStore.write

    def failing(self: SharedStore, name: str, content: bytes) -> None:
        if len(written) > 50:
            raise EnvironmentFault("the network is gone")
        written.append(name)
        write(self, name, content)

    with monkeypatch.context() as patched:
        patched.setattr(SharedStore, "write", failing)
        with pytest.raises(EnvironmentFault, match="gone"):
            push(store, mine, sought(40), Revocations(), Messages())
    result = pulled(store, TakeStore(tmp_path / "b"), sought(40))
    assert not result.damaged
    assert 0 < len(result.clips) + len(result.takes) < 80
    pushed(store, mine, sought(40))
    assert len(pulled(store, TakeStore(tmp_path / "c"), sought(40)).clips) == 40


def test_two_writers_of_the_same_lines_leave_one_whole_store(tmp_path: Path) -> None:
    """Two machines make other bytes for the same keys; either's are right."""
    store = folder_store(tmp_path / "shared")
    take_stores = []
    for name in ("gpu", "cpu"):
        take_store = TakeStore(tmp_path / name)
        for one in sought(60):
            make(take_store, one, f"{name} {one.take_key}")
        take_stores.append(take_store)
    with ThreadPoolExecutor(2) as threads:
        list(
            threads.map(
                lambda take_store: push(store, take_store, sought(60), Revocations(), Messages()),
                take_stores,
            )
        )
    result = pulled(store, TakeStore(tmp_path / "c"), sought(60))
    assert len(result.clips) == 60
    assert not list((tmp_path / "shared/incoming").iterdir())


def test_a_revoked_voice_neither_goes_nor_comes(tmp_path: Path) -> None:
    store = memory_store()
    both = sought(2) + sought(2, "bob")
    mine = made(tmp_path / "a", both)
    ann = Revocations([Revocation(voice="ann", consents=("ann-2030",))])
    assert pushed(store, mine, both, ann) == Pushed(clips=2, takes=2, forbidden=4)
    pushed(store, mine, both)  # by somebody who had not heard
    result = pulled(store, TakeStore(tmp_path / "b"), both, ann)
    assert result.clips == {one.clip_key for one in sought(2, "bob")}
    assert result.forbidden == {k for one in sought(2) for k in (one.clip_key, one.take_key)}


def test_a_new_consent_may_share_again(tmp_path: Path) -> None:
    store = memory_store()
    anew = [replace(one, consent="ann-2031") for one in sought(2)]
    ann = Revocations([Revocation(voice="ann", consents=("ann-2030",))])
    assert pushed(store, made(tmp_path / "a", anew), anew, ann).clips == 2
    assert len(pulled(store, TakeStore(tmp_path / "b"), anew, ann).clips) == 2


def test_an_older_take_of_another_voice_is_judged_by_that_voice(tmp_path: Path) -> None:
    """A line pinned to a take of a voice that is revoked, now cast with another one."""
    store = memory_store()
    pushed(store, made(tmp_path / "a", sought(1)), sought(1))
    recast = [replace(sought(1)[0], voice="bob", consent="bob-2030", needs_take=True)]
    revoked = Revocations([Revocation(voice="ann", consents=("ann-2030",))])
    result = pulled(store, TakeStore(tmp_path / "b"), recast, revoked)
    assert (result.clips, result.takes) == (frozenset(), frozenset())


def test_a_purge_leaves_other_voices_and_takes_under_a_later_consent(tmp_path: Path) -> None:
    store = folder_store(tmp_path / "shared")
    later = [replace(sought_one("later"), consent="ann-2031")]
    everything = sought(3) + later + sought(2, "bob")
    pushed(store, made(tmp_path / "a", everything), everything)
    gone = remove_revoked_shared_takes(
        store, Revocation(voice="ann", consents=("ann-2030",)), Messages()
    )
    assert (gone.takes, gone.clips, gone.objects) == (3, 4, 7)
    left = content_of(tmp_path / "shared")
    assert sum(name.startswith("takes/") for name in left) == 3
    assert sum(name.startswith("clips/") for name in left) == 2
    assert sum(name.startswith("objects/") for name in left) == 5
    again = remove_revoked_shared_takes(
        store, Revocation(voice="ann", consents=("ann-2030",)), Messages()
    )
    assert (again.takes, again.clips, again.objects) == (0, 0, 0)


def test_a_push_that_a_revocation_overtakes_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = memory_store()
    mine = made(tmp_path, sought(2) + sought(1, "bob"))
    write = SharedStore.write

    def overtaken(self: SharedStore, name: str, content: bytes) -> None:
        if name.startswith("takes/"):
            monkeypatch.setattr(SharedStore, "write", write)
            remove_revoked_shared_takes(
                store, Revocation(voice="ann", consents=("ann-2030",)), Messages()
            )
        write(self, name, content)

    monkeypatch.setattr(SharedStore, "write", overtaken)
    went = push(store, mine, sought(2) + sought(1, "bob"), Revocations(), Messages())
    assert went.forbidden == 4
    keys = [key for one in sought(2) for key in (one.take_key, one.clip_key)]
    assert keys_there(store, TAKES, keys) | keys_there(store, CLIPS, keys) == set()
    assert keys_there(store, TAKES, [sought(1, "bob")[0].take_key])


def test_notes_of_revocations_add_up(tmp_path: Path) -> None:
    store = memory_store()
    for consent in ("a1", "a2"):
        note_revocation(tmp_path, Revocation(voice="ann", consents=(consent,)))
        share_revocation(store, Revocation(voice="ann", consents=(consent,)))
    note_revocation(tmp_path, Revocation(voice="bob"))
    both = local_revocations(tmp_path) | shared_revocations(store)
    assert both.of("ann") == (Revocation(voice="ann", consents=("a1", "a2")),)
    assert [both.forbid("ann", c) for c in ("a1", "a2", "a3", "")] == [True, True, False, True]
    assert both.forbid("bob", "any")
    assert not both.forbid("cleo", "")


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b'{"voice": "x"}', b'{"voice":"x","consents":[1]}']
)
def test_a_damaged_note_shares_nothing_until_it_is_written_again(
    tmp_path: Path, content: bytes
) -> None:
    note_revocation(tmp_path, Revocation(voice="ann", consents=("a1",)))
    note = next((tmp_path / "withdrawn").iterdir())
    note.write_bytes(content)
    with pytest.raises(EnvironmentFault, match="revoked voice is damaged"):
        local_revocations(tmp_path)
    note_revocation(tmp_path, Revocation(voice="ann", consents=("a2",)))
    assert local_revocations(tmp_path).forbid("ann", "a3"), "nobody knows what it forbade"


def test_what_is_offered_goes_while_others_work(tmp_path: Path) -> None:
    store = memory_store()
    mine = made(tmp_path, sought(30))
    pusher = Pusher(store, mine, Revocations(), Messages(), frozenset())
    for one in sought(30):
        pusher.offer(one)
    assert pusher.close() == Pushed(clips=30, takes=30, forbidden=0)


def test_a_store_that_fails_is_said_at_the_end(tmp_path: Path) -> None:
    store = folder_store(tmp_path / "shared")
    mine = made(tmp_path / "a", sought(2))
    shutil.rmtree(tmp_path / "shared")
    pusher = Pusher(store, mine, Revocations(), Messages(), frozenset())
    for one in sought(2):
        pusher.offer(one)
    with pytest.raises(EnvironmentFault, match="no such folder"):
        pusher.close()
    pusher = Pusher(store, mine, Revocations(), Messages(), frozenset())
    pusher.offer(sought(1)[0])
    assert pusher.close(abandon=True).clips == 0


def test_pulling_stops_at_a_full_disk(tmp_path: Path) -> None:
    store = memory_store()
    pushed(store, made(tmp_path / "a", sought(1)), sought(1))
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "objects").write_bytes(b"in the way")
    with pytest.raises(EnvironmentFault, match="something else stands"):
        pull(store, TakeStore(tmp_path / "b"), sought(1), Revocations(), Messages())


@pytest.mark.parametrize("record_kind", ["takes", "clips"])
@pytest.mark.parametrize("has_object", [False, True])
def test_a_text_under_a_right_hash_is_no_sound(
    tmp_path: Path, record_kind: str, *, has_object: bool
) -> None:
    store, one = memory_store(), sought_one("a")
    theirs = made(tmp_path / "theirs", [one])
    text = theirs.objects.put(b"this is a text and no sound")
    if record_kind == "clips":
        clip = theirs.clips.get(one.clip_key)
        assert clip is not None
        theirs.clips.put(replace(clip, object_id=text))
    else:
        take = theirs.takes.get(one.take_key)
        assert take is not None
        theirs.takes.put(replace(take, object_id=text))
    pushed(store, theirs, [one])
    ours, told = TakeStore(tmp_path / "ours"), Messages()
    if has_object:
        ours.objects.put(b"this is a text and no sound")
    result = pull(store, ours, [replace(one, needs_take=True)], Revocations(), told)
    key = one.clip_key if record_kind == "clips" else one.take_key
    assert result.damaged == {key}
    assert key not in result.clips | result.takes
    assert ours.objects.has(text) is has_object
    assert not (ours.clips.keys() | ours.takes.keys()) & {key}
    assert [("no whole WAV file" in one, "it is not used" in one) for one in told] == [(True, True)]


@pytest.mark.parametrize(
    "lie", [{"duration_s": 2.0}, {"sample_rate": 48_000}, {"bit_depth": 24}], ids=str
)
def test_a_record_that_tells_of_another_sound_is_not_used(
    tmp_path: Path, lie: dict[str, float]
) -> None:
    store, one = memory_store(), sought_one("a")
    theirs = made(tmp_path / "theirs", [one])
    clip = theirs.clips.get(one.clip_key)
    assert clip is not None
    theirs.clips.put(replace(clip, **lie))  # type: ignore[arg-type] # by name
    pushed(store, theirs, [one])
    told = Messages()
    result = pull(store, TakeStore(tmp_path / "ours"), [one], Revocations(), told)
    assert result.damaged == {one.clip_key}
    assert result.takes == {one.take_key}
    assert len(told) == 1
