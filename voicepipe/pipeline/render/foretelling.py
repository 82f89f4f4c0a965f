"""How long lines will speak, from the length of what they say, before anything is rendered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from voicepipe.bank.plan import RECORDED
from voicepipe.bank.take_store import TakeStore
from voicepipe.documents.findings import finding
from voicepipe.pipeline.codes import HARDLY_FITS
from voicepipe.pipeline.render.speech_lengths import SpeechLengths
from voicepipe.pipeline.render.voice_paces import learned_paces, usual_speech_s
from voicepipe.pipeline.slots import has_slots, slot_of
from voicepipe.reports import in_source_order
from voicepipe.synthesis.slot import words_to_change

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicepipe.bank.manifest import BankManifest
    from voicepipe.bank.plan import PlanStep
    from voicepipe.diagnostics import Diagnostic
    from voicepipe.pipeline.project import Project
    from voicepipe.pipeline.render.clip_requests import ClipRequest
    from voicepipe.pipeline.render.planning import Planned
    from voicepipe.synthesis.request import SynthesisRequest
    from voicepipe.synthesis.slot import Slot

_LEEWAY: Final = 0.08
"""Share of its length that a line gains or loses by its pauses and by the best of its retakes."""
_DOUBT: Final = 0.02
"""How much it may be wrong where its slot is a clip's length that is foretold as well: lines that
only pauses and retakes would save are named then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foretold:
    """What is expected of a line before it is rendered."""

    slot: Slot
    natural_s: float
    """Seconds it would speak at its own pace."""
    nearest_s: float
    """Seconds it will speak once its pace and pauses are changed as far as may be."""
    is_measured: bool = False
    """Its clip is there, and speaks so long."""
    is_slot_foretold: bool = False
    """The clip that it has to fit is not there yet."""

    @property
    def fits(self) -> bool:
        """Whether it is likely to."""
        return not self.slot.misfit(self.nearest_s)


def first_pace(request: SynthesisRequest, cost_s: float, slot: Slot) -> float:
    """Choose the pace a line is spoken at first: it follows from the request alone."""
    usual_s = usual_speech_s(request.engine, request.language, cost_s)
    return round(slot.within(usual_s / slot.slot_s), 2)


class Foretelling:
    """Foretells lines of one project.

    Args:
        project: Read and valid.
        wanted: (line, language) → its clip.
        previous: The latest version: what voices have said is measured there.
    """

    def __init__(
        self,
        project: Project,
        wanted: Mapping[tuple[str, str], ClipRequest],
        previous: BankManifest | None,
    ) -> None:
        self._project = project
        self._wanted = wanted
        self._lengths = SpeechLengths(TakeStore(project.out), previous)
        self._heard = _natural_lengths(previous, wanted)
        self._paces = learned_paces(project, wanted, self._heard)

    def of(self, clip_request: ClipRequest) -> Foretold | None:
        """Foretell a line; None: it has nothing to fit."""
        slot = clip_request.slot or self._expected_slot(clip_request)
        if slot is None:
            return None
        spoken_s = self._lengths.of(clip_request.clip.clip_key)
        if spoken_s is not None:  # it is there already
            return Foretold(slot=slot, natural_s=spoken_s, nearest_s=spoken_s, is_measured=True)
        natural_s = self._natural_s(clip_request)
        if natural_s is None:
            return None
        is_slot_foretold = clip_request.slot is None
        leeway = -_DOUBT if is_slot_foretold else _LEEWAY
        return Foretold(
            slot=slot,
            natural_s=natural_s,
            nearest_s=_nearest_s(natural_s, slot, leeway),
            is_slot_foretold=is_slot_foretold,
        )

    def _expected_slot(self, clip_request: ClipRequest) -> Slot | None:
        """Foretell the clip in the source language that is not there yet."""
        if not clip_request.awaits_source:
            return None
        settings = self._project.settings
        source = self._wanted[clip_request.clip.line, settings.source_language]
        natural_s = self._natural_s(source)
        if natural_s is not None and source.slot is not None:
            natural_s = _nearest_s(natural_s, source.slot, _LEEWAY)
        if natural_s is None:
            return None
        return slot_of(settings, clip_request.clip.language, natural_s)

    def _natural_s(self, clip_request: ClipRequest) -> float | None:
        clip = clip_request.clip
        heard_s = self._heard.get((clip.line, clip.language))
        if heard_s is not None:
            return heard_s
        if clip_request.engine is None:  # a recording that nobody has finished yet
            return None
        cost_s = clip_request.cost_s
        known = self._paces.get((clip.voice, clip.language))
        if known is None:
            return usual_speech_s(clip.engine, clip.language, cost_s)
        return cost_s * known


