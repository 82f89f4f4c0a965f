"""What a render would do, and why: looks at the store, touches nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from voicepipe.bank.integrity import damage_told
from voicepipe.bank.latest_version import load_latest_version
from voicepipe.bank.plan import Action, plan_bank
from voicepipe.bank.publish import BankFacts, published_as_is
from voicepipe.bank.take_store import TakeStore
from voicepipe.errors import CorruptObject
from voicepipe.memory import collection_paused
from voicepipe.pipeline.pins import pin_labels
from voicepipe.pipeline.render.clip_requests import ClipRequests
from voicepipe.pipeline.render.settled_lines import SettledLines
from voicepipe.pipeline.render.shown_texts import shown_texts
from voicepipe.pipeline.render.speech_lengths import SpeechLengths
from voicepipe.pipeline.stored_verdicts import StoredVerdicts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicepipe.bank.latest_version import LatestVersion
    from voicepipe.bank.manifest import BankManifest
    from voicepipe.bank.plan import PlanStep, RenderPlan
    from voicepipe.bank.publish import Published
    from voicepipe.pipeline.project import Project
    from voicepipe.pipeline.render.clip_requests import ClipRequest
    from voicepipe.pipeline.slots import Slots
    from voicepipe.remote.revocations import Revocations
    from voicepipe.screenplay.line import Line
    from voicepipe.settings import Settings
    from voicepipe.voices.voice import CastLine

_LOG = logging.getLogger(__name__)
WORK = (Action.RENDER, Action.POST)
_FEW: Final = 8
"""Clips that are made before what was found out of files meanwhile is no longer fresh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan, and what it was made from."""

    project: Project
    """Under the decisions and revocations the plan goes by."""
    plan: RenderPlan
    clip_requests: ClipRequests
    """(line, language) → how to make its clip."""
    settled: SettledLines
    """What later plans need not find out again."""
    previous: BankManifest | None
    latest: LatestVersion | None
    """The one `previous` is of."""
    looks_later: bool
    """Whether its files are still to be looked at; see `plan_project`."""
    have_takes: frozenset[str]
    have_clips: frozenset[str]
    withheld: Mapping[str, str]
    """Clip key → take key of what lies in the store but was made under a revoked consent, while
    its voice has another record in force: it counts as not there, and a render removes it."""

    def clip_request_of(self, step: PlanStep) -> ClipRequest:
        """Look up how a step's clip is made; the step is not a DROP."""
        return self.clip_requests[step.line, step.language]

    def cast_of(self, step: PlanStep) -> CastLine:
        """Give the line of a step as it is cast; the step is not a DROP."""
        return self.clip_requests.cast_of(step.line, step.language)

    def awaits_source(self, step: PlanStep) -> bool:
        """Tell whether a step's slot is that of a clip in the source language that is not there."""
        return step.wanted is not None and self.clip_request_of(step).awaits_source

    def close(self) -> None:
        """Close the files of the latest version."""
        if self.latest is not None:
            self.latest.close()

    def speech_s(self, steps: Iterable[PlanStep]) -> float:
        """Estimate the seconds of speech that these steps have to render."""
        made = (step for step in steps if step.action is Action.RENDER)
        return sum(self.clip_request_of(step).cost_s for step in made)


