"""The `AIGC` field: that a machine made the content, who published it, and under which number.

A chunk of its own after `fmt ` in a WAV; a comment of that name in Ogg, Opus and FLAC; a `TXXX`
frame in MP3, which `audio.encodings` carries over from the WAV.

Source: GB 45438-2025, implicit labels of audio files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from voicepipe.audio.encodings import AIGC
from voicepipe.audio.riff import Chunk, with_chunk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.audio.metadata import ClipMetadata
    from voicepipe.labels.plan import LabelPlan

_LARGEST: Final = 1 << 16


def aigc_field(plan: LabelPlan, metadata: ClipMetadata) -> bytes:
    """Write the field for a clip: JSON, UTF-8.

    Args:
        plan: Names producer and bank.
        metadata: Of the clip: its line and language are its number with the producer.
    """
    number = f"{plan.bank}/{metadata.language}/{metadata.line}"
    field = orjson.dumps(
        {
            "Label": "1",
            "ContentProducer": plan.producer,
            "ProduceID": number,
            "ReservedCode1": "",
            "ContentPropagator": plan.producer,
            "PropagateID": number,
            "ReservedCode2": "",
        }
    )
    # Godot 3 loses its way behind a chunk of odd length; JSON may end in a space.
    return field + b" " * (len(field) % 2)


def with_aigc(content: bytes, field: bytes) -> bytes:
    """Put the field into a WAV, behind its `fmt ` chunk; one that is there gives way.

    Raises:
        RiffError: The content is no whole WAV.
    """
    return with_chunk(content, Chunk(id=AIGC, payload=field), after=b"fmt ")


def parse_aigc(field: bytes | str | None) -> Mapping[str, str] | None:
    """Read the field; None when there is none, or it is not as the standard has it."""
    if not field or len(field) > _LARGEST:
        return None
    try:
        facts = orjson.loads(field)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(facts, dict) or not isinstance(facts.get("Label"), str):
        return None
    return {str(name): str(value) for name, value in facts.items()}
