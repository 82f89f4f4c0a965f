"""Takes on their way: shared once, verified, never half, never against consent."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from remote_builders import (
    Told,
    content_of,
    folder_store,
    made,
    make,
    memory_store,
    pulled,
    pushed,
    wish,
    wishes,
)

from voicepipe.bank.layout import quarantine_folder
from voicepipe.bank.records import CLIPS, TAKES
from voicepipe.bank.take_store import Vault
from voicepipe.errors import EnvironmentFault
from voicepipe.remote.pull import pull
from voicepipe.remote.push import Pushed, push
from voicepipe.remote.pusher import Pusher
from voicepipe.remote.record_kinds import FEW, keys_there, object_name
from voicepipe.remote.revocations import Ban, Bans, local_bans, note_ban, share_ban, shared_bans
from voicepipe.remote.revoked_takes import purge_shared_voice
from voicepipe.remote.store import SharedStore


@pytest.mark.parametrize("n", [3, FEW + 6])
def test_what_one_has_made_another_gets_bit_for_bit(tmp_path: Path, n: int) -> None:
    store = memory_store()
    mine, yours = made(tmp_path / "a", wishes(n)), Vault(tmp_path / "b")
    assert pushed(store, mine, wishes(n)) == Pushed(clips=n, takes=n, forbidden=0)
    came = pulled(store, yours, wishes(n))
    assert (len(came.clips), len(came.takes)) == (n, 0), "a finished clip needs no take"
    for one in wishes(n):
        theirs, ours = mine.clips.get(one.clip_key), yours.find_clip(one.clip_key)
        assert ours == theirs
        assert ours is not None
        assert yours.objects.read(ours.object_id) == mine.objects.read(ours.object_id)


def test_what_is_shared_is_not_shared_again(tmp_path: Path) -> None:
    store = memory_store()
    mine = made(tmp_path, wishes(2))
    pushed(store, mine, wishes(2))
    assert pushed(store, mine, wishes(3)) == Pushed(clips=0, takes=0, forbidden=0)


def test_takes_come_where_nobody_has_finished_the_clip(tmp_path: Path) -> None:
    store = memory_store()
    pushed(store, made(tmp_path / "a", wishes(2)), wishes(2))
    louder = [replace(one, clip_key=one.clip_key[::-1]) for one in wishes(2)]
    yours = Vault(tmp_path / "b")
    came = pulled(store, yours, louder)
    assert not came.clips
    assert came.takes == {one.take_key for one in louder}
    assert pulled(store, yours, louder).takes == frozenset(), "they are here now"


def test_a_pinned_clip_comes_with_its_take(tmp_path: Path) -> None:
    store = memory_store()
    pushed(store, made(tmp_path / "a", wishes(1)), wishes(1))
    came = pulled(store, Vault(tmp_path / "b"), [replace(wishes(1)[0], needs_take=True)])
    assert (len(came.clips), len(came.takes)) == (1, 1)


def test_recordings_share_their_clips_only(tmp_path: Path) -> None:
    store = memory_store()
    one = replace(wish("r"), take_key="")
    make(vault := Vault(tmp_path / "a"), wish("r"))
    assert pushed(store, vault, [one]) == Pushed(clips=1, takes=0, forbidden=0)
    assert pulled(store, Vault(tmp_path / "b"), [one]).clips == {one.clip_key}


@pytest.mark.parametrize("damage", [b"", b"cut", None])
def test_a_damaged_object_is_told_and_replaced_but_never_used(
    tmp_path: Path, damage: bytes | None
) -> None:
    store = memory_store()
    mine, yours = made(tmp_path / "a", wishes(2)), Vault(tmp_path / "b")
    pushed(store, mine, wishes(2))
    record = mine.clips.get(wishes(2)[0].clip_key)
    assert record is not None
    name = object_name(record.object_id)
    store.remove(name) if damage is None else store.write(name, damage)
    told = Told()
    came = pulled(store, yours, wishes(2), told=told)
    assert came.damaged == {record.key}
    assert record.key not in came.clips
    assert wishes(2)[0].take_key in came.takes, "the take is sound: the clip is finished from it"
    assert len(told) == 1
    assert record.object_id in told[0]
    assert yours.find_clip(record.key) is None
    assert not yours.objects.has(record.object_id)
    push(store, mine, wishes(2), Bans(), Told(), known_absent=came.damaged)
    assert pulled(store, yours, wishes(2)).damaged == frozenset()
    assert yours.find_clip(record.key) == record


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"schema": 1}', b" " * (1 << 21)])
def test_a_damaged_record_is_told_and_left(tmp_path: Path, content: bytes) -> None:
    store = memory_store()
    mine, yours = made(tmp_path / "a", wishes(1)), Vault(tmp_path / "b")
    pushed(store, mine, wishes(1))
    for name in (CLIPS.name(wishes(1)[0].clip_key), TAKES.name(wishes(1)[0].take_key)):
        store.write(name, content)
    told = Told()
    came = pulled(store, yours, wishes(1), told=told)
    assert not came.clips | came.takes
    assert (len(came.damaged), len(told)) == (2, 2)
    assert yours.clips.keys() == set()


def test_a_record_of_another_key_is_no_record(tmp_path: Path) -> None:
    store = memory_store()
    pushed(store, made(tmp_path / "a", wishes(2)), wishes(2))
    first, second = wishes(2)
    swapped = store.read(CLIPS.name(second.clip_key))
    assert swapped is not None
    store.write(CLIPS.name(first.clip_key), swapped)
    told = Told()
    came = pulled(store, Vault(tmp_path / "b"), [first], told=told)
    assert came.clips == frozenset()
    assert "another key" in told[0]


def test_a_local_object_that_is_damaged_is_not_shared(tmp_path: Path) -> None:
    store = memory_store()
    mine = made(tmp_path, wishes(2))
    record = mine.takes.get(wishes(2)[0].take_key)
    assert record is not None
    path = mine.objects.path(record.object_id)
    path.chmod(0o644)
    path.write_bytes(b"other")
    told = Told()
    went = push(store, mine, wishes(2), Bans(), told)
    assert (went.clips, went.takes, len(told)) == (2, 1, 1)
    assert keys_there(store, TAKES, [record.key]) == set()
    assert any(quarantine_folder(tmp_path).iterdir())


def test_an_interrupted_push_shows_no_record_without_its_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = folder_store(tmp_path / "shared")
    mine = made(tmp_path / "a", wishes(40))
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
            push(store, mine, wishes(40), Bans(), Told())
    came = pulled(store, Vault(tmp_path / "b"), wishes(40))
    assert not came.damaged
    assert 0 < len(came.clips) + len(came.takes) < 80
    pushed(store, mine, wishes(40))
    assert len(pulled(store, Vault(tmp_path / "c"), wishes(40)).clips) == 40


def test_two_writers_of_the_same_lines_leave_one_whole_store(tmp_path: Path) -> None:
    """Two machines make other bytes for the same keys; either's are right."""
    store = folder_store(tmp_path / "shared")
    vaults = []
    for name in ("gpu", "cpu"):
        vault = Vault(tmp_path / name)
        for one in wishes(60):
            make(vault, one, f"{name} {one.take_key}")
        vaults.append(vault)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda vault: push(store, vault, wishes(60), Bans(), Told()), vaults))
    came = pulled(store, Vault(tmp_path / "c"), wishes(60))
    assert len(came.clips) == 60
    assert not list((tmp_path / "shared/incoming").iterdir())


