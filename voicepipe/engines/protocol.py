"""What every engine offers: a torch-free half that plans and a half that sounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from voicepipe.audio.clip import AudioClip
    from voicepipe.diagnostics import Diagnostic
    from voicepipe.errors import SynthesisError
    from voicepipe.screenplay.line import Segment
    from voicepipe.synthesis.alignment import Alignment
    from voicepipe.synthesis.request import DigestCache, Source, SynthesisRequest, TakeFacts
    from voicepipe.voices.voice import CastLine, Voice


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rendered:
    """The outcome for one request: sound, or the reason there is none."""

    request: SynthesisRequest
    clip: AudioClip | None
    alignment: Alignment | None = None
    """When each phoneme sounds, where the engine knows; stored with the take."""
    error: SynthesisError | None = None
    is_retryable: bool = False
    """The failure came by chance: the same request with another seed may succeed."""
    is_interrupted: bool = False
    """What spoke died meanwhile and has been replaced: the same request with the same seed may
    succeed, and then sounds as if nothing had happened."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """What the engine measured on the way, by name: kept as findings about the take."""
    seconds: Mapping[str, float] = field(default_factory=dict)
    """Stage → seconds of the engine's time that went into this line; what several lines share is
    divided among them. Stages as in `workers.jobs.Outcome`."""

    @property
    def can_be_tried_again(self) -> bool:
        """Whether another attempt may succeed."""
        return self.is_retryable or self.is_interrupted


class Renderer(Protocol):
    """An engine opened on a device, inside one worker process."""

    def render(self, requests: Iterable[SynthesisRequest | None]) -> Iterator[Rendered]:
        """Yield every request's outcome as soon as it exists, in any order.

        Requests are taken when there is room for one, and not before: they come as they are asked
        for. Instead of one there may be None: nothing is there at the moment, get on with what is
        in flight and ask again. It is given only to an engine that holds requests; one that
        gives each outcome before it asks for the next request never sees it.

        A line that fails is yielded with its error and does not stop the others.
        Never yields silence for speech.
        """
        ...

    def close(self) -> None:
        """Let go of models and child processes."""
        ...


class Engine(Protocol):
    """The planning half: imports nothing heavy."""

    @property
    def name(self) -> str:
        """As voice files spell it."""
        ...

    @property
    def source(self) -> Source:
        """What manifests say of its takes."""
        ...

    def check(self, cast: Sequence[CastLine]) -> list[Diagnostic]:
        """Say which lines this engine cannot render (language, clip or model), with positions."""
        ...

    def request(self, cast_line: CastLine, seed: int) -> SynthesisRequest:
        """Describe the take completely, without loading a model."""
        ...

    def cost(self, request: SynthesisRequest) -> float:
        """Estimate the seconds of speech, for scheduling longest first."""
        ...

    def open(self, device: str, *, lines_at_once: int = 0) -> Renderer:
        """Load what rendering needs; called inside a worker.

        Args:
            device: `cpu`, `cuda:0` …
            lines_at_once: Lines in flight at most, where memory has run out before; 0: as many as
                suit the engine. Changes no sound.

        Raises:
            EnvironmentFault: The engine is not installed, or its model files are missing.
        """
        ...


class TextAhead(NamedTuple):
    """A text that a voice will have to speak, as far as can be told before the story is known."""

    voice: Voice
    speaker: str
    language: str
    segments: tuple[Segment, ...]


@runtime_checkable
class ReadsAhead(Protocol):
    """An engine that can begin to read texts before they are checked."""

    def read_ahead(self, texts: Sequence[TextAhead], n_times: float) -> bool:
        """Begin to read texts that `Engine.check` will most likely be asked about.

        Args:
            texts: Of voices of this engine.
            n_times: All there will be, as a multiple of these: whether it is worth it.

        Returns:
            Whether more shall be told.
        """
        ...

    def end_reading(self) -> None:
        """Stop reading what is not needed any more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLines:
    """Lines that an engine tells of without reading them."""

    lines: Sequence[CastLine]
    basis: bytes
    """Hash of all an engine may look at in these lines (no ids, places and consent), and of all
    else that its take facts follow from, seeds aside."""


@runtime_checkable
class KnowsTakeFacts(Protocol):
    """An engine that can tell what a plan asks of a take without describing it whole."""

    def known_lines(self, known: DigestCache) -> Iterator[KnownLines]:
        """Give the lines that were checked and need not be read, a stretch at a time.

        Args:
            known: As of `take_facts`.
        """
        ...

    def take_facts(self, cast_line: CastLine, seed: int, known: DigestCache) -> TakeFacts:
        """Give what a plan asks of `Engine.request`.

        Args:
            cast_line: The line.
            seed: Of the take.
            known: Digests of groups that many requests share; filled here.
        """
        ...
