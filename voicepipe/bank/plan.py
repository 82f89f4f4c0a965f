"""What a render has to do, line by line, and why. Pure: looks at no disk."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from operator import attrgetter
from typing import TYPE_CHECKING, Union

from voicepipe.bank.clip_facts import ClipListing, ClipMaking
from voicepipe.bank.decisions import Decisions
from voicepipe.bank.record_fields import field_names

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from voicepipe.bank.manifest import BankManifest, ManifestEntry

RECORDED = "recorded"


class Action(Enum):
    """What is done about a line in a language."""

    KEEP = "keep"
    """The finished clip is in the store."""
    POST = "post"
    """The take (or the recording) is there; only post-processing is done."""
    PULL = "pull"
    """Somebody has made the clip, or its take, already: the shared store has it."""
    RENDER = "render"
    DROP = "drop"
    """The latest version has it, the script no longer does."""
    LOST = "lost"
    """Pinned to a take whose sound is gone and whose making cannot be repeated: the line fails."""


class Reason(Enum):
    """Why a line differs from the latest version, in a person's words."""

    NEW = "new"
    TEXT = "text changed"
    DELIVERY = "delivery changed"
    VOICE = "voice changed"
    MODEL = "model changed"
    SAMPLING = "sampling changed"
    SLOT = "slot changed"
    """The picture, or the clip in the source language that a line has to fit."""
    ENGINE = "engine changed"
    RETAKE = "retake"
    POST = "post-processing changed"
    METADATA = "metadata changed"
    RECORDING_ADDED = "recording added"
    RECORDING_CHANGED = "recording changed"
    RECORDING_REMOVED = "recording removed"
    OBJECT_MISSING = "object missing"
    SHARED = "in the shared store"
    PINNED = "pinned"
    PIN_OVERRULED = "pin overruled by a recording"
    UNPINNED = "no longer pinned"
    LISTING = "listing changed"
    """Order, scene, notes, file name …: the sound stays, the manifest differs."""
    OTHER = "inputs changed"
    NOT_WANTED = "no longer in the script"


REASON_OF_INPUT: Mapping[str, Reason] = {
    "text": Reason.TEXT,
    "delivery": Reason.DELIVERY,
    "voice": Reason.VOICE,
    "model": Reason.MODEL,
    "sampling": Reason.SAMPLING,
    "slot": Reason.SLOT,
    "engine": Reason.ENGINE,
    "seed": Reason.RETAKE,
    "post": Reason.POST,
    "metadata": Reason.METADATA,
}
"""Groups of `ClipSpec.inputs` → the reason shown when the fingerprint differs."""
CLIP_INPUTS = frozenset({"post", "metadata"})
"""Groups that make a new clip from the same take."""
_ORDER = {reason: number for number, reason in enumerate(Reason)}
_NO_DECISIONS = Decisions()


