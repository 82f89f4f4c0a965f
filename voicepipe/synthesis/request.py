"""The request an engine renders, and the key its take is stored under (torch-free)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NewType

from voicepipe.hashing import SHORT_DIGITS, sha256_of_json, short_hash

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicepipe.hashing import Json

TakeKey = NewType("TakeKey", str)
"""64 hex digits: a hash of everything that can change a take's sound."""


class Source(Enum):
    """Where a clip's sound comes from."""

    SCRATCH = "scratch"
    SYNTHETIC = "synthetic"
    RECORDED = "recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestIdentity:
    """The hashes of one request."""

    key: TakeKey
    fingerprints: dict[str, str]
    """Group of inputs → short hash, to say later which of them changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesisRequest:
    """One line to render: the whole of what its engine may look at.

    Only plain data, so that it can cross a process boundary or a network.
    """

    line_id: str
    language: str
    engine: str
    voice_id: str
    seed: int
    """From line id, language and take number; never from a position in a batch."""
    inputs: Mapping[str, Json] = field(default_factory=dict)
    """What the engine needs, grouped by the reason a person would give for a change:
    `text`, `delivery`, `voice`, `model`, `sampling`, `engine`. All of it is part of the key."""

    def key(self) -> TakeKey:
        """Address the take: same key, same stored bytes."""
        return self.identity().key

    def identity(self) -> RequestIdentity:
        """Hash the request once, as a whole and by its parts.

        The voice is part of the key, so that a take belongs to exactly one voice's consent.
        """
        digests = {group: sha256_of_json(facts) for group, facts in self.inputs.items()}
        whole = [self.engine, self.voice_id, self.language, self.seed, sorted(digests.items())]
        prints = {group: digest[:SHORT_DIGITS] for group, digest in digests.items()}
        prints["seed"] = short_hash(self.seed)
        return RequestIdentity(key=TakeKey(sha256_of_json(whole)), fingerprints=prints)


def seed_for(line_id: str, language: str, take: int) -> int:
    """Derive a line's seed: stable across runs, machines and neighbours.

    Args:
        line_id: With variant suffixes.
        language: The project's tag.
        take: From 1; a retake is the next number.

    Returns:
        An integer in [0, 2**31).
    """
    return int(sha256_of_json([line_id, language, take])[:8], 16) & 0x7FFF_FFFF
