"""Projects that no version control can keep: links, huge files, odd bytes."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import TYPE_CHECKING

from caption_inputs import CAPTION_MAKERS, check_captions
from clip_inputs import CLIP_MAKERS, check_clips
from dataset_inputs import DATASET_MAKERS, check_dataset, check_voices
from export_inputs import EXPORT_CHECKS, EXPORT_MAKERS

from voicepipe.bank.decisions import Decisions
from voicepipe.bank.reviews import Review, ReviewKind
from voicepipe.pipeline.project import load_project
from voicepipe.pipeline.render.foretelling import foretold_misfits
from voicepipe.pipeline.render.planning import plan_project
from voicepipe.pipeline.render.review_checks import rejected_clips, review_findings
from voicepipe.pipeline.render.saying import consent_findings
from voicepipe.settings import load_settings
from voicepipe.voices.catalog import load_catalog
from voicepipe.voices.voice import VoiceId

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from voicepipe.diagnostics import Diagnostic

SETTINGS = "bank: case\nlanguages: [en, zh]\n"


def _project(root: Path) -> Path:
    (root / "voicepipe.yaml").write_text(SETTINGS, "utf-8")
    scripts = root / "scripts_in"
    scripts.mkdir(exist_ok=True)
    return scripts


def _unreadable(root: Path) -> None:
    (_project(root) / "gone.yaml").symlink_to("nowhere.yaml")


def _outside(root: Path) -> None:
    scripts = _project(root)
    outside = root.parent / f"{root.name}-outside.yaml"
    outside.write_text("scene: secret\n", "utf-8")
    (scripts / "linked.yaml").symlink_to(outside)


def _too_large(root: Path) -> None:
    with (_project(root) / "huge.csv").open("wb") as stream:
        stream.truncate(65 * 1024 * 1024)


def _not_utf8(root: Path) -> None:
    scripts = _project(root)
    (scripts / "gbk.yaml").write_bytes("scene: a\ntitle: 舰桥\n".encode("gbk"))
    (scripts / "wide.csv").write_bytes("kind,scene\n".encode("utf-16"))


def _control(root: Path) -> None:
    (_project(root) / "a.yaml").write_bytes(b"scene: a\ntitle: A\x00B\nnote: bell \x07\n")


def _deep(root: Path) -> None:
    (_project(root) / "a.yaml").write_text("scene: " + "[" * 60 + "\n", "utf-8")


def _long(root: Path) -> None:
    cell = "a" * 1_000_001
    (_project(root) / "a.csv").write_text(f"scene,node,who,text:en\na,b,c,{cell}\n", "utf-8")


def _nothing(_: Path) -> None:
    """A folder without anything in it."""


def _no_scripts(root: Path) -> None:
    (_project(root) / "notes.txt").write_text("Not a script.\n", "utf-8")


MAKERS: dict[str, Callable[[Path], None]] = {
    "VP101": _unreadable,
    "VP102": _outside,
    "VP103": _too_large,
    "VP104": _not_utf8,
    "VP105": _control,
    "VP109": _deep,
    "VP110": _long,
    "VP153": _no_scripts,
    "VP506": _nothing,
    **CAPTION_MAKERS,
    **CLIP_MAKERS,
    **DATASET_MAKERS,
    **EXPORT_MAKERS,
}
"""Code → what makes its project in an empty folder, or adds to its `input`."""


def _check_release(root: Path) -> Sequence[Diagnostic]:
    return load_project(root, release=True, today=datetime.date(2026, 6, 1)).diagnostics


def _check_recordings(root: Path) -> Sequence[Diagnostic]:
    today = datetime.date(2026, 6, 1)
    return load_project(root, today=today, reads_recordings=True).diagnostics


def _check_reviews(root: Path) -> Sequence[Diagnostic]:
    project = load_project(root, today=datetime.date(2026, 6, 1))
    planned = plan_project(project)
    return review_findings(planned, rejected_clips(planned))


def _check_rejected(root: Path) -> Sequence[Diagnostic]:
    """Reject the first line's take: its key depends on the engine's revision."""
    project = load_project(root, today=datetime.date(2026, 6, 1))
    step = plan_project(project).plan.steps[0]
    heard = Review(value="rejected", words="it swallows a word", heard_take=step.take_key)
    decisions = Decisions().with_review(step.line, step.language, ReviewKind.ASSESSMENT, heard)
    planned = plan_project(replace(project, decisions=decisions))
    return review_findings(planned, rejected_clips(planned))


def _check_saying(root: Path) -> Sequence[Diagnostic]:
    """Ask to say a sentence in the voice."""
    settings, _ = load_settings(root)
    assert settings is not None
    catalog, _ = load_catalog(root, settings)
    return consent_findings(root, settings, catalog.voices[VoiceId("noah")], "en")


def _check_slots(root: Path) -> Sequence[Diagnostic]:
    return foretold_misfits(load_project(root, today=datetime.date(2026, 6, 1)))


CHECKS: dict[str, Callable[[Path], Sequence[Diagnostic]]] = {
    "VP264": _check_slots,
    "VP412": _check_saying,
    "VP691": _check_release,
    "VP693": _check_recordings,
    "VP720": _check_rejected,
    "VP721": _check_reviews,
    **dict.fromkeys(CAPTION_MAKERS, check_captions),
    **dict.fromkeys(CLIP_MAKERS, check_clips),
    **dict.fromkeys(DATASET_MAKERS, check_dataset),
    "VP656": check_voices,
    **EXPORT_CHECKS,
}
"""Code → how to find it, where reading the project alone does not."""