@dataclass(frozen=True, slots=True, kw_only=True)
class _KnownRecords:
    """What is there already, by key."""

    takes: Container[str] = frozenset()
    """Takes whose sound is in the store; asked only where a clip is not there."""
    clips: Container[str] = frozenset()
    """Clips whose sound is in the store."""
    shared_takes: Container[str] = frozenset()
    """Takes that can be had from the shared store."""
    shared_clips: Container[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSpec(ClipListing, ClipMaking):
    """One line in one language, as the script, the voices and the settings want it now."""

    take_key: str
    """Of the present inputs, whatever is pinned; for a recording, the sha256 of its bytes."""
    clip_key: str
    """Hash of the take that will be used — the pinned one where a pin holds —, of the
    post-processing and the metadata. See `used_take_key`."""
    take: int
    pinned_take: int = 0
    """The number a pinned take was published with; 0: not known."""


Wanted = Union[ClipSpec, "ManifestEntry"]
"""What the script wants: described anew, or the very entry that says the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """What is done about one line in one language."""

    action: Action
    line: str
    language: str
    reasons: tuple[Reason, ...]
    """Empty: nothing changed."""
    ignored: tuple[Reason, ...] = ()
    """Changes a pin holds back."""
    wanted: Wanted | None
    """None for DROP."""
    previous: ManifestEntry | None
    take_key: str
    """The take this line uses: the pinned one, or the wanted one."""
    pinned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderPlan:
    """All steps: wanted lines in the order given, then dropped ones sorted."""

    steps: tuple[PlanStep, ...]

    def of(self, *actions: Action) -> tuple[PlanStep, ...]:
        """Pick the steps with one of these actions."""
        return tuple(step for step in self.steps if step.action in actions)

    def counts(self) -> dict[Action, int]:
        """Count the steps of each action; zero where there is none."""
        found = Counter(step.action for step in self.steps)
        return {action: found[action] for action in Action}

    def reasons(self) -> dict[Reason, int]:
        """Count the steps that give each reason; only those that occur."""
        found = Counter(reason for step in self.steps for reason in step.reasons)
        return {reason: found[reason] for reason in Reason if found[reason]}

    @property
    def has_changes(self) -> bool:
        """Tell whether a render would leave another bank than the latest version."""
        return not all(_is_settled(step) for step in self.steps)


def used_take_key(wanted_key: str, source: str, pin: str) -> str:
    """Choose the take a line uses.

    Args:
        wanted_key: From the present inputs; of a recording, its sha256.
        source: `scratch`, `synthetic` or `recorded`.
        pin: The pinned take key, or empty.

    Returns:
        The pinned key, unless a recording stands over every take.
    """
    return pin if pin and source != RECORDED else wanted_key


def _is_settled(step: PlanStep) -> bool:
    clip, entry = step.wanted, step.previous
    if step.action is not Action.KEEP or clip is None or entry is None:
        return False
    same_clip_sound = clip.clip_key == entry.clip_key and step.pinned == entry.pinned
    return same_clip_sound and Reason.LISTING not in step.reasons


def entries_by_line(manifest: BankManifest | None) -> dict[tuple[str, str], ManifestEntry]:
    """Give the entries of a version by line and language; none where there is no version."""
    entries = manifest.entries if manifest is not None else ()
    return dict(zip(map(_LINE, entries), entries, strict=True))


def plan_bank(
    wanted: Sequence[Wanted],
    previous: BankManifest | None,
    have_takes: Container[str],
    have_clips: Container[str],
    decisions: Decisions = _NO_DECISIONS,
    *,
    shared_takes: Container[str] = frozenset(),
    shared_clips: Container[str] = frozenset(),
) -> RenderPlan:
    """Compare what is wanted with what is there.

    Args:
        wanted: One a line and language, each once.
        previous: The latest version, to say why something changes.
        have_takes: Keys of takes whose sound is in the store; asked only where a clip is not there.
        have_clips: Keys of clips whose sound is in the store.
        decisions: Retakes and pins.
        shared_takes: Keys of takes that can be had from the shared store.
        shared_clips: Keys of clips that can be had from there.

    Returns:
        A step for every wanted clip and every entry no longer wanted.
    """
    before = entries_by_line(previous)
    stock = _KnownRecords(
        takes=have_takes, clips=have_clips, shared_takes=shared_takes, shared_clips=shared_clips
    )
    steps = []
    for clip in wanted:
        entry = before.pop((clip.line, clip.language), None)
        pin = decisions.of(clip.line, clip.language).pin
        if entry is not None and clip is entry and _is_kept(entry, stock, pin):
            steps.append(_kept(entry))
        else:
            steps.append(_step(clip, entry, stock, pin))
    dropped = [
        PlanStep(
            action=Action.DROP,
            line=entry.line,
            language=entry.language,
            reasons=(Reason.NOT_WANTED,),
            wanted=None,
            previous=entry,
            take_key=entry.take_key,
        )
        for _, entry in sorted(before.items())
    ]
    return RenderPlan(steps=(*steps, *dropped))


def _step(
    clip: Wanted,
    entry: ManifestEntry | None,
    stock: _KnownRecords,
    pin: str,
) -> PlanStep:
    take_key = used_take_key(clip.take_key, clip.source, pin)
    pinned = bool(pin) and take_key == pin and clip.source != RECORDED
    action = _action(clip, take_key, stock)
    reasons = _changes(clip, entry)
    ignored: tuple[Reason, ...] = ()
    if pinned:
        ignored = _held_back(clip, take_key, reasons)
        reasons = [Reason.PINNED, *(r for r in reasons if r not in ignored)]
    elif pin:
        reasons.append(Reason.PIN_OVERRULED)
    if entry is not None:
        if entry.pinned and not pinned:
            reasons.append(Reason.UNPINNED)
        if action is not Action.KEEP and entry.clip_key == clip.clip_key:
            reasons.append(Reason.OBJECT_MISSING)
    elif action is Action.LOST:
        reasons.append(Reason.OBJECT_MISSING)
    if action is Action.PULL:
        reasons.append(Reason.SHARED)
    return PlanStep(
        action=action,
        line=clip.line,
        language=clip.language,
        reasons=tuple(sorted(set(reasons), key=_ORDER.__getitem__)) if reasons else (),
        ignored=ignored,
        wanted=clip,
        previous=entry,
        take_key=take_key,
        pinned=pinned,
    )


def _is_kept(entry: ManifestEntry, stock: _KnownRecords, pin: str) -> bool:
    """Tell whether a clip that is wanted as it was published is there: most of a large bank."""
    return not (pin or entry.pinned) and entry.clip_key in stock.clips


def _kept(entry: ManifestEntry) -> PlanStep:
    return PlanStep(
        action=Action.KEEP,
        line=entry.line,
        language=entry.language,
        reasons=(),
        wanted=entry,
        previous=entry,
        take_key=entry.take_key,
    )


def _held_back(clip: Wanted, take_key: str, reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """List the changes that a pin keeps out: none where the script asks for the same take."""
    if take_key == clip.take_key:
        return ()
    return tuple(dict.fromkeys(reason for reason in reasons if reason in _HELD_BACK))


def _action(clip: Wanted, take_key: str, stock: _KnownRecords) -> Action:
    if clip.clip_key in stock.clips:
        return Action.KEEP
    if clip.clip_key in stock.shared_clips:
        return Action.PULL
    if clip.source == RECORDED or take_key in stock.takes:
        return Action.POST
    if take_key in stock.shared_takes:
        return Action.PULL
    return Action.RENDER if take_key == clip.take_key else Action.LOST


_HELD_BACK = frozenset(
    {
        Reason.TEXT,
        Reason.DELIVERY,
        Reason.VOICE,
        Reason.MODEL,
        Reason.SAMPLING,
        Reason.SLOT,
        Reason.ENGINE,
        Reason.RETAKE,
        Reason.OTHER,
    }
)
"""What a pin keeps from the take."""

_LINE = attrgetter("line", "language")
_LISTED = attrgetter(*field_names(ClipListing), "consent")


def _changes(clip: Wanted, entry: ManifestEntry | None) -> list[Reason]:
    if entry is None:
        return [Reason.NEW]
    if clip is entry:
        return []
    same_clip = entry.clip_key == clip.clip_key
    is_listed = not entry.outdated and _LISTED(clip) == _LISTED(entry)
    listing = [Reason.LISTING] if same_clip and not is_listed else []
    if same_clip and entry.take_key == clip.take_key:
        return listing
    if RECORDED in (clip.source, entry.source):
        reasons = _recording_changes(clip, entry)
    else:
        reasons = _take_changes(clip, entry)
    return reasons + listing or [Reason.OTHER]


def _recording_changes(clip: Wanted, entry: ManifestEntry) -> list[Reason]:
    if entry.source != RECORDED:
        return [Reason.RECORDING_ADDED]
    if clip.source != RECORDED:
        return [Reason.RECORDING_REMOVED]
    reasons = _input_changes(clip, entry, CLIP_INPUTS)
    if clip.take_key != entry.take_key:
        reasons.append(Reason.RECORDING_CHANGED)
    return reasons


def _take_changes(clip: Wanted, entry: ManifestEntry) -> list[Reason]:
    groups = clip.inputs.keys() | entry.inputs.keys()
    reasons = _input_changes(clip, entry, groups)
    if clip.take_key != entry.take_key:
        # A new take is tagged anew in any case: the tags are no reason of their own.
        reasons = [reason for reason in reasons if reason is not Reason.METADATA]
        if clip.voice != entry.voice:
            reasons.append(Reason.VOICE)
        if clip.engine != entry.engine:
            reasons.append(Reason.ENGINE)
        if clip.seed != entry.seed:
            reasons.append(Reason.RETAKE)
    return reasons


def _input_changes(
    clip: Wanted, entry: ManifestEntry, groups: frozenset[str] | set[str]
) -> list[Reason]:
    now, then = clip.inputs, entry.inputs
    return [
        REASON_OF_INPUT.get(group, Reason.OTHER)
        for group in groups
        if now.get(group) != then.get(group)
    ]
