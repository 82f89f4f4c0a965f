"""What an analyser found out about a clip: scores, and faults with their times and words.

Findings are stored as JSON beside the sound and read by later releases. They hold what was
measured, not what is allowed: which faults count is decided by limits
(`voicepipe/qc/thresholds.py`), so that another limit needs no new measurement.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - read by its annotations
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Final

import orjson

from voicepipe.bank.record_fields import read_fields
from voicepipe.bank.schemas import Schema
from voicepipe.errors import CorruptObject

FINDINGS: Final = Schema(what="the findings of an analyser")


class Reason(str, Enum):
    """What can be wrong with a clip."""

    # What only the sound tells.
    SILENT = "silent"
    CLIPPED = "clipped"
    CLICKS = "clicks"
    OFFSET = "offset"
    GAP = "gap"
    CUT_OFF = "cut_off"
    START_BUZZ = "start_buzz"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_QUIET = "too_quiet"
    TOO_LOUD = "too_loud"
    OFF_SLOT = "off_slot"
    NOISE = "noise"
    HUM = "hum"
    # What is said.
    MISSING_WORDS = "missing_words"
    ADDED_WORDS = "added_words"
    REPEATED_WORDS = "repeated_words"
    WRONG_WORDS = "wrong_words"
    REFERENCE_LEAK = "reference_leak"
    WRONG_LANGUAGE = "wrong_language"
    # Who says it, and how.
    UNLIKE_VOICE = "unlike_voice"
    OTHER_VOICE = "other_voice"
    UNNATURAL = "unnatural"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that may be wrong, and where."""

    reason: str
    """A value of `Reason`; a later release may know more."""
    value: float
    """How bad, in the unit of the reason's limit (`voicepipe/qc/thresholds.py`)."""
    start_s: float = 0.0
    """Where it begins in the clip."""
    end_s: float = 0.0
    """Where it ends; like `start_s`: it has no place, or concerns the whole clip."""
    expected: str = ""
    """The words that should be heard there."""
    heard: str = ""
    """The words that are heard there; of a leak, what it repeats; of another voice, its name."""
    places: tuple[tuple[int, int], ...] = ()
    """Characters of the line's text that it is about, from and to; both equal: where something was
    added. Empty: it is about no single words."""
    heard_places: tuple[tuple[int, int], ...] = ()
    """The same of the text that was recognised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """All that one analyser found out about one clip."""

    scores: Mapping[str, float] = field(default_factory=dict)
    """Measurements by name, finite: `similarity`, `mos`, `word_error`, `noise_db` …"""
    faults: tuple[Fault, ...] = ()
    """In the order of their times."""
    heard: str = ""
    """The text that was recognised."""
    not_judged: str = ""
    """Why this clip could not be judged; empty when it was. Never a pass."""


def findings_json(findings: Findings) -> bytes:
    """Write findings, their scores rounded to what they mean (a ten-thousandth)."""
    facts = asdict(findings)
    facts["scores"] = {name: round(value, 4) for name, value in findings.scores.items()}
    for fault in facts["faults"]:
        fault.update({key: round(fault[key], 4) for key in ("value", "start_s", "end_s")})
    return orjson.dumps({"schema": FINDINGS.number, **facts}, option=orjson.OPT_SORT_KEYS)


def read_findings(content: bytes, where: str) -> Findings:
    """Read findings of this or an earlier release.

    Args:
        content: The stored bytes.
        where: Their file, for messages.

    Raises:
        CorruptObject: They are no findings.
        MadeByNewer: A newer release wrote them.
    """
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise CorruptObject(f"{where}: not JSON ({error.msg})") from error
    fields, fault = FINDINGS.bring_up(document, where)
    found, fault = (None, fault) if fault else read_fields(fields, Findings)
    if found is None:
        raise CorruptObject(f"{where}: {fault}")
    return found
