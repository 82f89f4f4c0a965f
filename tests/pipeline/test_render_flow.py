"""From script to published version and back again."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from small_project import Bench

from voicepipe.bank.decisions_file import load_decisions, save_decisions
from voicepipe.bank.manifest import ManifestEntry
from voicepipe.bank.overview import list_versions
from voicepipe.bank.pins import pin_lines
from voicepipe.bank.plan import Action, Reason
from voicepipe.bank.versions import load_latest, versions
from voicepipe.errors import InputError, UsageError
from voicepipe.pipeline.render.planning import plan_project, up_to_date_version
from voicepipe.pipeline.render.rendering import RenderOptions
from voicepipe.pipeline.selection import select


def _entry(bench: Bench, line: str, language: str = "en") -> ManifestEntry:
    entry = bench.entries()[line, language]
    assert isinstance(entry, ManifestEntry)
    return entry


def test_a_second_render_renders_nothing_and_publishes_nothing(rendered: Bench) -> None:
    report = rendered.render()
    assert (report.rendered, report.post_processed, report.kept) == (0, 0, 6)
    assert report.published is not None
    assert not report.published.is_new
    assert [v.name for v in versions(rendered.root / "out", "small")] == ["v0001"]


def test_a_lost_pointer_to_the_latest_version_is_set_again(rendered: Bench) -> None:
    pointer = rendered.root / "out/banks/small/latest"
    pointer.write_text("v0099\n", "utf-8")
    project = rendered.project()
    assert up_to_date_version(plan_project(project)) is not None
    assert pointer.read_text("utf-8") == "v0099\n", "planning writes nothing"
    report = rendered.render()
    assert report.published is not None
    assert not report.published.is_new
    assert pointer.read_text("utf-8") == "v0001\n"


def test_the_manifest_says_what_each_clip_is(rendered: Bench) -> None:
    entry = _entry(rendered, "hall_0020")
    assert (entry.speaker, entry.voice, entry.emotion) == ("bob", "bob", "sad")
    assert (entry.source, entry.engine, entry.consent) == ("synthetic", "tone", "bob-consent")
    assert entry.models == {"tone.safetensors": "0" * 64}
    assert entry.script.startswith("scripts_in/hall.yaml:5:")
    assert (entry.before, entry.after) == (("hall_0010",), ("hall_0030",))
    path = rendered.root / "out/banks/small/v0001" / entry.file
    info = sf.info(str(path))
    assert (info.samplerate, info.subtype) == (16_000, "PCM_16")
    assert info.duration == pytest.approx(entry.duration_s)


def test_one_changed_text_renders_one_line(rendered: Bench) -> None:
    rendered.edit("scripts_in/hall.yaml", "Good evening.", "Good morning.")
    steps = rendered.plan().plan.of(Action.RENDER)
    assert [(s.line, s.language, s.reasons) for s in steps] == [("hall_0010", "en", (Reason.TEXT,))]
    before = rendered.entries()
    report = rendered.render()
    assert (report.rendered, report.post_processed) == (1, 0)
    after = rendered.entries()
    assert [key for key in after if after[key] != before[key]] == [("hall_0010", "en")]


def test_post_settings_finish_again_but_render_nothing(rendered: Bench) -> None:
    rendered.edit("voicepipe.yaml", "bit_depth: 16", "bit_depth: 16, loudness_lufs: -20")
    report = rendered.render()
    assert (report.rendered, report.post_processed) == (0, 6)
    assert _entry(rendered, "hall_0010").loudness_lufs == pytest.approx(-20, abs=0.2)


def test_a_line_removed_from_the_script_leaves_the_next_version_only(rendered: Bench) -> None:
    rendered.edit("scripts_in/hall.yaml", "{line: hall_0030, who: ann, text:", "{text:")
    report = rendered.render()
    assert (report.dropped, report.rendered) == (2, 0)
    assert ("hall_0030", "en") not in rendered.entries()
    assert (rendered.root / "out/banks/small/v0001/en/hall/hall_0030.wav").is_file()


def _record(bench: Bench, line: str, pitch: float) -> Path:
    path = bench.root / "overrides" / "en" / f"{line}.wav"
    path.parent.mkdir(parents=True, exist_ok=True)
    time = np.arange(22_050 * 2) / 22_050
    sf.write(path, 0.2 * np.sin(2 * np.pi * pitch * time), 22_050)
    return path


def test_a_recording_wins_and_leaving_brings_the_take_back(rendered: Bench) -> None:
    path = _record(rendered, "hall_0010", 330)
    report = rendered.render()
    assert (report.rendered, report.post_processed) == (0, 1)
    entry = _entry(rendered, "hall_0010")
    assert (entry.source, entry.engine, entry.sample_rate) == ("recorded", "", 16_000)
    path.unlink()
    steps = [s for s in rendered.plan().plan.steps if s.reasons]
    assert [(s.action, s.reasons[0]) for s in steps] == [(Action.KEEP, Reason.RECORDING_REMOVED)]
    assert rendered.render().rendered == 0
    assert _entry(rendered, "hall_0010").source == "synthetic"


def test_a_recording_that_fits_no_line_is_reported(rendered: Bench) -> None:
    path = _record(rendered, "hall_0010", 330)
    path.rename(path.with_name("hall_0011.wav"))
    found = [d for d in rendered.project().diagnostics if d.code == "VP692"]
    assert len(found) == 1
    assert 'did you mean "hall_0010"' in found[0].message


def test_sound_that_cannot_be_used_is_reported(rendered: Bench) -> None:
    path = _record(rendered, "hall_0010", 330)
    path.with_name("hall_0020.wav").symlink_to(path)
    path.with_name("hall_0030.flac").write_bytes(b"fLaC")
    path.with_name("notes.txt").write_bytes(b"not sound")
    (path.parent.parent / "de" / "hall_0010.wav").mkdir(parents=True)
    project = rendered.project()
    said = [(d.span.path, d.message) for d in project.diagnostics if d.code == "VP692"]
    assert [place for place, _ in said] == [
        "overrides/de/hall_0010.wav",
        "overrides/en/hall_0020.wav",
        "overrides/en/hall_0030.flac",
    ]
    for (_, message), why in zip(said, ("not an ordinary", "a link", ".flac"), strict=True):
        assert why in message
    assert list(project.recordings) == [("hall_0010", "en")]


def test_a_bad_recording_is_named_from_the_project_root(rendered: Bench) -> None:
    path = _record(rendered, "hall_0010", 330)
    path.write_bytes(b"Not a sound.")
    report = rendered.render()
    assert [event.reason.split(":")[0] for event in report.failed] == ["overrides/en/hall_0010.wav"]
    assert "0x" not in report.failed[0].reason
    manifest = load_latest(rendered.root / "out", "small")
    assert manifest is not None
    assert str(rendered.root) not in str(manifest.failed)


def test_an_overrides_file_is_not_taken_for_an_empty_folder(bench: Bench) -> None:
    (bench.root / "overrides").write_bytes(b"")
    found = [d for d in bench.project().diagnostics if d.code == "VP692"]
    assert ["not a folder" in d.message for d in found] == [True]


def test_a_retake_is_remembered(rendered: Bench) -> None:
    before = _entry(rendered, "hall_0010")
    report = rendered.render(RenderOptions(retake=True), lines=["hall_0010"], languages=["en"])
    assert report.rendered == 1
    after = _entry(rendered, "hall_0010")
    assert (after.take, after.seed != before.seed) == (2, True)
    assert rendered.render().rendered == 0
    report = rendered.render(RenderOptions(retake=True, seed=77), lines=["hall_0010"])
    assert report.rendered == 2
    assert (_entry(rendered, "hall_0010").seed, _entry(rendered, "hall_0010").take) == (77, 3)


def test_a_pinned_line_keeps_its_take_when_its_text_changes(rendered: Bench) -> None:
    out = rendered.root / "out"
    entry = _entry(rendered, "hall_0010")
    save_decisions(
        out.parent, load_decisions(out.parent, out).with_pin("hall_0010", "en", entry.take_key)
    )
    rendered.edit("scripts_in/hall.yaml", "Good evening.", "Good morning.")
    report = rendered.render()
    assert report.rendered == 0
    after = _entry(rendered, "hall_0010")
    assert after.pinned
    assert after.take_key == entry.take_key
    assert after.seed == entry.seed


def test_the_take_of_an_older_version_keeps_its_number_when_it_is_pinned(rendered: Bench) -> None:
    out = rendered.root / "out"
    first = versions(out, "small")[0]
    old = _entry(rendered, "hall_0010")
    for _ in range(2):
        rendered.render(RenderOptions(retake=True), lines=["hall_0010"], languages=["en"])
    assert _entry(rendered, "hall_0010").take == 3
    pin_lines(out, rendered.root, first, ["hall_0010"], ["en"])
    for change in (None, "Good morning."):
        if change:
            rendered.edit("scripts_in/hall.yaml", "Good evening.", change)
        rendered.render()
        entry = _entry(rendered, "hall_0010")
        assert (entry.take, entry.take_key, entry.pinned) == (1, old.take_key, True)


def test_a_pinned_take_is_finished_again_from_its_own_sound(rendered: Bench) -> None:
    out = rendered.root / "out"
    entry = _entry(rendered, "hall_0010")
    save_decisions(
        out.parent, load_decisions(out.parent, out).with_pin("hall_0010", "en", entry.take_key)
    )
    rendered.edit("scripts_in/hall.yaml", "Good evening.", "Good morning.")
    rendered.edit("voicepipe.yaml", "bit_depth: 16", "bit_depth: 16, loudness_lufs: -20")
    report = rendered.render()
    assert (report.rendered, report.post_processed) == (0, 6)
    assert _entry(rendered, "hall_0010").take_key == entry.take_key


def test_a_failed_line_is_listed_and_the_others_are_published(bench: Bench) -> None:
    bench.edit("scripts_in/hall.yaml", "It was.", "Something unspeakable.")
    report = bench.render()
    assert [(e.line_id, e.language) for e in report.failed] == [("hall_0020", "en")]
    assert report.failed[0].script.startswith("scripts_in/hall.yaml:5:")
    manifest = load_latest(bench.root / "out", "small")
    assert manifest is not None
    assert len(manifest.entries) == 5
    assert "cannot say that" in manifest.failed[0]["reason"]
    bench.edit("scripts_in/hall.yaml", "Something unspeakable.", "It was.")
    assert bench.render().rendered == 1


def test_a_release_with_a_failed_line_publishes_nothing(bench: Bench) -> None:
    bench.edit("scripts_in/hall.yaml", "It was.", "Something unspeakable.")
    report = bench.render(RenderOptions(release=True))
    assert report.published is None
    assert len(report.failed) == 1
    assert load_latest(bench.root / "out", "small") is None


def test_a_selection_renders_only_what_it_names(bench: Bench) -> None:
    report = bench.render(languages=["de"])
    assert (report.rendered, report.missing, report.outdated) == (3, 3, 0)
    bench.edit("scripts_in/hall.yaml", "Guten Abend.", "Guten Morgen.")
    report = bench.render(languages=["en"])
    assert (report.rendered, report.missing, report.outdated) == (3, 0, 1)
    assert _entry(bench, "hall_0010", "de").text == "Guten Abend."
    assert bench.render().rendered == 1


def test_a_pattern_chooses_lines_and_a_node_those_in_it(bench: Bench) -> None:
    project = bench.project()
    chosen = select(project, lines=["hall_00[12]0"])
    assert chosen.lines == {"hall_0010", "hall_0020"}
    assert select(project, lines=["*"]).lines == {line.id for line in project.lines}
    for name in ("door", "hall.door"):
        assert select(project, nodes=[name]).nodes == {"hall.door"}
    with pytest.raises(UsageError, match='no line "bridge_'):
        select(project, lines=["bridge_*"])
    with pytest.raises(UsageError, match=r'no node "hall\.dor".*did you mean "hall\.door"'):
        select(project, nodes=["hall.dor"])
    planned = bench.plan()
    steps = [step for step in planned.plan.steps if step.language == "de"]
    whole = planned.speech_s(planned.plan.steps)
    assert 0 < planned.speech_s(steps) < whole


def test_lines_that_were_not_selected_are_not_counted_as_failed(bench: Bench) -> None:
    bench.render(languages=["de"])
    (row,) = list_versions(bench.root / "out", "small")
    assert (row.n_clips, row.n_failed, row.n_missing) == (3, 0, 3)


def test_an_unknown_name_in_a_selection_is_refused_with_the_closest(rendered: Bench) -> None:
    with pytest.raises(UsageError, match='did you mean "hall_0020"'):
        select(rendered.project(), lines=["hall_002"])


def test_a_missing_object_is_made_again(rendered: Bench) -> None:
    entry = _entry(rendered, "hall_0010")
    shutil.rmtree(rendered.root / "out" / "objects" / entry.sha256[:2])
    steps = [s for s in rendered.plan().plan.steps if s.action is not Action.KEEP]
    assert (steps[0].line, steps[0].reasons) == ("hall_0010", (Reason.OBJECT_MISSING,))
    report = rendered.render()
    assert report.rendered + report.post_processed == len(steps)
    assert _entry(rendered, "hall_0010") == entry


def test_errors_stop_a_render_before_anything_is_written(bench: Bench) -> None:
    bench.edit("scripts_in/hall.yaml", "who: bob", "who: rob")
    with pytest.raises(InputError) as caught:
        bench.render()
    assert any(d.code.startswith("VP3") for d in caught.value.diagnostics)
    assert not (bench.root / "out").exists()


def test_no_consent_no_render(bench: Bench) -> None:
    bench.edit("voices/bob.yaml", "from: 2020-01-01", "from: 2020-01-01\n  revoked: 2024-01-01")
    with pytest.raises(InputError) as caught:
        bench.render()
    assert {d.code for d in caught.value.diagnostics} == {"VP402"}


def test_a_release_refuses_placeholder_voices_and_missing_texts(bench: Bench) -> None:
    bench.edit("voices/bob.yaml", "engine: tone", "engine: scratch")
    bench.edit("scripts_in/hall.yaml", ", de: Guten Abend.", "")
    from voicepipe.engines.registry import ENGINES
    from voicepipe.pipeline.project import load_project

    engines = {**ENGINES, "tone": "tone_engine:ToneEngine"}
    codes = {
        d.code: d.severity.value for d in load_project(bench.root, engines=engines).diagnostics
    }
    assert codes == {"VP244": "warning"}
    project = load_project(bench.root, engines=engines, release=True)
    codes = {d.code: d.severity.value for d in project.diagnostics}
    assert codes == {"VP244": "error", "VP691": "error"}


def test_an_unknown_engine_is_named_with_those_there_are(bench: Bench) -> None:
    bench.edit("voices/bob.yaml", "engine: tone", "engine: tune")
    found = [d for d in bench.project().diagnostics if d.code == "VP690"]
    assert 'did you mean "tone"' in found[0].message
