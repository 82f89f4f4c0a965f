"""When each phoneme of a take sounds: what an engine may say beside its sound (torch-free)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated

import msgspec
import orjson

from voicepipe.bank.record_fields import read_fields
from voicepipe.errors import CorruptObject, SynthesisError

ALIGNMENT = "alignment"
"""Name of the analyser under which a take's alignment is stored as an annotation."""
ALIGNMENT_REVISION = "1"
"""Of what is stored; who aligned, and how, is part of the take's key."""

_Moment = Annotated[float, msgspec.Meta(ge=0, le=86_400)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhonemeTime:
    """One phoneme and the time it takes."""

    phoneme: str
    """As the engine's front end spells it."""
    start_s: _Moment
    """Seconds from the first sample of the take, before any post-processing."""
    end_s: _Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """The phonemes of a take in the order they sound; there may be time between two."""

    phonemes: tuple[PhonemeTime, ...]

    def fault(self, duration_s: float) -> str:
        """Say why it cannot be the alignment of a sound of this length; empty when it can."""
        before = 0.0
        for number, one in enumerate(self.phonemes):
            if not before <= one.start_s <= one.end_s <= duration_s:
                return (
                    f'phoneme {number} "{one.phoneme}" from {one.start_s:g} to {one.end_s:g} s '
                    f"does not lie between {before:g} and {duration_s:g} s"
                )
            before = one.end_s
        return ""

    def content(self, duration_s: float) -> bytes:
        """Write it as it is stored: one JSON document.

        Args:
            duration_s: Of the take.

        Raises:
            SynthesisError: It is no alignment of such a take.
        """
        fault = self.fault(duration_s)
        if fault:
            raise SynthesisError(f"the engine's alignment does not fit its sound: {fault}")
        return orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def parse_alignment(content: bytes) -> Alignment:
    """Read what `Alignment.content` wrote.

    Raises:
        CorruptObject: It is something else; says where it departs.
    """
    try:
        facts = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise CorruptObject(f"an alignment is not JSON: {error}") from error
    alignment, fault = read_fields(facts, Alignment)
    if alignment is None:
        raise CorruptObject(f"an alignment is damaged: {fault}")
    return alignment
