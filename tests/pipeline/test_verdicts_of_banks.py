"""What a bank says of how its clips stand, who listens, and what a release asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from small_project import ENGINES, Bench, write_small_project

from voicepipe.audio.clip import AudioClip
from voicepipe.audio.encode import encode_wav
from voicepipe.audio.wav import decode_clip
from voicepipe.bank.compare import compare_versions
from voicepipe.bank.decisions_file import load_decisions, save_decisions
from voicepipe.bank.reviews import Assessment, Review, ReviewKind
from voicepipe.bank.versions import load_latest, load_version, versions
from voicepipe.errors import EnvironmentFault, UsageError
from voicepipe.pipeline.judged import JudgeOptions
from voicepipe.pipeline.render.judging import OUT_OF_DATE, judge_bank
from voicepipe.pipeline.render.judging_recordings import judge_recordings
from voicepipe.pipeline.render.rendering import RenderOptions
from voicepipe.qc.examining import Examiner
from voicepipe.qc.findings import Reason
from voicepipe.qc.verdicts import Verdict
from voicepipe.workers.events import ClipDone, LineFailed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicepipe.bank.manifest import BankManifest, ManifestEntry
    from voicepipe.pipeline.judged import Judged, JudgedLine

NOTHING_COUNTS = ", ".join(f"{reason.value}: never" for reason in Reason)
ANN_FAILS = "voices: {ann: {limits: {offset: -1}}}"
"""Ann speaks four of the six clips; no signal's mean lies under minus full scale."""


@pytest.fixture(scope="module", autouse=True)
def _whoever_is_installed() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("VOICEPIPE_QC")
        yield


@pytest.fixture(scope="module")
def judged_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("judged") / "small"
    write_small_project(root)
    held_to(Bench(root), ANN_FAILS)
    assert Bench(root).render().rendered == 6
    return root


@pytest.fixture
def judged(judged_root: Path, tmp_path: Path) -> Bench:
    import shutil

    shutil.copytree(judged_root, tmp_path / "small")
    return Bench(tmp_path / "small")


def held_to(bench: Bench, more: str, *, analysers: str = "signal", release: str = "signal") -> None:
    path = bench.root / "voicepipe.yaml"
    kept = [line for line in path.read_text("utf-8").splitlines() if not line.startswith("qc:")]
    more = f", {more}" if more else ""
    kept.append(
        f"qc: {{release: {release}, analysers: [{analysers}], retakes: 1,"
        f" limits: {{{NOTHING_COUNTS}}}{more}}}"
    )
    path.write_text("\n".join(kept) + "\n", "utf-8")


def latest_of(bench: Bench) -> BankManifest:
    manifest = load_latest(bench.root / "out", "small")
    assert manifest is not None
    return manifest


def stands(bench: Bench) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for entry in latest_of(bench).entries:
        found.setdefault(entry.voice, set()).add(entry.verdict)
    return found


def judge(bench: Bench, *, qc: str | None = None) -> Judged:
    options = JudgeOptions(jobs=1, engines=ENGINES, qc=qc)  # type: ignore[arg-type]
    return judge_bank(bench.root, options, on_event=bench.events.append)


def judged_line(found: Judged, line: str, language: str) -> JudgedLine:
    (one,) = [one for one in found.lines if (one.line, one.language) == (line, language)]
    return one


def test_a_render_publishes_how_its_clips_stand(judged: Bench) -> None:
    assert stands(judged) == {"ann": {"failed"}, "bob": {"passed"}}
    for entry in latest_of(judged).entries:
        is_ann = entry.voice == "ann"
        assert entry.judged == {"signal": "failed" if is_ann else "passed"}
        assert entry.reasons == (("offset",) if is_ann else ())
        assert entry.retakes == is_ann  # one, as the settings say
        assert "offset" in entry.scores
    report = judged.render()
    assert report.published is not None
    assert not report.published.is_new
    assert report.verdicts() == {"passed": 2, "failed": 4, "not judged": 0}


def test_clips_of_the_same_project_are_the_same_wherever_they_are_made(
    judged: Bench, tmp_path: Path
) -> None:
    write_small_project(tmp_path / "clone")
    clone = Bench(tmp_path / "clone")
    held_to(clone, ANN_FAILS)
    clone.render(RenderOptions(jobs=2))
    assert latest_of(clone).content_sha256 == latest_of(judged).content_sha256


def test_other_limits_need_no_listening_and_no_render(judged: Bench) -> None:
    held_to(judged, "")
    report = judged.render()
    assert (report.rendered, report.post_processed) == (0, 0)
    assert not [event for event in judged.events if isinstance(event, ClipDone)]
    assert stands(judged) == {"ann": {"passed"}, "bob": {"passed"}}
    first, second = (load_version(one) for one in versions(judged.root / "out", "small"))
    assert [e.sha256 for e in first.entries] == [e.sha256 for e in second.entries]
    quality = {item.line: item.quality for item in compare_versions(first, second).changes}
    assert quality == {"hall_0010": "better", "hall_0020": "", "hall_0030": "better"}
    assert {item.quality for item in compare_versions(second, first).changes} == {"worse", ""}


def test_a_bank_is_listened_to_once(bench: Bench) -> None:
    held_to(bench, ANN_FAILS)
    bench.render(RenderOptions(qc="off"))
    assert stands(bench) == {"ann": {"not judged"}, "bob": {"not judged"}}
    first = judge(bench)
    assert (first.listened, first.version) == (6, "v0002")
    assert first.counts() == {"passed": 2, "failed": 4, "not judged": 0}
    assert [one.verdict.verdict.value for one in first.lines] == ["failed"] * 4 + ["passed"] * 2
    assert stands(bench) == {"ann": {"failed"}, "bob": {"passed"}}
    second = judge(bench)
    assert (second.listened, second.version) == (0, "v0002")
    assert [one.line for one in second.lines] == [one.line for one in first.lines]
    report = bench.render()
    assert report.published is not None
    assert (report.published.version, report.published.is_new) == ("v0002", False)


