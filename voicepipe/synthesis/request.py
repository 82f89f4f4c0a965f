"""The request an engine renders, and the key its take is stored under (torch-free)."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NewType, cast

from voicepipe.hashing import SHORT_DIGITS, seed_of_hash, sha256_of_bytes, sha256_of_json
from voicepipe.synthesis.by_identity import ByIdentity

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


_SHARED = frozenset({"voice", "model", "sampling", "engine"})
"""Groups of inputs that belong to a voice rather than to a line."""


class DigestCache:
    """Remembers the digests of facts that are one and the same object for many lines.

    A voice's timbre or an engine's revision is hashed once a run, not once a line. Nobody may
    change facts meanwhile.
    """

    def __init__(self) -> None:
        self._known: ByIdentity[str] = ByIdentity()

    def digest(self, facts: Json) -> str:
        """Hash facts; 64 lower-case hex digits."""
        return self._known.get((facts,), lambda: sha256_of_json(facts))


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
    `text`, `delivery`, `voice`, `model`, `sampling`, `engine`, and of a line that has to fit a
    picture `slot`. All of it is part of the key."""
    pace: float = 1.0
    """Factor on every speed, set while a line is fitted to its slot. No part of the key: the slot
    is, and the pace follows from it."""
    files: Mapping[str, str] = field(default_factory=dict)
    """sha256 → where the file of that hash lies, from the project root. No part of the key: a file
    may move without changing a sound."""

    def key(self) -> TakeKey:
        """Address the take: same key, same stored bytes."""
        return self.identity().key

    def identity(self, known: DigestCache | None = None) -> RequestIdentity:
        """Hash the request once, as a whole and by its parts.

        The voice is part of the key, so that a take belongs to exactly one voice's consent.

        Args:
            known: Digests of groups that many requests share; filled here.
        """
        return request_identity(
            self.engine,
            self.voice_id,
            self.language,
            self.seed,
            self.digests(DigestCache() if known is None else known),
        )

    def digests(self, known: DigestCache) -> dict[str, str]:
        """Hash each group of inputs; 64 lower-case hex digits."""
        return {
            group: known.digest(facts) if group in _SHARED else sha256_of_json(facts)
            for group, facts in self.inputs.items()
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeFacts:
    """What a plan asks of a request, without its inputs."""

    digests: Mapping[str, str]
    """Group of inputs → sha256."""
    models: Mapping[str, str]
    """The group `model`; empty where the engine has none."""
    cost_s: float
    """Seconds of speech, as the engine estimates them."""


_NO_MODELS: Mapping[str, str] = {}


def take_facts_of(request: SynthesisRequest, known: DigestCache, *, cost_s: float) -> TakeFacts:
    """Give what a plan asks of a request."""
    # One object for many lines, as the inputs are.
    models = cast("Mapping[str, str]", request.inputs.get("model", _NO_MODELS))
    return TakeFacts(digests=request.digests(known), models=models, cost_s=cost_s)


def request_identity(
    engine: str, voice_id: str, language: str, seed: int, digests: Mapping[str, str]
) -> RequestIdentity:
    """Hash a request by its parts; see `SynthesisRequest.identity`.

    Args:
        engine: Its name.
        voice_id: Whose voice it is.
        language: Of the line.
        seed: Of the take.
        digests: Group of inputs → sha256.
    """
    whole: Json = [engine, voice_id, language, seed, digests]
    # Those of a voice come back in every line: one copy of each is kept.
    prints = {group: sys.intern(digest[:SHORT_DIGITS]) for group, digest in digests.items()}
    prints["seed"] = f"{seed:08x}"
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
    return seed_of_hash(sha256_of_json([line_id, language, take]), bits=31)


def seed_of_attempt(seed: int, attempt: int) -> int:
    """Derive the seed of a further try, so that a take key still means one sound.

    Args:
        seed: The request's.
        attempt: From 1, which is the request's own seed.
    """
    if attempt == 1:
        return seed
    return seed_of_hash(sha256_of_bytes(f"{seed}/{attempt}".encode()), bits=31)
