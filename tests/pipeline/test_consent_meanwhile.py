"""Consent that ends while a render is running, here or in a store that machines share."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from consent_ways import ANN, ENDS, HERS, TODAY, Guard, end, entry_of, fresh_voice, pin, recast
from small_project import ENGINES, Bench
from two_machines import Machines, two_machines

from voicepipe.bank.take_store import TakeStore
from voicepipe.bank.versions import versions
from voicepipe.errors import BankLocked, EnvironmentFault, InputError
from voicepipe.pipeline.render.rendering import RenderOptions, RenderReport, render_project
from voicepipe.pipeline.render.sharing import noted_in_folder, sharing_of, store_address
from voicepipe.pipeline.render.up_to_date import find_up_to_date_for_render, take_snapshot
from voicepipe.pipeline.revocation import RevocationReport, revoke_voice
from voicepipe.remote.store import SharedStore
from voicepipe.workers.events import ClipDone, RenderEvent


def _revoke(bench: Bench, store: str = "") -> RevocationReport:
    return revoke_voice(bench.root, bench.project().settings, "ann", date=TODAY, store=store)


def _render_while(bench: Bench, meanwhile: Callable[[], object], store: str = "") -> RenderReport:
    """Render everything anew; `meanwhile` comes as soon as the first clip is done."""
    bench.edit("voicepipe.yaml", "bit_depth: 16", "bit_depth: 16, loudness_lufs: -20")
    project = bench.project()
    pending = [meanwhile]

    def on_event(event: RenderEvent) -> None:
        if isinstance(event, ClipDone) and pending:
            pending.pop()()

    options = RenderOptions(engines=ENGINES, jobs=1, store=store)
    return render_project(project, options, on_event=on_event)


@pytest.mark.parametrize(
    "how",
    [*ENDS, "an actor without a paper"],
)
def test_a_consent_that_ends_during_a_render_is_seen(rendered: Bench, how: str) -> None:
    guard = Guard(rendered)
    guard.left_out(_render_while(rendered, lambda: end(rendered, how)))


def test_a_voice_file_damaged_during_a_render_lets_nothing_of_it_pass(rendered: Bench) -> None:
    guard = Guard(rendered)
    damage = (rendered.root / ANN).write_bytes
    guard.left_out(_render_while(rendered, lambda: damage(b"consent: [")))


def test_a_revocation_during_a_render_says_what_is_still_to_do(rendered: Bench) -> None:
    guard = Guard(rendered)
    said: list[BankLocked] = []

    def revoke() -> None:
        with pytest.raises(BankLocked) as caught:
            _revoke(rendered)
        said.append(caught.value)

    guard.left_out(_render_while(rendered, revoke))
    (locked,) = said
    assert locked.exit_code == 4
    assert "is blocked, and a render that is running leaves it out" in locked.message
    assert "its takes, clips and models are still here" in locked.message
    assert "voicepipe voices revoke ann --confirm ann" in locked.remedy
    done = _revoke(rendered)
    assert done.removed is not None
    assert done.removed.takes == 4
    assert {file.version for file in done.published} == {"v0001"}


def test_a_revocation_undone_during_the_same_render_stands(rendered: Bench) -> None:
    guard = Guard(rendered)
    before = (rendered.root / ANN).read_bytes()

    def withdraw_and_restore() -> None:
        with pytest.raises(BankLocked):
            _revoke(rendered)
        (rendered.root / ANN).write_bytes(before)

    guard.left_out(_render_while(rendered, withdraw_and_restore))


def test_a_release_whose_consent_ends_meanwhile_is_not_published(rendered: Bench) -> None:
    rendered.edit("voicepipe.yaml", "bit_depth: 16", "bit_depth: 16, loudness_lufs: -20")
    project = rendered.project(release=True)
    pending = [lambda: end(rendered, "expired")]

    def on_event(event: RenderEvent) -> None:
        if isinstance(event, ClipDone) and pending:
            pending.pop()()

    options = RenderOptions(engines=ENGINES, jobs=1, release=True)
    report = render_project(project, options, on_event=on_event)
    assert report.published is None
    assert len(report.failed) == 4
    assert len(versions(rendered.root / "out", "small")) == 1


def _refused(machines: Machines, bench: Bench, **options: object) -> None:
    before = len(versions(bench.root / "out", "small"))
    with pytest.raises(InputError) as caught:
        machines.render(bench, **options)
    assert {problem.code for problem in caught.value.diagnostics} == {"VP402"}
    assert len(versions(bench.root / "out", "small")) == before


def _n_takes(machines: Machines) -> int:
    return len(machines.files("takes"))


@pytest.fixture
def machines(rendered_root: Path, tmp_path: Path) -> Machines:
    """Mine is rendered and shared; yours has nothing yet."""
    found = two_machines(rendered_root, tmp_path)
    found.render(found.mine)
    assert _n_takes(found) == 6
    return found


def test_a_revocation_reaches_the_store_the_project_used(machines: Machines) -> None:
    done = _revoke(machines.mine)
    assert done.shared is not None
    assert (done.shared.takes, _n_takes(machines)) == (4, 2)
    _refused(machines, machines.yours)


def test_a_revocation_without_the_store_is_not_called_done(machines: Machines) -> None:
    with pytest.raises(EnvironmentFault, match="was left alone") as caught:
        _revoke(machines.mine, store="off")
    assert "without --store off" in caught.value.remedy
    assert caught.value.exit_code == 4
    assert _revoke(machines.mine).shared is not None
    assert _n_takes(machines) == 2


def test_a_store_whose_address_was_never_noted_is_still_to_do(machines: Machines) -> None:
    note = machines.mine.root / "out/shared.json"
    said = orjson.loads(note.read_bytes())
    for mark in said["stores"].values():
        del mark["address"]
    note.write_bytes(orjson.dumps(said))
    with pytest.raises(EnvironmentFault, match="whose address was not noted"):
        _revoke(machines.mine)
    assert _revoke(machines.mine, store=machines.url).shared is not None
    assert _n_takes(machines) == 2


def test_a_damaged_list_of_stores_is_still_to_do(machines: Machines) -> None:
    (machines.mine.root / "out/shared.json").write_bytes(b"{")
    with pytest.raises(EnvironmentFault, match=r"shared\.json is damaged"):
        _revoke(machines.mine)


def test_a_store_is_noted_before_the_first_take_goes_there(
    machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.rmtree(machines.shared)
    machines.shared.mkdir()

    def killed(*_: object) -> None:
        raise EnvironmentFault("the network is gone")

    machines.yours.render()
    with monkeypatch.context() as patched:
        patched.setattr(SharedStore, "at_once", killed)
        with pytest.raises(EnvironmentFault):
            machines.render(machines.yours)
    assert machines.url in (machines.yours.root / "out/shared.json").read_text("utf-8")


def test_a_note_in_the_store_stops_one_who_has_everything_already(machines: Machines) -> None:
    snapshot = take_snapshot(machines.yours.root)
    options = RenderOptions(engines=ENGINES, jobs=1, store=machines.url)
    render_project(machines.yours.project(), options, on_event=lambda _: None, snapshot=snapshot)
    snapshot = take_snapshot(machines.yours.root)
    assert snapshot is not None
    assert find_up_to_date_for_render(snapshot, store=machines.url) is not None
    _revoke(machines.mine)
    assert find_up_to_date_for_render(snapshot, store=machines.url) is None
    _refused(machines, machines.yours)


def test_what_the_store_said_stands_when_the_store_is_left_out(machines: Machines) -> None:
    machines.render(machines.yours)
    _revoke(machines.mine)
    _refused(machines, machines.yours)
    _refused(machines, machines.yours, store="off")


def test_a_note_that_reaches_the_store_during_a_render_is_seen(machines: Machines) -> None:
    machines.render(machines.yours)
    guard = Guard(machines.yours)
    report = _render_while(machines.yours, lambda: _revoke(machines.mine), store=machines.url)
    guard.left_out(report)
    assert _n_takes(machines) == 2, "nothing of hers was shared again"


def test_a_shared_take_of_a_revoked_record_does_not_come_under_a_new_one(
    machines: Machines,
) -> None:
    hidden = machines.shared.parent / "hidden"
    shutil.copytree(machines.shared / "takes", hidden / "takes")
    shutil.copytree(machines.shared / "objects", hidden / "objects")
    _revoke(machines.mine)
    for folder in ("takes", "objects"):
        shutil.copytree(hidden / folder, machines.shared / folder, dirs_exist_ok=True)
    fresh_voice(machines.yours, "ann-2027")
    report = machines.render(machines.yours)
    assert (report.rendered, report.pulled) == (4, 2)
    made = TakeStore(machines.yours.root / "out").takes.get(entry_of(machines.yours).take_key)
    assert made is not None
    assert made.consent == "ann-2027"


def test_a_pinned_take_from_the_store_is_asked_for_by_its_own_voice(machines: Machines) -> None:
    take = pin(machines.mine)
    recast(machines.yours)
    machines.render(machines.yours, store="off")
    shutil.copyfile(machines.mine.root / "decisions.csv", machines.yours.root / "decisions.csv")
    end(machines.yours, "expired")
    with pytest.raises(InputError) as caught:
        machines.render(machines.yours)
    assert {problem.code for problem in caught.value.diagnostics} == {"VP404"}
    assert take in TakeStore(machines.yours.root / "out").known_takes(), "it came, and was refused"
    assert len(versions(machines.yours.root / "out", "small")) == 1


def test_a_pinned_take_from_the_store_says_whose_voice_it_is(machines: Machines) -> None:
    pin(machines.mine)
    recast(machines.yours)
    machines.render(machines.yours, store="off")
    shutil.copyfile(machines.mine.root / "decisions.csv", machines.yours.root / "decisions.csv")
    report = machines.render(machines.yours)
    assert report.is_whole
    entry = entry_of(machines.yours, HERS)
    assert (entry.voice, entry.consent, entry.pinned) == ("ann", "ann-consent", True)


def test_a_folder_is_asked_every_time_and_a_bucket_is_not(machines: Machines) -> None:
    settings = machines.mine.project().settings
    assert not noted_in_folder(store_address(settings, machines.url)).as_tuple()
    _revoke(machines.mine)
    (revocation,) = noted_in_folder(store_address(settings, machines.url)).as_tuple()
    assert revocation.voice == "ann"
    assert not noted_in_folder(store_address(settings, "s3://bucket/x")).as_tuple()
    sharing = sharing_of(machines.yours.project(), machines.url)
    assert sharing is not None
    assert sharing.revoked.of("ann")
