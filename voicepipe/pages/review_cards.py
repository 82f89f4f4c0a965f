"""What the page of a review shows of one line in one language."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path  # noqa: TC003 - read by its annotations
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from voicepipe.qc.verdicts import ClipVerdict

FAILED_WEIGHT = 1000.0
NOT_JUDGED_WEIGHT = 10.0


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
    """The newest one it is in."""


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


def badness(card: Card) -> float:
    """Say how much a clip wants a person's ear: failed before not judged before passed."""
    if card.sound is None:
        return NOT_JUDGED_WEIGHT / 2
    verdict = card.verdict
    if verdict is None:
        return NOT_JUDGED_WEIGHT
    if verdict.verdict.value == "passed":
        return min(5.0, verdict.scores.get("word_error", 0.0))
    worst = min(100.0, sum(max(0.0, fault.value) for fault in verdict.faults))
    weight = FAILED_WEIGHT if verdict.verdict.value == "failed" else NOT_JUDGED_WEIGHT
    return weight + len(verdict.faults) + worst / 1000


def card_facts(card: Card, *, file: str, earlier: list[dict[str, Any]]) -> dict[str, Any]:
    """Give a card as the page's scripts read it.

    Args:
        card: The line.
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
        "bad": round(badness(card), 4),
        "sound": None if sound is None else sound_facts(sound, file),
        "earlier": earlier,
        "verdict": no_sound if verdict is None else verdict.verdict.value,
        "why": _why(verdict),
        "faults": [] if verdict is None else [asdict(fault) for fault in verdict.faults],
        "scores": {} if verdict is None else {k: round(v, 3) for k, v in verdict.scores.items()},
        "heard": _heard(verdict),
    }


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