def test_a_withdrawn_voice_neither_goes_nor_comes(tmp_path: Path) -> None:
    store = memory_store()
    both = wishes(2) + wishes(2, "bob")
    mine = made(tmp_path / "a", both)
    ann = Bans([Ban(voice="ann", consents=("ann-2030",))])
    assert pushed(store, mine, both, ann) == Pushed(clips=2, takes=2, forbidden=4)
    pushed(store, mine, both)  # by somebody who had not heard
    came = pulled(store, Vault(tmp_path / "b"), both, ann)
    assert came.clips == {one.clip_key for one in wishes(2, "bob")}
    assert came.forbidden == {k for one in wishes(2) for k in (one.clip_key, one.take_key)}


def test_a_new_consent_may_share_again(tmp_path: Path) -> None:
    store = memory_store()
    anew = [replace(one, consent="ann-2031") for one in wishes(2)]
    ann = Bans([Ban(voice="ann", consents=("ann-2030",))])
    assert pushed(store, made(tmp_path / "a", anew), anew, ann).clips == 2
    assert len(pulled(store, Vault(tmp_path / "b"), anew, ann).clips) == 2


def test_an_older_take_of_another_voice_is_judged_by_that_voice(tmp_path: Path) -> None:
    """A line pinned to a take of a voice that is withdrawn, now cast with another one."""
    store = memory_store()
    pushed(store, made(tmp_path / "a", wishes(1)), wishes(1))
    recast = [replace(wishes(1)[0], voice="bob", consent="bob-2030", needs_take=True)]
    banned = Bans([Ban(voice="ann", consents=("ann-2030",))])
    came = pulled(store, Vault(tmp_path / "b"), recast, banned)
    assert (came.clips, came.takes) == (frozenset(), frozenset())


