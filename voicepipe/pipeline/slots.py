"""What lines have to fit: a slot of their own, or their clip in the source language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from voicepipe.synthesis.slot import Slot

if TYPE_CHECKING:
    from voicepipe.bank.manifest import ManifestEntry
    from voicepipe.pipeline.project import Project
    from voicepipe.screenplay.line import Line
    from voicepipe.settings import Settings


FITS: Final = "fits"
TOO_LONG: Final = "too long"
TOO_SHORT: Final = "too short"
Slots = Mapping[tuple[str, str], Slot]
"""(line, language) → what it has to fit; a line that is not there has nothing to."""


def has_slots(project: Project) -> bool:
    """Tell whether anything in a project has to fit anything."""
    rules = [project.settings.timing.of(language) for language in project.settings.languages]
    if any(one.fit == "source" for one in rules):
        return True
    return any(one.fit != "off" for one in rules) and any(line.slots for line in project.lines)


def follows_source(settings: Settings, line: Line, language: str) -> bool:
    """Tell whether the clip in the source language says how long a line is to be."""
    if language == settings.source_language or line.slot_s(language) is not None:
        return False
    return settings.timing.of(language).fit == "source"


def slot_state(settings: Settings, entry: ManifestEntry | None) -> str:
    """Say how a clip stands to its slot: `fits`, `too long`, `too short`; empty: it has none."""
    if entry is None or entry.slot_s is None or entry.slot_difference_s is None:
        return ""
    slot = slot_of(settings, entry.language, entry.slot_s)
    if not slot.misfit(entry.slot_s + entry.slot_difference_s):
        return FITS
    return TOO_LONG if entry.slot_difference_s > 0 else TOO_SHORT


def own_slot(settings: Settings, line: Line, language: str) -> Slot | None:
    """Give the slot that the script gives a line in a language."""
    slot_s = line.slot_s(language) if line.slots else None
    if slot_s is None or settings.timing.of(language).fit == "off":
        return None
    return slot_of(settings, language, slot_s)


def slot_of(settings: Settings, language: str, slot_s: float) -> Slot:
    """Give a slot with what a language's settings say of fitting it.

    Args:
        settings: Of the project.
        language: Of the line that has to fit.
        slot_s: To be rounded to a hundredth of a second.
    """
    rules = settings.timing.of(language)
    return Slot(
        slot_s=round(slot_s, 2),
        tolerance=rules.tolerance,
        slowest=rules.slowest,
        fastest=rules.fastest,
    )
