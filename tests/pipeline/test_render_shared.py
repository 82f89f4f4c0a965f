"""Renders that share: what one machine has made, another does not render."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path

import pytest
from small_project import Bench
from two_machines import Machines, two_machines

from voicepipe.bank.decisions_file import load_decisions, save_decisions
from voicepipe.bank.manifest import ManifestEntry
from voicepipe.bank.plan import Action, Reason
from voicepipe.bank.take_store import TakeStore
from voicepipe.errors import EnvironmentFault, InputError, UsageError
from voicepipe.pipeline.render.rendering import RenderOptions
from voicepipe.pipeline.render.sharing import store_address
from voicepipe.pipeline.revocation import revoke_voice
from voicepipe.remote.store import SharedStore
from voicepipe.workers.events import StoreNote

TODAY = datetime.date(2026, 3, 1)


@pytest.fixture
def machines(rendered_root: Path, tmp_path: Path) -> Machines:
    """Mine is rendered, and nothing is shared yet."""
    return two_machines(rendered_root, tmp_path)


def _sounds(bench: Bench) -> dict[tuple[str, str], str]:
    found = {}
    for key, entry in bench.entries().items():
        assert isinstance(entry, ManifestEntry)
        found[key] = entry.sha256
    return found


def _warnings(bench: Bench) -> list[str]:
    notes = [event for event in bench.events if isinstance(event, StoreNote)]
    return [note.message for note in notes if note.is_warning]


def test_what_one_machine_has_another_does_not_render(machines: Machines) -> None:
    report = machines.render(machines.mine)
    assert (report.rendered, report.pulled) == (0, 0), "sharing what was made before"
    assert (len(machines.files("takes")), len(machines.files("clips"))) == (6, 6)
    report = machines.render(machines.yours)
    assert (report.rendered, report.post_processed, report.pulled, report.kept) == (0, 0, 6, 0)
    assert _sounds(machines.yours) == _sounds(machines.mine)
    assert not _warnings(machines.yours)


def test_plan_says_what_is_shared_and_fetches_nothing(machines: Machines) -> None:
    assert machines.plan(machines.yours).plan.counts()[Action.RENDER] == 6
    assert not list(machines.shared.iterdir()), "planning writes nothing"
    machines.render(machines.mine)
    machines.yours.edit("scripts_in/hall.yaml", "Good evening.", "Good morning.")
    counts = machines.plan(machines.yours).plan.counts()
    assert (counts[Action.PULL], counts[Action.RENDER]) == (5, 1)
    reasons = machines.plan(machines.yours).plan.reasons()
    assert reasons[Reason.SHARED] == 5
    assert not (machines.yours.root / "out").exists()


def test_other_post_settings_use_the_shared_takes(machines: Machines) -> None:
    machines.render(machines.mine)
    machines.yours.edit("voicepipe.yaml", "bit_depth: 16", "bit_depth: 16, loudness_lufs: -20")
    assert machines.plan(machines.yours).plan.counts()[Action.PULL] == 6
    report = machines.render(machines.yours)
    assert (report.rendered, report.post_processed, report.pulled) == (0, 6, 6)
    assert len(machines.files("clips")) == 12


def test_what_is_rendered_is_shared(machines: Machines) -> None:
    machines.render(machines.mine)
    machines.mine.edit("scripts_in/hall.yaml", "Good evening.", "Good morning.")
    assert machines.render(machines.mine).rendered == 1
    assert (len(machines.files("takes")), len(machines.files("clips"))) == (7, 7)


def test_nothing_is_asked_when_nothing_is_to_be_done(
    machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    machines.render(machines.mine)
    shutil.rmtree(machines.shared)
    report = machines.render(machines.mine)
    assert report.published is not None
    machines.mine.edit("scripts_in/hall.yaml", "Good evening.", "Good morning.")
    with pytest.raises(EnvironmentFault, match="no such folder"):
        machines.render(machines.mine)
    monkeypatch.setenv("VOICEPIPE_STORE", machines.url)
    assert machines.render(machines.mine, store="off").rendered == 1


def test_a_store_made_anew_gets_everything_again(machines: Machines) -> None:
    machines.render(machines.mine)
    shutil.rmtree(machines.shared)
    machines.shared.mkdir()
    machines.mine.edit("scripts_in/hall.yaml", "Good evening.", "Good morning.")
    machines.render(machines.mine)
    assert (len(machines.files("takes")), len(machines.files("clips"))) == (6, 6)


def test_without_pushing_nothing_is_written_there(machines: Machines) -> None:
    report = machines.render(machines.yours, push=False)
    assert report.rendered == 6
    assert not list(machines.shared.iterdir())


def test_a_selection_fetches_only_its_lines(machines: Machines) -> None:
    machines.render(machines.mine)
    machines.render(machines.yours, store="off")
    machines.yours.edit("voicepipe.yaml", "bit_depth: 16", "bit_depth: 16, loudness_lufs: -20")
    machines.mine.edit("voicepipe.yaml", "bit_depth: 16", "bit_depth: 16, loudness_lufs: -20")
    machines.render(machines.mine)
    report = machines.yours.render(RenderOptions(store=machines.url), lines=["hall_0020"])
    assert (report.rendered, report.post_processed, report.pulled) == (0, 0, 2)
    assert report.outdated == 4


def test_damage_in_the_store_is_told_rendered_and_mended(machines: Machines) -> None:
    machines.render(machines.mine)
    for path in machines.files("objects"):
        path.write_bytes(path.read_bytes()[:-2])
    report = machines.render(machines.yours)
    assert (report.rendered, report.pulled) == (6, 0)
    assert len(_warnings(machines.yours)) == 12
    shutil.rmtree(machines.yours.root / "out")
    assert machines.render(machines.yours).pulled == 6
    assert not _warnings(machines.yours)


def test_a_store_lost_while_rendering_stops_no_publication(
    machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise EnvironmentFault("the network is gone", remedy="look at it")

    with monkeypatch.context() as patched:
        patched.setattr(SharedStore, "write", gone)
        machines.shared.joinpath("voicepipe-store.json").write_text('{"schema":1,"id":"x"}')
        with pytest.raises(EnvironmentFault, match="gone"):
            machines.render(machines.yours)
    assert len(machines.yours.entries()) == 6, "published all the same"
    assert any("tried again" in warning for warning in _warnings(machines.yours))
    report = machines.render(machines.yours)
    assert report.rendered == 0
    assert len(machines.files("takes")) == 6


def test_a_revoked_voice_leaves_the_store_and_does_not_come_back(machines: Machines) -> None:
    machines.render(machines.mine)
    machines.render(machines.yours)
    project = machines.mine.project()
    done = revoke_voice(machines.mine.root, project.settings, "ann", date=TODAY, store=machines.url)
    assert done.shared is not None
    assert (done.shared.takes, done.shared.clips) == (4, 4)
    assert len(machines.files("takes")) == 2
    # A colleague whose voice file has not heard of it hears of it here.
    machines.yours.edit("scripts_in/hall.yaml", "Good evening.", "Good morning.")
    for _ in range(2):
        with pytest.raises(InputError) as caught:
            machines.render(machines.yours)
        assert {problem.code for problem in caught.value.diagnostics} == {"VP402"}
        shutil.rmtree(machines.yours.root / "out", ignore_errors=True)
    assert len(machines.files("takes")) == 2
    (machines.yours.root / "voices/cast.yaml").write_text("ann: bob\n", "utf-8")
    report = machines.render(machines.yours)
    assert (report.rendered, report.pulled) == (4, 2)


def test_a_pinned_take_of_a_voice_revoked_since_is_lost(machines: Machines) -> None:
    machines.render(machines.mine)
    take_store = TakeStore(machines.mine.root / "out")
    theirs = next(
        take
        for take in take_store.takes.records()
        if (take.line, take.language) == ("hall_0010", "en")
    )
    (machines.yours.root / "voices/cast.yaml").write_text("ann: bob\n", "utf-8")
    machines.render(machines.yours, store="off")
    out = machines.yours.root / "out"
    save_decisions(
        out.parent, load_decisions(out.parent, out).with_pin("hall_0010", "en", theirs.key)
    )
    assert machines.plan(machines.yours).plan.counts()[Action.PULL] == 1, "there, and allowed"
    settings = machines.yours.project().settings
    revoke_voice(machines.yours.root, settings, "ann", date=TODAY)
    assert not list((out / "takes").rglob(f"{theirs.key}.json"))
    steps = machines.plan(machines.yours).plan.of(Action.LOST)
    assert [(step.line, step.language) for step in steps] == [("hall_0010", "en")]
    report = machines.render(machines.yours)
    assert [event.line_id for event in report.failed] == ["hall_0010"]
    assert not list((out / "takes").rglob(f"{theirs.key}.json"))


def test_a_revocation_that_cannot_reach_the_store_says_so_and_can_be_run_again(
    machines: Machines,
) -> None:
    machines.render(machines.mine)
    settings = machines.mine.project().settings
    aside = machines.shared.rename(machines.shared.with_name("unmounted"))
    with pytest.raises(EnvironmentFault, match="revoked here, but not in the shared store"):
        revoke_voice(machines.mine.root, settings, "ann", date=TODAY, store=machines.url)
    (machines.mine.root / "voices/ann.yaml").unlink()
    aside.rename(machines.shared)
    done = revoke_voice(machines.mine.root, settings, "ann", date=TODAY, store=machines.url)
    assert done.shared is not None
    assert done.shared.takes == 4


def test_the_asked_store_wins_over_the_machines_and_the_projects(
    machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    machines.mine.edit("voicepipe.yaml", "bank: small", "bank: small\nstore: s3://settings/x")
    settings = machines.mine.project().settings
    assert str(store_address(settings)) == "s3://settings/x"
    monkeypatch.setenv("VOICEPIPE_STORE", "s3://machine/x")
    assert str(store_address(settings)) == "s3://machine/x"
    assert str(store_address(settings, "gs://asked/x")) == "gs://asked/x"
    assert store_address(settings, "off") is None
    with pytest.raises(UsageError, match="credentials"):
        store_address(settings, "s3://key:geheim@bucket/x")