def test_a_purge_leaves_other_voices_and_takes_under_a_later_consent(tmp_path: Path) -> None:
    store = folder_store(tmp_path / "shared")
    later = [replace(wish("later"), consent="ann-2031")]
    everything = wishes(3) + later + wishes(2, "bob")
    pushed(store, made(tmp_path / "a", everything), everything)
    gone = purge_shared_voice(store, Ban(voice="ann", consents=("ann-2030",)), Told())
    assert (gone.takes, gone.clips, gone.objects) == (3, 4, 7)
    left = content_of(tmp_path / "shared")
    assert sum(name.startswith("takes/") for name in left) == 3
    assert sum(name.startswith("clips/") for name in left) == 2
    assert sum(name.startswith("objects/") for name in left) == 5
    again = purge_shared_voice(store, Ban(voice="ann", consents=("ann-2030",)), Told())
    assert (again.takes, again.clips, again.objects) == (0, 0, 0)


def test_a_push_that_a_withdrawal_overtakes_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = memory_store()
    mine = made(tmp_path, wishes(2) + wishes(1, "bob"))
    write = SharedStore.write

    def overtaken(self: SharedStore, name: str, content: bytes) -> None:
        if name.startswith("takes/"):
            monkeypatch.setattr(SharedStore, "write", write)
            purge_shared_voice(store, Ban(voice="ann", consents=("ann-2030",)), Told())
        write(self, name, content)

    monkeypatch.setattr(SharedStore, "write", overtaken)
    went = push(store, mine, wishes(2) + wishes(1, "bob"), Bans(), Told())
    assert went.forbidden == 4
    keys = [key for one in wishes(2) for key in (one.take_key, one.clip_key)]
    assert keys_there(store, TAKES, keys) | keys_there(store, CLIPS, keys) == set()
    assert keys_there(store, TAKES, [wishes(1, "bob")[0].take_key])


def test_notes_of_withdrawals_add_up(tmp_path: Path) -> None:
    store = memory_store()
    for consent in ("a1", "a2"):
        note_ban(tmp_path, Ban(voice="ann", consents=(consent,)))
        share_ban(store, Ban(voice="ann", consents=(consent,)))
    note_ban(tmp_path, Ban(voice="bob"))
    both = local_bans(tmp_path) | shared_bans(store)
    assert both.of("ann") == (Ban(voice="ann", consents=("a1", "a2")),)
    assert [both.forbid("ann", c) for c in ("a1", "a2", "a3", "")] == [True, True, False, True]
    assert both.forbid("bob", "any")
    assert not both.forbid("cleo", "")


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b'{"voice": "x"}', b'{"voice":"x","consents":[1]}']
)
def test_a_damaged_note_shares_nothing_until_it_is_written_again(
    tmp_path: Path, content: bytes
) -> None:
    note_ban(tmp_path, Ban(voice="ann", consents=("a1",)))
    note = next((tmp_path / "withdrawn").iterdir())
    note.write_bytes(content)
    with pytest.raises(EnvironmentFault, match="withdrawn voice is damaged"):
        local_bans(tmp_path)
    note_ban(tmp_path, Ban(voice="ann", consents=("a2",)))
    assert local_bans(tmp_path).forbid("ann", "a3"), "nobody knows what it forbade"


