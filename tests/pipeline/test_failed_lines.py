"""A line that fails keeps the clip it had: said to be outdated, and only where consent allows."""

from __future__ import annotations

import pytest
from small_project import Bench

from voicepipe.bank.manifest import BankManifest, ManifestEntry
from voicepipe.bank.plan import Action
from voicepipe.bank.versions import load_latest
from voicepipe.pipeline.render.rendering import RenderOptions

LINE = ("hall_0020", "en")


def _manifest(bench: Bench) -> BankManifest:
    manifest = load_latest(bench.root / "out", "small")
    assert manifest is not None
    return manifest


def _entries(bench: Bench) -> dict[tuple[str, str], ManifestEntry]:
    return {(entry.line, entry.language): entry for entry in _manifest(bench).entries}


@pytest.fixture
def failing(rendered: Bench) -> Bench:
    """Rendered once; two lines have changed since, and one of them cannot be said."""
    rendered.edit("scripts_in/hall.yaml", "It was.", "Something unspeakable.")
    rendered.edit("scripts_in/hall.yaml", "Good evening.", "Good morning.")
    return rendered


def test_a_failed_line_keeps_its_last_good_clip_marked_outdated(failing: Bench) -> None:
    before = _entries(failing)
    report = failing.render()
    after = _entries(failing)
    assert report.published is not None
    assert report.published.is_new
    assert after.keys() == before.keys()
    assert (after[LINE].sha256, after[LINE].text) == (before[LINE].sha256, "It was.")
    assert [key for key, entry in after.items() if entry.outdated] == [LINE]
    assert (report.kept_outdated, report.outdated, len(report.failed)) == (1, 0, 1)
    assert [(row["line"], row["language"]) for row in _manifest(failing).failed] == [LINE]
    assert (report.published.path / after[LINE].file).is_file()


def test_strict_leaves_a_failed_line_out(failing: Bench) -> None:
    report = failing.render(RenderOptions(strict=True))
    assert LINE not in _entries(failing)
    assert (report.kept_outdated, len(report.failed)) == (0, 1)


def test_a_release_publishes_no_outdated_clip(failing: Bench) -> None:
    assert failing.render(RenderOptions(release=True)).published is None
    assert _manifest(failing).version == "v0001"


def test_failing_again_publishes_nothing_new_and_a_mended_line_is_not_outdated(
    failing: Bench,
) -> None:
    failing.render()
    again = failing.render()
    assert again.published is not None
    assert (again.published.is_new, again.kept_outdated) == (False, 1)
    failing.edit("scripts_in/hall.yaml", "Something unspeakable.", "It was.")
    assert failing.plan().plan.has_changes
    assert not failing.plan().plan.of(Action.RENDER)
    report = failing.render()
    assert report.is_whole
    assert not any(entry.outdated for entry in _manifest(failing).entries)
    assert _manifest(failing).failed == ()


def test_a_clip_outside_the_selection_is_marked_outdated_too(failing: Bench) -> None:
    report = failing.render(lines=["hall_0010"])
    assert (report.outdated, report.kept_outdated) == (1, 0)
    assert [key for key, entry in _entries(failing).items() if entry.outdated] == [LINE]


def test_nothing_is_published_when_every_line_failed(rendered: Bench) -> None:
    for text in ("Good evening.", "It was.", "Stay.", "Guten Abend.", "Es war einer.", "Bleib."):
        rendered.edit("scripts_in/hall.yaml", text, f"unspeakable {text}")
    report = rendered.render()
    assert (report.published, report.kept_outdated, len(report.failed)) == (None, 0, 6)
    assert _manifest(rendered).version == "v0001"


def test_a_last_good_clip_of_a_voice_that_may_not_be_heard_is_not_kept(failing: Bench) -> None:
    failing.edit("scripts_in/hall.yaml", "who: bob", "who: ann")
    failing.edit("voices/bob.yaml", "from: 2020-01-01", "from: 2020-01-01\n  revoked: 2024-01-01")
    report = failing.render()
    assert LINE not in _entries(failing)
    (failed,) = report.failed
    assert "cannot say that" in failed.reason
    assert "its last clip is not kept" in failed.reason
    assert "VP402" in failed.reason