StoreLookup = Callable[["Planned"], "Available"]
"""Says what of a plan's work the shared store has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Available:
    """Keys of what can be had from the shared store, or has just come from there."""

    clips: frozenset[str] = frozenset()
    takes: frozenset[str] = frozenset()


def plan_project(
    project: Project,
    *,
    lookup: StoreLookup | None = None,
    sets_aside: bool = False,
    looks_later: bool = False,
    is_told: bool = False,
    slots: Slots | None = None,
) -> Planned:
    """Compare a project with its bank.

    Args:
        project: Read and valid.
        lookup: Asks the shared store; None: there is none.
        sets_aside: The caller holds the lock: stored clips that turn out damaged are moved away.
        looks_later: Where a few clips are to be made, the caller looks at the latest version's
            files while they are, and plans again where `lost_clips` names any.
        is_told: Whoever asks has been warned of the latest version's damage.
        slots: What lines have to fit, where that is known; None: to be found out.

    Raises:
        EnvironmentFault: The store cannot be read, or an engine is not installed.
    """
    with collection_paused():
        out = project.out
        decisions = project.decisions
        latest = load_latest_version(out, project.settings.bank)
        previous = None if latest is None else latest.manifest
        take_store = TakeStore(out)
        lengths = SpeechLengths(take_store, previous)
        labels = pin_labels(out, decisions, previous)
        clip_requests = ClipRequests(project, labels, lengths.of, slots)
        settled = SettledLines(project, previous)
        known = settled.find()
        wanted = [known.get(id(cast)) or clip_requests.of(cast).clip for cast in project.cast]
        withheld = _withheld(project.permissions.revocations, clip_requests, take_store)
        have_clips = take_store.known_clips(previous, among=[clip.clip_key for clip in wanted])
        have_clips -= withheld.keys()
        lacking = [clip for clip in wanted if clip.clip_key not in have_clips]
        looks_later = looks_later and 0 < len(lacking) <= _FEW
        if not looks_later:
            if not is_told:
                tell_damage(latest)
            have_clips -= lost_clips(latest, take_store, sets_aside=sets_aside)
            lacking = [clip for clip in wanted if clip.clip_key not in have_clips]
        keys = {clip.take_key for clip in lacking} | decisions.pins()
        have_takes = take_store.known_takes(among=keys) - set(withheld.values())
        plan = plan_bank(wanted, previous, have_takes, have_clips, decisions)
        settled.note(plan.steps)
    planned = Planned(
        project=project,
        plan=plan,
        clip_requests=clip_requests,
        settled=settled,
        previous=previous,
        latest=latest,
        looks_later=looks_later,
        have_takes=have_takes,
        have_clips=have_clips,
        withheld=withheld,
    )
    if lookup is None or not plan.of(*WORK, Action.LOST):
        return planned
    return _planned_again(planned, lookup(planned))


def _withheld(
    revocations: Revocations, clip_requests: ClipRequests, take_store: TakeStore
) -> dict[str, str]:
    doubtful = {revocation.voice for revocation in revocations.as_tuple()}
    found: dict[str, str] = {}
    for clip_request in clip_requests.values() if doubtful else ():
        if clip_request.recording is not None or clip_request.clip.voice not in doubtful:
            continue
        take = take_store.takes.get(clip_request.clip.take_key)
        if take is not None and revocations.forbid(take.voice, take.consent):
            found[clip_request.clip.clip_key] = take.key
    return found


def plan_with(planned: Planned, fetched: Available) -> Planned:
    """Plan again after clips and takes have come into the store."""
    stocked = replace(
        planned,
        have_takes=planned.have_takes | fetched.takes,
        have_clips=planned.have_clips | fetched.clips,
    )
    return _planned_again(stocked, Available())


def _planned_again(planned: Planned, shared: Available) -> Planned:
    with collection_paused():
        plan = plan_bank(
            [step.wanted for step in planned.plan.steps if step.wanted is not None],
            planned.previous,
            planned.have_takes,
            planned.have_clips,
            planned.project.decisions,
            shared_takes=shared.takes,
            shared_clips=shared.clips,
        )
    return replace(planned, plan=plan)


def up_to_date_version(planned: Planned) -> Published | None:
    """Find that a render would publish nothing: the latest version is what the project says.

    Returns:
        The latest version; None when a render would make a new one, even without a new sound.
    """
    latest = planned.latest
    if latest is None or planned.plan.has_changes or latest.integrity.damaged:
        return None
    project = planned.project
    take_store = TakeStore(project.out)
    if StoredVerdicts(project.settings, take_store, latest.manifest).have_changed():
        return None
    facts = bank_facts(project.settings, project.lines)
    return published_as_is(project.out, facts, latest.manifest, looks=False)


def lost_clips(
    latest: LatestVersion | None, take_store: TakeStore, *, sets_aside: bool
) -> set[str]:
    """Look at the latest version's files, and at the stored objects of those that are damaged.

    Args:
        latest: The version; None: there is none.
        take_store: Of its output folder.
        sets_aside: As of `plan_project`.

    Returns:
        Keys of clips whose stored object is damaged as well: earlier releases shared one file.
    """
    lost: set[str] = set()
    if latest is None or not latest.integrity.damaged:
        return lost
    damaged = latest.integrity.damaged
    for entry in latest.manifest.entries:
        if entry.file not in damaged:
            continue
        try:
            if sets_aside:
                take_store.objects.check(entry.sha256)
            elif not take_store.objects.is_whole(entry.sha256):
                lost.add(entry.clip_key)
        except CorruptObject:
            lost.add(entry.clip_key)
    return lost


def tell_damage(latest: LatestVersion | None) -> None:
    """Warn of what is wrong with the latest version's files, if anything is."""
    if latest is not None and latest.integrity.damaged:
        fault = damage_told(latest.manifest, latest.integrity.damaged)
        _LOG.warning("%s; %s", fault.message, fault.remedy)


def bank_facts(settings: Settings, lines: Sequence[Line] | None = None) -> BankFacts:
    """Say what a manifest says of the bank as a whole.

    Args:
        settings: Of the project.
        lines: Those that are not spoken are listed; None: as the latest version lists them.
    """
    return BankFacts(
        bank=settings.bank,
        source_language=settings.source_language,
        languages=settings.languages,
        sample_rate=settings.audio.sample_rate,
        bit_depth=settings.audio.bit_depth,
        text_languages=settings.text_languages,
        texts=None if lines is None else shown_texts(lines, settings),
    )