def test_what_is_offered_goes_while_others_work(tmp_path: Path) -> None:
    store = memory_store()
    mine = made(tmp_path, wishes(30))
    pusher = Pusher(store, mine, Bans(), Told(), frozenset())
    for one in wishes(30):
        pusher.offer(one)
    assert pusher.close() == Pushed(clips=30, takes=30, forbidden=0)


def test_a_store_that_fails_is_said_at_the_end(tmp_path: Path) -> None:
    store = folder_store(tmp_path / "shared")
    mine = made(tmp_path / "a", wishes(2))
    shutil.rmtree(tmp_path / "shared")
    pusher = Pusher(store, mine, Bans(), Told(), frozenset())
    for one in wishes(2):
        pusher.offer(one)
    with pytest.raises(EnvironmentFault, match="no such folder"):
        pusher.close()
    pusher = Pusher(store, mine, Bans(), Told(), frozenset())
    pusher.offer(wishes(1)[0])
    assert pusher.close(abandon=True).clips == 0


def test_pulling_stops_at_a_full_disk(tmp_path: Path) -> None:
    store = memory_store()
    pushed(store, made(tmp_path / "a", wishes(1)), wishes(1))
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "objects").write_bytes(b"in the way")
    with pytest.raises(EnvironmentFault, match="something else stands"):
        pull(store, Vault(tmp_path / "b"), wishes(1), Bans(), Told())


@pytest.mark.parametrize("shelf", ["takes", "clips"])
@pytest.mark.parametrize("has_object", [False, True])
def test_a_text_under_a_right_hash_is_no_sound(
    tmp_path: Path, shelf: str, *, has_object: bool
) -> None:
    store, one = memory_store(), wish("a")
    theirs = made(tmp_path / "theirs", [one])
    text = theirs.objects.put(b"this is a text and no sound")
    if shelf == "clips":
        clip = theirs.clips.get(one.clip_key)
        assert clip is not None
        theirs.clips.put(replace(clip, object_id=text))
    else:
        take = theirs.takes.get(one.take_key)
        assert take is not None
        theirs.takes.put(replace(take, object_id=text))
    pushed(store, theirs, [one])
    ours, told = Vault(tmp_path / "ours"), Told()
    if has_object:
        ours.objects.put(b"this is a text and no sound")
    came = pull(store, ours, [replace(one, needs_take=True)], Bans(), told)
    key = one.clip_key if shelf == "clips" else one.take_key
    assert came.damaged == {key}
    assert key not in came.clips | came.takes
    assert ours.objects.has(text) is has_object
    assert not (ours.clips.keys() | ours.takes.keys()) & {key}
    assert [("no whole WAV file" in one, "it is not used" in one) for one in told] == [(True, True)]


@pytest.mark.parametrize(
    "lie", [{"duration_s": 2.0}, {"sample_rate": 48_000}, {"bit_depth": 24}], ids=str
)
def test_a_record_that_tells_of_another_sound_is_not_used(
    tmp_path: Path, lie: dict[str, float]
) -> None:
    store, one = memory_store(), wish("a")
    theirs = made(tmp_path / "theirs", [one])
    clip = theirs.clips.get(one.clip_key)
    assert clip is not None
    theirs.clips.put(replace(clip, **lie))  # type: ignore[arg-type] # by name
    pushed(store, theirs, [one])
    told = Told()
    came = pull(store, Vault(tmp_path / "ours"), [one], Bans(), told)
    assert came.damaged == {one.clip_key}
    assert came.takes == {one.take_key}
    assert len(told) == 1
