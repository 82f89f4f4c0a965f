"""What the page of a review shows of one line in one language."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path  # noqa: TC003 - read by its annotations
from typing import TYPE_CHECKING, Any, Final

from voicepipe.qc.retakes import badness
from voicepipe.qc.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.qc.verdicts import ClipVerdict

_ORDER: Final = {Verdict.FAILED: 0, Verdict.NOT_JUDGED: 1, Verdict.PASSED: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A clip that can be heard."""

    sha256: str
    source: Path
    """The WAV."""
    duration_s: float
    loudness_lufs: float | None
    take: int
    """Number of the take, from 1."""
    version: str
    """The newest one it is in; or what else it is, such as `to choose from`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSlot:
    """How a clip stands to its slot."""

    seconds: float
    """Its slot."""
    difference_s: float
    """By which it speaks longer; under 0: shorter."""
    state: str
    """`fits`, `too long` or `too short`."""
    pace: float
    """Factor on its own pace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One line in one language."""

    line: str
    base: str
    """The id in the script."""
    language: str
    scene: str
    node: str
    """Or the bark set."""
    character: str
    name: str
    """The character's, as shown to people."""
    voice: str
    emotion: str
    direction: str
    """The script's note for whoever performs the line."""
    text: str
    script: str
    """`file:line:column`."""
    before: tuple[str, ...]
    """Base ids of the lines that can be heard just before."""
    after: tuple[str, ...]
    source: str
    """`scratch`, `synthetic`, `recorded`; empty: no clip."""
    sound: Sound | None
    earlier: tuple[Sound, ...]
    """Other sounds it had, newest first."""
    verdict: ClipVerdict | None
    """None: nobody listened, or there is no clip."""
    status: str
    assessment: str
    """`approved`, `rejected`, `rerecord`, or nothing."""
    assessment_standing: str
    """`holds`, `finished anew`, `lapsed`; empty: nothing was said."""
    reason: str
    note: str
    pinned: bool
    retake_due: bool
    outdated: bool
    """The clip is of an earlier script."""
    stale: bool
    """The text is older than the one it translates."""
    slot: CardSlot | None = None
    """What its clip has to fit in the picture; None: nothing."""


def worst_first(cards: Sequence[Card]) -> list[int]:
    """Order cards by how much they want a person's ear.

    What failed comes before what nobody judged, that before what passed, lines without a clip
    last; among equals the worse scores first, then the order given.

    Returns:
        For each card its place, from 0.
    """
    ranked = sorted(range(len(cards)), key=lambda number: _rank(cards[number]))
    places = [0] * len(cards)
    for place, number in enumerate(ranked):
        places[number] = place
    return places


def _rank(card: Card) -> tuple[object, ...]:
    verdict = card.verdict
    if card.sound is None or verdict is None:
        return (_ORDER[Verdict.NOT_JUDGED] if card.sound else len(_ORDER), ())
    bad = badness(reasons=verdict.reasons, scores=verdict.scores)
    return (_ORDER[verdict.verdict], tuple(-value for value in bad))


def card_facts(
    card: Card, *, place: int, file: str, earlier: list[dict[str, Any]]
) -> dict[str, Any]:
    """Give a card as the page's scripts read it.

    Args:
        card: The line.
        place: Of `worst_first`.
        file: Its sound's file in the page's folder; empty: none.
        earlier: Its earlier sounds, with their files.
    """
    facts = asdict(card)
    for name in ("sound", "earlier", "verdict"):
        del facts[name]
    sound, verdict = card.sound, card.verdict
    no_sound = "" if sound is None else "not judged"
    return {
        **facts,
        "place": place,
        "slot_state": "" if card.slot is None else card.slot.state,
        "sound": None if sound is None else sound_facts(sound, file),
        "earlier": earlier,
        "verdict": no_sound if verdict is None else verdict.verdict.value,
        "why": _why(verdict),
        "faults": [] if verdict is None else [asdict(fault) for fault in verdict.faults],
        "noticed": _noticed(verdict),
        "scores": {} if verdict is None else {k: round(v, 3) for k, v in verdict.scores.items()},
        "heard": _heard(verdict),
    }


def _noticed(verdict: ClipVerdict | None) -> list[dict[str, Any]]:
    """Give the words that differ without being faults."""
    noticed = (
        () if verdict is None else (fault for one in verdict.analysers for fault in one.noticed)
    )
    return [
        {key: getattr(fault, key) for key in ("reason", "places", "heard_places")}
        for fault in noticed
        if fault.places or fault.heard_places
    ]


def _heard(verdict: ClipVerdict | None) -> str:
    """Give the text that was recognised."""
    heard = () if verdict is None else (one.heard for one in verdict.analysers)
    return next(filter(None, heard), "")


def _why(verdict: ClipVerdict | None) -> list[str]:
    """Say who did not judge, and why."""
    if verdict is None:
        return []
    return [f"{one.analyser}: {one.why}" for one in verdict.analysers if one.why]


def sound_facts(sound: Sound, file: str) -> dict[str, Any]:
    """Give a sound as the page's scripts read it."""
    return {
        "sha": sound.sha256,
        "file": file,
        "s": round(sound.duration_s, 3),
        "lufs": sound.loudness_lufs,
        "take": sound.take,
        "version": sound.version,
    }
