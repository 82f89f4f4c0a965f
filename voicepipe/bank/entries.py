"""From plan and store to manifest entries: who says what about a clip.

The script says what a line is, the clip's record what it measures; of a
pinned take that the present inputs would not make, its own record says how
it was made.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from voicepipe.bank.clip_facts import (
    ClipListing,
    ClipMaking,
    ClipMeasurements,
    ClipRetakes,
    fields_of,
)
from voicepipe.bank.manifest import ManifestEntry
from voicepipe.bank.plan import CLIP_INPUTS, Action, ClipSpec, Reason
from voicepipe.bank.record_fields import field_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.bank.plan import PlanStep, RenderPlan, Wanted
    from voicepipe.bank.records import ClipRecord, TakeRecord
    from voicepipe.bank.take_store import TakeStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What a version would hold, and what it would lack."""

    entries: tuple[ManifestEntry, ...]
    missing: tuple[PlanStep, ...]
    """Wanted lines without a clip in the store: they failed, or were lost."""


def collect_entries(plan: RenderPlan, take_store: TakeStore) -> Collected:
    """Describe every wanted clip that is in the store, after a render.

    Clips that the latest version already describes are taken from there;
    only the others' records are opened.

    Raises:
        EnvironmentFault: The store cannot be read.
    """
    objects = take_store.objects.ids()
    entries, missing = [], []
    for step in plan.steps:
        if step.wanted is None:
            continue
        clip = _clip_of(step, step.wanted, objects, take_store)
        if clip is None or step.action is Action.LOST:
            missing.append(step)
            continue
        if clip is step.previous and is_as_published(step):
            assert isinstance(clip, ManifestEntry), "it is the entry"
            entries.append(clip)
            continue
        take = take_store.takes.get(step.take_key) if _needs_take(step, step.wanted) else None
        entries.append(entry_for(step, step.wanted, clip, take))
    return Collected(entries=tuple(entries), missing=tuple(missing))


_MADE_FROM = attrgetter(*field_names(ClipMaking), "take")


def is_as_published(step: PlanStep) -> bool:
    """Tell whether a kept clip's entry says all that would be said of it anew.

    It is then used as it is.
    """
    wanted, entry = step.wanted, step.previous
    return (
        wanted is not None
        and entry is not None
        and step.action is Action.KEEP
        and step.take_key == wanted.take_key == entry.take_key
        and wanted.clip_key == entry.clip_key
        and not step.pinned
        and not entry.pinned
        and Reason.LISTING not in step.reasons
        and (wanted is entry or _MADE_FROM(wanted) == _MADE_FROM(entry))
        and entry.slot_difference_s == _difference(wanted.slot_s, entry.speech_s)
    )


def _clip_of(
    step: PlanStep, wanted: Wanted, objects: set[str], take_store: TakeStore
) -> ClipRecord | ManifestEntry | None:
    entry = step.previous
    if (
        step.action is Action.KEEP
        and entry is not None
        and entry.clip_key == wanted.clip_key
        and entry.sha256 in objects
    ):
        return entry
    return take_store.find_clip(wanted.clip_key)


def _needs_take(step: PlanStep, wanted: Wanted) -> bool:
    known = {wanted.take_key} | ({step.previous.take_key} if step.previous else set())
    return step.take_key not in known


def entry_for(
    step: PlanStep,
    wanted: Wanted,
    clip: ClipRecord | ManifestEntry,
    take: TakeRecord | None = None,
) -> ManifestEntry:
    """Describe one clip.

    Args:
        step: What was planned for it.
        wanted: Of this step.
        clip: Its record, or its entry in an earlier version.
        take: Its take's record; only needed for a pinned take that neither the present
            inputs nor the latest version describe.
    """
    return ManifestEntry(
        **fields_of(wanted, ClipListing),
        **_making(step, wanted, take),
        **fields_of(clip, ClipMeasurements),
        **fields_of(clip, ClipRetakes),
        sha256=clip.sha256 if isinstance(clip, ManifestEntry) else clip.object_id,
        take_key=step.take_key,
        clip_key=wanted.clip_key,
        take=_take_number(step, wanted),
        pinned=step.pinned,
        slot_difference_s=_difference(wanted.slot_s, clip.speech_s),
    )


def _difference(slot_s: float | None, speech_s: float | None) -> float | None:
    return None if slot_s is None or speech_s is None else round(speech_s - slot_s, 3)


def _take_number(step: PlanStep, wanted: Wanted) -> int:
    if step.pinned and isinstance(wanted, ClipSpec) and wanted.pinned_take:
        return wanted.pinned_take
    maker = _maker(step, wanted, None)
    return maker.take if isinstance(maker, ManifestEntry) else wanted.take


def _making(step: PlanStep, wanted: Wanted, take: TakeRecord | None) -> dict[str, Any]:
    maker = _maker(step, wanted, take)
    consent = maker.consent or (wanted.consent if maker.voice == wanted.voice else "")
    facts = fields_of(maker, ClipMaking)
    return {**facts, "consent": consent, "inputs": _inputs(wanted.inputs, maker.inputs)}


def _maker(step: PlanStep, wanted: Wanted, take: TakeRecord | None) -> ClipMaking:
    """Say who knows how the take that is used was made."""
    if step.take_key == wanted.take_key:
        return wanted
    if step.previous is not None and step.previous.take_key == step.take_key:
        return step.previous
    return take or wanted


def _inputs(now: Mapping[str, str], made_from: Mapping[str, str]) -> Mapping[str, str]:
    if made_from is now:
        return now
    of_take = {
        group: fingerprint for group, fingerprint in made_from.items() if group not in CLIP_INPUTS
    }
    return of_take | {
        group: fingerprint for group, fingerprint in now.items() if group in CLIP_INPUTS
    }