@pytest.fixture
def _nobody_hears_naturalness(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = property(lambda _: {"naturalness": "its toys are not installed"})
    monkeypatch.setattr(Examiner, "unavailable", lacking)


@pytest.mark.usefixtures("_nobody_hears_naturalness")
def test_what_nobody_here_can_judge_is_not_judged(judged: Bench) -> None:
    held_to(judged, "", analysers="signal, naturalness")
    found = judge(judged)
    assert found.counts()["not judged"] == 6
    assert stands(judged) == {"ann": {"not judged"}, "bob": {"not judged"}}
    whys = {one.analyser: one.why for one in found.lines[0].verdict.analysers}
    assert whys["naturalness"] == "its toys are not installed"
    with pytest.raises(EnvironmentFault, match="naturalness cannot judge here"):
        judge(judged, qc="full")


@pytest.mark.usefixtures("_nobody_hears_naturalness")
def test_a_clip_the_script_no_longer_asks_for_is_not_judged_against_it(judged: Bench) -> None:
    judged.edit("scripts_in/hall.yaml", "Stay.", "Please stay.")
    line = judged_line(judge(judged), "hall_0030", "en")
    assert line.verdict.analysers[0].verdict is Verdict.FAILED  # what is known of it
    held_to(judged, ANN_FAILS, analysers="signal, naturalness")
    line = judged_line(judge(judged), "hall_0030", "en")
    assert line.verdict.analysers[1].why == OUT_OF_DATE


def test_a_release_names_every_clip_that_did_not_pass(judged: Bench) -> None:
    report = judged.render(RenderOptions(release=True))
    assert report.published is None
    assert sorted((one.line_id, one.language) for one in report.failed) == [
        (line, language) for line in ("hall_0010", "hall_0030") for language in ("de", "en")
    ]
    assert all(one.script.startswith("scripts_in/hall.yaml:") for one in report.failed)
    assert {one.reason for one in report.failed} == {"its clip failed quality control: offset"}


def test_a_release_names_every_clip_that_nobody_judged(bench: Bench) -> None:
    held_to(bench, "", release="full")
    bench.render(RenderOptions(qc="off"))
    report = bench.render(RenderOptions(release=True))
    assert report.published is None
    assert len(report.failed) == 6
    assert "was not judged (signal)" in report.failed[0].reason
    judge(bench)
    assert bench.render(RenderOptions(release=True)).published is not None


@pytest.mark.usefixtures("_nobody_hears_naturalness")
def test_a_studio_may_ask_less_of_a_release(judged: Bench) -> None:
    held_to(judged, ANN_FAILS, analysers="signal, naturalness", release="signal")
    assert len(judged.render(RenderOptions(release=True)).failed) == 4
    held_to(judged, ANN_FAILS, analysers="signal, naturalness", release="off")
    assert judged.render(RenderOptions(release=True)).published is not None


def test_a_person_may_pass_what_an_analyser_failed(judged: Bench) -> None:
    decisions = load_decisions(judged.root, judged.root / "out")
    failed = [entry for entry in latest_of(judged).entries if entry.verdict == "failed"]
    for entry in failed:
        review = Review(
            value=Assessment.APPROVED.value, sound=entry.sha256, heard_take=entry.take_key
        )
        decisions = decisions.with_review(entry.line, entry.language, ReviewKind.ASSESSMENT, review)
    save_decisions(judged.root, decisions)
    assert judged.render(RenderOptions(release=True)).published is not None


def test_a_folder_of_recordings_is_judged_against_the_script(judged: Bench, tmp_path: Path) -> None:
    entry = cast("ManifestEntry", judged.entries()["hall_0020", "en"])
    sound = decode_clip((judged.root / "out/banks/small/v0001" / entry.file).read_bytes(), "clip")[
        0
    ]
    folder = tmp_path / "session" / "en"
    folder.mkdir(parents=True)
    good = encode_wav(AudioClip(samples=sound.samples, sample_rate=16_000), bit_depth=24)
    for name in ("hall_0020", "hall_0010", "hall_9999"):
        (folder / f"{name}.wav").write_bytes(good)
    silent = encode_wav(AudioClip(samples=sound.samples * 0, sample_rate=16_000), bit_depth=24)
    (folder / "hall_0030.wav").write_bytes(silent)
    options = JudgeOptions(engines=ENGINES)
    found, unfit = judge_recordings(
        judged.root, folder.parent, options, on_event=judged.events.append
    )
    assert [(one.line, one.verdict.verdict.value) for one in found.lines] == [
        ("hall_0010", "failed"),  # ann's
        ("hall_0030", "failed"),
        ("hall_0020", "passed"),
    ]
    assert "is silent" in found.lines[1].verdict.analysers[0].why
    assert ["hall_9999" in problem.message for problem in unfit] == [True]
    assert not [event for event in judged.events if isinstance(event, LineFailed)]


def test_a_machine_may_say_who_listens(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    held_to(bench, "")
    monkeypatch.setenv("VOICEPIPE_QC", "off")
    bench.render()
    assert stands(bench) == {"ann": {"not judged"}, "bob": {"not judged"}}
    monkeypatch.setenv("VOICEPIPE_QC", "perhaps")
    with pytest.raises(UsageError, match='VOICEPIPE_QC is "perhaps"'):
        judge(bench)
    assert judge(bench, qc="signal").listened == 6
