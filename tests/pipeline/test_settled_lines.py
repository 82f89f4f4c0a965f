"""A plan that takes lines for settled is the plan without, whatever changed in between."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from cloned_project import EDITS, write_cloned_project
from stand_in_bank import publish_stand_ins

from voicepipe.bank.clip_facts import ClipListing, ClipMaking, fields_of
from voicepipe.bank.entries import collect_entries
from voicepipe.bank.take_store import TakeStore
from voicepipe.kept_documents import DocumentStore, KeptForms
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.render import settled_lines
from voicepipe.pipeline.render.clip_requests import ClipRequests
from voicepipe.pipeline.render.planning import plan_project, up_to_date_version
from voicepipe.pipeline.render.rendering import RenderOptions, render_project
from voicepipe.user_cache import CACHE_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from voicepipe.pipeline.render.clip_requests import ClipRequest
    from voicepipe.pipeline.render.planning import Planned
    from voicepipe.voices.voice import CastLine

OTHER_SCENE = """\
scene: drift
nodes:
  start:
    - {line: drift_0010, who: noah, note: low, text: {en: "We drift."}}
    - {line: drift_0020, who: mara, text: {en: "Then we wait."}}
    - goto: END
"""
LISTINGS = {
    "a note": ("scripts_in/02_drift.yaml", "note: low", "note: lower"),
    "tags": ("scripts_in/02_drift.yaml", "note: low", "note: low, tags: [cold]"),
    "a place": ("scripts_in/02_drift.yaml", "scene:", "# x\nscene:"),
    "a line before others": (
        "scripts_in/01_wake.yaml",
        "    - goto",
        '    - {line: wake_0040, who: noah, text: {en: "No."}}\n    - goto',
    ),
    "a node's id": ("scripts_in/02_drift.yaml", "  start:", "  begin:"),
    "labels": ("voicepipe.yaml", "qc:", "labels: {producer: Harbor Studio}\nqc:"),
    "a recording": ("overrides/en/drift_0010.wav", "", "-"),
    "a take": ("decisions.csv", "", "drift_0010,en,take,2,,,,,,1\n"),
    "a pin": ("decisions.csv", "", f"drift_0010,en,take,1,,{'a' * 64},1,,,1\n"),
}
COLUMNS = "line,language,kind,take,seed,pin,pinned_take,recording,text,change\n"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_cloned_project(tmp_path_factory.mktemp("film"))
    (root / "scripts_in/02_drift.yaml").write_text(OTHER_SCENE, "utf-8")
    first = root / "scripts_in/01_wake.yaml"
    first.write_text(first.read_text("utf-8").replace("goto: END", "goto: drift"), "utf-8")
    publish_stand_ins(root)
    return root


@pytest.fixture
def project(original: Path, tmp_path: Path) -> Path:
    return shutil.copytree(original, tmp_path / "project", symlinks=True)


@pytest.fixture
def described(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines whose clips are described."""
    lines: list[str] = []
    describe = ClipRequests._described

    def noted(requests: ClipRequests, cast: CastLine) -> ClipRequest:
        lines.append(cast.line.id)
        return describe(requests, cast)

    monkeypatch.setattr(ClipRequests, "_described", noted)
    return lines


def planned_in(root: Path, cache: Path) -> Planned:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(cache))
        return plan_project(load_project(root))


def answer(root: Path, cache: Path) -> object:
    """All that a plan says, and what a render would publish after it."""
    planned = planned_in(root, cache)
    steps = [
        (
            step.action, step.line, step.language, step.reasons, step.ignored, step.take_key,
            step.pinned, step.previous,
            step.wanted and fields_of(step.wanted, ClipListing),
            step.wanted and fields_of(step.wanted, ClipMaking),
            step.wanted and (step.wanted.take_key, step.wanted.clip_key, step.wanted.take),
        )
        for step in planned.plan.steps
    ]  # fmt: skip
    entries = collect_entries(planned.plan, TakeStore(root / "out")).entries
    described = [(one.metadata, one.cost_s, one.post) for one in planned.clip_requests.values()]
    return steps, entries, described, up_to_date_version(planned) is None, planned.have_clips


def edited(root: Path, path: str, old: str, new: str) -> Callable[[], object]:
    """Edit a file; gives what undoes it."""
    file = root / path
    if old:
        text = file.read_text("utf-8")
        assert old in text, path
        file.write_text(text.replace(old, new, 1), "utf-8")
        return lambda: file.write_text(text, "utf-8")
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix == ".csv":
        file.write_text(COLUMNS + new, "utf-8")
    else:
        shutil.copyfile(next((root / "out/objects").rglob("*.wav")), file)
    return file.unlink


def test_any_edit_gives_the_plan_of_a_project_nobody_has_planned(
    project: Path, tmp_path: Path
) -> None:
    kept, nothing = tmp_path / "kept", tmp_path / "nothing"
    first = answer(project, kept)
    for name, edit in (EDITS | LISTINGS).items():
        undo = edited(project, *edit)
        changed = answer(project, kept)
        for stale in nothing.glob("settled*"):
            stale.unlink()
        assert answer(project, nothing) == changed, name
        assert answer(project, kept) == changed, name
        undo()
        assert answer(project, kept) == first, name


def test_only_the_lines_of_changed_scenes_are_described_again(
    project: Path, tmp_path: Path, described: list[str]
) -> None:
    kept = tmp_path / "kept"
    planned_in(project, kept)
    assert len(described) == 5
    described.clear()
    assert not planned_in(project, kept).plan.has_changes
    assert described == []
    edited(project, *EDITS["a text"])
    assert planned_in(project, kept).plan.has_changes
    assert described == ["wake_0010", "wake_0020", "wake_0030"]


def test_a_settled_line_whose_sound_is_gone_is_made_again(project: Path, tmp_path: Path) -> None:
    kept, nothing = tmp_path / "kept", tmp_path / "nothing"
    planned_in(project, kept)
    for path in (project / "out/objects").rglob("*.wav"):
        path.unlink()
    assert answer(project, kept) == answer(project, nothing)
    assert {step.action.value for step in planned_in(project, kept).plan.steps} == {"render"}


def test_a_render_carries_over_what_its_version_has_in_common_with_the_last(
    project: Path, tmp_path: Path, described: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "kept"))
    edited(project, "scripts_in/01_wake.yaml", "emotion: sad, ", "emotion: sad, note: x, ")
    report = render_project(load_project(project), RenderOptions(), on_event=lambda _: None)
    assert report.published is not None
    assert report.published.is_new
    described.clear()
    assert not planned_in(project, tmp_path / "kept").plan.has_changes
    assert described == ["wake_0010", "wake_0020", "wake_0030"]


def test_another_program_describes_every_line(
    project: Path, tmp_path: Path, described: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    planned_in(project, tmp_path / "kept")
    described.clear()
    monkeypatch.setattr(settled_lines, "program_revision", lambda: "another")
    planned_in(project, tmp_path / "kept")
    assert len(described) == 5


def test_what_is_kept_of_other_lines_says_nothing(
    project: Path, tmp_path: Path, described: list[str]
) -> None:
    kept = tmp_path / "kept"
    version = planned_in(project, kept).previous
    assert version is not None
    described.clear()
    documents = KeptForms(
        DocumentStore(kept, settled_lines.SETTLED_VERSIONS), settled_lines.SettledStretches
    )
    key = bytes.fromhex(version.content_sha256)
    documents.note(key, settled_lines.SettledStretches(keys=(b"x" * 16,)))
    documents.keep()
    planned_in(project, kept)
    assert len(described) == 5
