"""Several takes of a line at once: apart from the bank until one is chosen."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest
from small_project import ENGINES, Bench

from voicepipe.bank.candidates import CANDIDATES_NAME, load_candidates
from voicepipe.bank.collect import find_unused, remove_unused
from voicepipe.bank.decisions_file import load_decisions
from voicepipe.bank.manifest import ManifestEntry
from voicepipe.bank.pins import choose_take, unpin_lines
from voicepipe.bank.take_store import TakeStore
from voicepipe.bank.versions import versions
from voicepipe.errors import InputError, UsageError
from voicepipe.pipeline.listening import PublishedStory, clips_of_lines, takes_to_choose
from voicepipe.pipeline.project import usable_settings
from voicepipe.pipeline.render.comparing import ComparisonReport, render_takes
from voicepipe.pipeline.render.rendering import RenderOptions
from voicepipe.pipeline.selection import Selection


def _takes(bench: Bench, n_takes: int = 3, line: str = "hall_0010") -> ComparisonReport:
    chosen = Selection(lines=frozenset({line}), languages=frozenset({"en"}))
    options = RenderOptions(selection=chosen, engines=ENGINES, jobs=1)
    return render_takes(bench.root, options, n_takes, on_event=bench.events.append)


def _entry(bench: Bench) -> ManifestEntry:
    entry = bench.entries()["hall_0010", "en"]
    assert isinstance(entry, ManifestEntry)
    return entry


def _files(bench: Bench) -> dict[str, bytes]:
    folder = bench.root / "out/banks"
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_takes_are_made_at_once_and_nothing_published_moves(rendered: Bench) -> None:
    before = _files(rendered)
    report = _takes(rendered)
    assert (report.rendered, report.failed) == (3, ())
    assert [(one.take, one.where) for one in report.takes] == [
        (number, "to choose from") for number in (2, 3, 4)
    ]
    assert len({one.path.read_bytes() for one in report.takes}) == 3
    assert _files(rendered) == before
    assert not (rendered.root / "decisions.csv").exists()
    assert rendered.render().rendered == 0
    assert _files(rendered) == before
    assert _takes(rendered).rendered == 0, "the same command gives the same takes"


def test_a_chosen_take_is_in_the_next_version_and_costs_nothing(rendered: Bench) -> None:
    wanted = _takes(rendered).takes[1]
    out = rendered.root / "out"
    (pinned,) = choose_take(out, rendered.root, ["hall_00*"], 3)
    report = rendered.render()
    assert (report.rendered, report.post_processed) == (0, 0)
    entry = _entry(rendered)
    assert (entry.take, entry.pinned, entry.take_key) == (3, True, pinned.take_key)
    assert entry.loudness_lufs == wanted.loudness_lufs
    settings = usable_settings(rendered.root)
    assert [one.where for one in takes_to_choose(rendered.root, settings)][1] == "chosen"
    rendered.edit("scripts_in/hall.yaml", "Good evening.", "Good morning.")
    rendered.render()
    assert _entry(rendered).take_key == pinned.take_key, "a chosen take stays whatever changes"
    unpin_lines(out, rendered.root, ["hall_0010"])
    rendered.render()
    assert (_entry(rendered).take, _entry(rendered).pinned) == (3, False)
    assert [one.take for one in _takes(rendered).takes] == [4, 5, 6]


def test_takes_are_found_by_number(rendered: Bench) -> None:
    settings = usable_settings(rendered.root)
    _takes(rendered)
    (heard,) = clips_of_lines(rendered.root, settings, ["hall_0010"], take=3)
    assert (heard.take, heard.language, heard.where) == (3, "en", "to choose from")
    (heard,) = clips_of_lines(rendered.root, settings, ["hall_0010"], take=1, languages=["de"])
    assert (heard.take, heard.where) == (1, "v0001")
    with pytest.raises(UsageError, match=r"no take 9 of hall_0010; it has 1, 2, 3, 4"):
        clips_of_lines(rendered.root, settings, ["hall_0010"], take=9)
    with pytest.raises(UsageError, match=r"no take 9 of hall_0010 to choose; it has 2, 3, 4"):
        choose_take(rendered.root / "out", rendered.root, ["hall_0010"], 9)
    with pytest.raises(UsageError, match='no take of "hall_0099"'):
        takes_to_choose(rendered.root, settings, ["hall_0099"])


def test_lines_are_heard_in_their_source_language_unless_asked(rendered: Bench) -> None:
    settings = usable_settings(rendered.root)
    heard = clips_of_lines(rendered.root, settings, ["hall_*"])
    assert [(one.line, one.language) for one in heard] == [
        (line, "en") for line in ("hall_0010", "hall_0020", "hall_0030")
    ]
    german = settings.model_copy(update={"source_language": "de"})
    assert {one.language for one in clips_of_lines(rendered.root, german, ["hall_*"])} == {"de"}
    both = clips_of_lines(rendered.root, settings, ["hall_0010"], languages=["en", "de"])
    assert {one.language for one in both} == {"en", "de"}
    assert all(one.path.is_file() for one in both)


def test_what_cannot_be_compared_is_refused(rendered: Bench) -> None:
    with pytest.raises(UsageError, match="every line is not done"):
        render_takes(rendered.root, RenderOptions(engines=ENGINES), 2, on_event=lambda _: None)
    chosen = Selection(lines=frozenset({"hall_0010"}))
    for options in (RenderOptions(retake=True), RenderOptions(seed=1), RenderOptions(release=True)):
        asked = replace(options, selection=chosen, engines=ENGINES)
        with pytest.raises(UsageError, match="to choose from"):
            render_takes(rendered.root, asked, 2, on_event=lambda _: None)
    (rendered.root / "overrides/en").mkdir(parents=True)
    shutil.copy(
        rendered.root / "out/banks/small/v0001/en/hall/hall_0010.wav",
        rendered.root / "overrides/en/hall_0010.wav",
    )
    with pytest.raises(UsageError, match=r"is a recording: overrides/en/hall_0010\.wav"):
        _takes(rendered)


def test_consent_is_asked_for_every_take(rendered: Bench) -> None:
    rendered.edit("voices/ann.yaml", 'scope: ["*"]', "scope: [other]")
    with pytest.raises(InputError):
        _takes(rendered)
    assert not (rendered.root / "out" / CANDIDATES_NAME).exists()


def test_what_failed_is_told_of_and_not_listed(rendered: Bench) -> None:
    rendered.edit("scripts_in/hall.yaml", "Good evening.", "Something unspeakable.")
    report = _takes(rendered, 2)
    assert (len(report.failed), report.takes) == (2, ())


def test_collected_takes_and_damaged_lists_are_no_longer_offered(rendered: Bench) -> None:
    _takes(rendered)
    out, settings = rendered.root / "out", usable_settings(rendered.root)
    remove_unused(out, find_unused(out, rendered.root, days=0))
    assert takes_to_choose(rendered.root, settings) == ()
    assert not TakeStore(out).known_takes() & {one.take_key for one in load_candidates(out)}
    for content in (b"{}", b'[{"line": 1}]', b"\xff"):
        (out / CANDIDATES_NAME).write_bytes(content)
        assert load_candidates(out) == ()
    row = b'[{"line":"a","language":"en","take":0,"take_key":"x","clip_key":"y"}]'
    (out / CANDIDATES_NAME).write_bytes(row)
    assert load_candidates(out) == ()
    assert len(versions(out, "small")) == 1
    assert load_decisions(rendered.root, out).pins() == frozenset()


def test_a_walk_plays_the_variant_it_shows(bench: Bench) -> None:
    bench.edit(
        "scripts_in/hall.yaml",
        "nodes:\n",
        "variables:\n  player: {type: text, values: {ann: Ann, bo: Bo}}\nnodes:\n",
    )
    bench.edit("scripts_in/hall.yaml", "Good evening.", "'Good evening, {player}.'")
    bench.render(languages=["en"])
    settings = usable_settings(bench.root)
    story = PublishedStory(bench.root, settings, language="en", values={"player": "bo"})
    assert [path.stem for path in story.files("hall_0010")] == ["hall_0010__bo"]
    assert [path.stem for path in story.files("hall_0020")] == ["hall_0020"]
    assert story.files("hall_0099") == ()