def foretold_of(planned: Planned, steps: Sequence[PlanStep]) -> Mapping[tuple[str, str], Foretold]:
    """Foretell the lines of some steps that have something to fit; by line and language.

    Raises:
        EnvironmentFault: The store cannot be read.
    """
    if not has_slots(planned.project):
        return {}
    foretelling = Foretelling(planned.project, planned.clip_requests, planned.previous)
    found = {
        (step.line, step.language): foretelling.of(planned.clip_request_of(step))
        for step in steps
        if step.wanted is not None
    }
    return {key: one for key, one in found.items() if one is not None}


def foretold_misfits(project: Project) -> list[Diagnostic]:
    """Name the lines that will hardly fit, and those whose clip does not.

    Args:
        project: Read and valid.

    Raises:
        EnvironmentFault: The store cannot be read, or an engine is not installed.
    """
    if not has_slots(project):
        return []
    from voicepipe.pipeline.render.planning import plan_project  # noqa: PLC0415 - few need it

    planned = plan_project(project)
    foretold = foretold_of(planned, planned.plan.steps)
    return [
        _finding(planned.clip_requests[key], one) for key, one in foretold.items() if not one.fits
    ]


def with_foretold_misfits(project: Project) -> Project:
    """Give a project with what is foretold of its lines among its diagnostics."""
    found = foretold_misfits(project)
    if not found:
        return project
    return replace(project, diagnostics=tuple(in_source_order([*project.diagnostics, *found])))


def _finding(clip_request: ClipRequest, foretold: Foretold) -> Diagnostic:
    clip, slot = clip_request.clip, foretold.slot
    off_s = abs(foretold.nearest_s - slot.slot_s)
    is_long = foretold.nearest_s > slot.slot_s
    how = "too long" if is_long else "too short"
    speaks = f"about {foretold.nearest_s:.1f} s at its {'fastest' if is_long else 'slowest'}"
    if foretold.is_measured:
        speaks = f"{foretold.nearest_s:.1f} s"
    message = (
        f'"{clip.line}" in {clip.language} speaks {speaks}, {off_s:.1f} s {how} for its slot of '
        f"{'about ' if foretold.is_slot_foretold else ''}{slot.slot_s:.1f} s"
    )
    change = words_to_change(clip.text, clip.language, speech_s=foretold.nearest_s, slot=slot)
    remedy = f"{change}, or give it another slot"
    return finding(HARDLY_FITS, clip_request.cast.text.span, message, remedy)


def _natural_lengths(
    previous: BankManifest | None, wanted: Mapping[tuple[str, str], ClipRequest]
) -> dict[tuple[str, str], float]:
    """Give how long published clips speak that say what is asked for, at their own pace."""
    found = {}
    for entry in previous.entries if previous is not None else ():
        clip_request = wanted.get((entry.line, entry.language))
        if clip_request is None or RECORDED in (entry.source, clip_request.clip.source):
            continue
        clip = clip_request.clip
        if (entry.text, entry.voice, entry.engine) == (clip.text, clip.voice, clip.engine):
            spoken_s = entry.speech_s or entry.duration_s
            found[entry.line, entry.language] = spoken_s * entry.pace
    return found


def _nearest_s(natural_s: float, slot: Slot, leeway: float) -> float:
    """Give the length nearest to its slot that a line can be brought to."""
    shortest_s = natural_s / slot.fastest * (1 - leeway)
    longest_s = natural_s / slot.slowest * (1 + leeway)
    return min(max(slot.slot_s, shortest_s), longest_s)
