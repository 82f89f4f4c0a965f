"""One decision as a row of `decisions.csv`: its columns, and which cells cannot be true."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from voicepipe.bank.decisions import MOST_TAKES, SEEDS, Decision, SpokenText
from voicepipe.bank.layout import is_hash
from voicepipe.bank.manifest_io import csv_text, text_of_csv
from voicepipe.bank.reviews import LONGEST_WORDS, VALUES, Review, ReviewKind
from voicepipe.hashing import SHORT_DIGITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from voicepipe.bank.decisions import Decisions

NEEDED: Final = ("line", "language", "kind")
COLUMNS: Final = (*NEEDED, "take", "seed", "pin", "pinned_take", "recording", "text", "change")
"""Those that every file has."""
REVIEW_COLUMNS: Final = ("value", "words", "sound", "heard_take")
"""Those that a file has once a person said something of a line."""
TAKE: Final = "take"
"""The kind of row that holds a line's take, seed and pin."""
RECORDING: Final = "recording"
"""The kind of row that holds which text a recording speaks."""
REVIEWS: Final = frozenset(kind.value for kind in ReviewKind)
KINDS: Final = REVIEWS | {TAKE, RECORDING}

Record = Decision | SpokenText | Review

_TEXT: Final = re.compile(rf"[0-9a-f]{{{SHORT_DIGITS}}}")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NUMBERS: Final = {
    "take": (1, MOST_TAKES),
    "seed": (0, SEEDS - 1),
    "pinned_take": (0, MOST_TAKES),
    "change": (0, 2**31),
}


def rows_of(decisions: Decisions) -> Iterator[Mapping[str, str]]:
    """Give every decision as a row, column by name."""
    for (line, language), one in decisions.lines.items():
        yield {
            **one.more,
            "line": line,
            "language": language,
            "kind": TAKE,
            "take": str(one.take),
            "seed": "" if one.seed is None else str(one.seed),
            "pin": one.pin,
            "pinned_take": str(one.pinned_take or ""),
            "change": str(one.change),
        }
    for (line, language, recording), spoken in decisions.recordings.items():
        yield {
            **spoken.more,
            "line": line,
            "language": language,
            "kind": RECORDING,
            "recording": recording,
            "text": spoken.text,
            "change": str(spoken.change),
        }
    for (line, language, kind), review in decisions.reviews.items():
        yield {
            **review.more,
            "line": line,
            "language": language,
            "kind": kind.value,
            "value": review.value,
            "words": csv_text(review.words),
            "sound": review.sound,
            "heard_take": review.heard_take,
            "change": str(review.change),
        }


def record_of(facts: Mapping[str, str]) -> Record:
    """Read a row of a known kind that has no fault."""
    change = int(facts.get("change") or 0)
    kind = facts["kind"]
    if kind == TAKE:
        seed = facts.get("seed", "")
        return Decision(
            take=int(facts.get("take") or 1),
            seed=int(seed) if seed else None,
            pin=facts.get("pin", ""),
            pinned_take=int(facts.get("pinned_take") or 0),
            change=change,
            more=_more(facts, COLUMNS),
        )
    if kind == RECORDING:
        return SpokenText(text=facts["text"], change=change, more=_more(facts, COLUMNS))
    return Review(
        value=facts.get("value", ""),
        words=text_of_csv(facts.get("words", "")),
        sound=facts.get("sound", ""),
        heard_take=facts.get("heard_take", ""),
        change=change,
        more=_more(facts, (*COLUMNS, *REVIEW_COLUMNS)),
    )


def _more(facts: Mapping[str, str], known: tuple[str, ...]) -> dict[str, str]:
    return {name: cell for name, cell in facts.items() if name not in known and cell}


def fault_of(facts: Mapping[str, str]) -> tuple[str, str] | None:
    """Find the first cell that cannot be true: its column, and what is wrong."""
    for name in NEEDED:
        if not facts.get(name):
            return name, f'"{name}" is empty'
    kind = facts["kind"]
    if kind not in KINDS:
        return None
    for name, (least, most) in _NUMBERS.items():
        cell = facts.get(name, "")
        if cell and not _is_number(cell, least, most):
            return name, f'"{cell}" is not a whole number from {least} to {most}'
    pin = facts.get("pin", "")
    if pin and not is_hash(pin):
        return "pin", f'"{pin}" is not a take key (64 hex digits)'
    if kind == RECORDING:
        return _recording_fault(facts)
    return _review_fault(facts, ReviewKind(kind)) if kind in REVIEWS else None


def _recording_fault(facts: Mapping[str, str]) -> tuple[str, str] | None:
    recording, text = facts.get("recording", ""), facts.get("text", "")
    if not is_hash(recording):
        return "recording", f'"{recording}" is not the sha256 of a recording (64 hex digits)'
    if _TEXT.fullmatch(text) is None:
        return "text", f'"{text}" is not the beginning of a sha256 ({SHORT_DIGITS} hex digits)'
    return None


def _review_fault(facts: Mapping[str, str], kind: ReviewKind) -> tuple[str, str] | None:
    value, known = facts.get("value", ""), VALUES[kind]
    if value and value not in known:
        listed = ", ".join(sorted(known)) or "empty for a note"
        return "value", f'"{value}" is not what a {kind.value} may be: {listed}'
    for name, what in (("sound", "the sha256 of a clip"), ("heard_take", "a take key")):
        cell = facts.get(name, "")
        if cell and not is_hash(cell):
            return name, f'"{cell}" is not {what} (64 hex digits)'
    fault = words_fault(text_of_csv(facts.get("words", "")))
    return ("words", fault) if fault else None


def words_fault(words: str) -> str:
    """Say why a reason or a note cannot be one row of the table; empty: it can."""
    if len(words) > LONGEST_WORDS:
        return f"{len(words)} characters; {LONGEST_WORDS} is the limit"
    if _UNPRINTABLE.search(words):
        return "it has control characters, or more than one line"
    return ""


def _is_number(cell: str, least: int, most: int) -> bool:
    return re.fullmatch(r"[0-9]{1,10}", cell) is not None and least <= int(cell) <= most
