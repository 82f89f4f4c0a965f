"""A line on its way: what has been answered for its parts, and which answer is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from voicepipe.errors import SynthesisError
from voicepipe.hashing import seed_of_hash, sha256_of_bytes
from voicepipe.synthesis.sanity_checks import token_fault

if TYPE_CHECKING:
    from voicepipe.model.semantic.generation import SemanticOutcome
    from voicepipe.model.semantic.recogniser import PhonemeRecogniser
    from voicepipe.synthesis.inputs import LineToSay, PartToSay
    from voicepipe.synthesis.prompt import VoicePrompt
    from voicepipe.synthesis.request import SynthesisRequest

    Answer = tuple[int, ...] | SynthesisError


PHONEMES_SCORE: Final = "phonemes"
"""What the recogniser's opinion of a line is called among its scores."""


@dataclass(slots=True, eq=False)
class LineInFlight:
    """A request between its first phoneme and its last sample."""

    request: SynthesisRequest
    wanted: LineToSay
    prompts: tuple[VoicePrompt, ...]
    seconds: dict[str, float]
    """Spent so far, by stage."""
    tokens: dict[int, tuple[int, ...]] = field(default_factory=dict)
    """Of each part that is settled."""
    answers: dict[int, dict[int, Answer]] = field(default_factory=dict)
    """Of each part, by candidate."""
    pronunciations: dict[int, float] = field(default_factory=dict)
    """Of each part whose answers were compared: how well the chosen one says it, 0 at best."""
    has_failed: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether every part is settled."""
        return len(self.tokens) == len(self.wanted.parts)

    @property
    def scores(self) -> dict[str, float]:
        """What was measured while answers were compared: nats a frame over all parts, 0 at best."""
        lengths = {index: len(self.tokens[index]) for index in self.pronunciations}
        if len(lengths) < len(self.wanted.parts):
            return {}
        nats = sum(lengths[index] * value for index, value in self.pronunciations.items())
        return {PHONEMES_SCORE: nats / sum(lengths.values())}

    def attempts(self) -> list[Attempt]:
        """List all that has to be asked of the semantic stage."""
        return [
            Attempt(line=self, index=index, candidate=candidate)
            for index in range(len(self.wanted.parts))
            for candidate in range(self.wanted.settings.candidates)
        ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attempt:
    """One answer that the semantic stage is asked for."""

    line: LineInFlight
    index: int
    """The part's place in the line."""
    candidate: int
    """Which of the part's answers, from 0."""

    @property
    def part(self) -> PartToSay:
        """What is to be said."""
        return self.line.wanted.parts[self.index]

    @property
    def seed(self) -> int:
        """The chance of this answer and of no other."""
        seed = part_seed(self.line.request.seed, self.index)
        if not self.candidate:
            return seed
        return _derived(f"{seed}/candidate/{self.candidate}")

    def settle(
        self, outcome: SemanticOutcome | SynthesisError, recogniser: PhonemeRecogniser | None
    ) -> None:
        """Note what came out; with the part's last answer, keep the best.

        Raises:
            SynthesisError: No answer of the part can be its speech; why the first one cannot.
        """
        answers = self.line.answers.setdefault(self.index, {})
        answers[self.candidate] = self._answer(outcome)
        if len(answers) == self.line.wanted.settings.candidates:
            ordered = [answers[candidate] for candidate in sorted(answers)]
            self.line.tokens[self.index] = self._best(ordered, recogniser)

    def _answer(self, outcome: SemanticOutcome | SynthesisError) -> Answer:
        if isinstance(outcome, SynthesisError):
            return outcome
        n_phonemes = len(self.part.read.phoneme_ids)
        fault = token_fault(outcome, n_phonemes, self.line.wanted.settings)
        return SynthesisError(fault) if fault else outcome.tokens

    def _best(self, answers: list[Answer], recogniser: PhonemeRecogniser | None) -> tuple[int, ...]:
        usable = [answer for answer in answers if not isinstance(answer, SynthesisError)]
        if not usable:
            raise next(answer for answer in answers if isinstance(answer, SynthesisError))
        if len(usable) == 1:
            return usable[0]
        assert recogniser is not None, "whoever asks for several answers can choose among them"
        wanted = self.part.read.phoneme_ids
        heard = [recogniser.pronunciation(tokens, wanted) for tokens in usable]
        best = max(range(len(usable)), key=lambda number: heard[number])
        self.line.pronunciations[self.index] = heard[best]
        return usable[best]


def part_seed(seed: int, index: int) -> int:
    """Derive the seed of a part, so that two parts of a line are not said with one chance.

    Args:
        seed: The request's.
        index: The part's place in the line.
    """
    return _derived(f"{seed}/part/{index}")


def _derived(name: str) -> int:
    return seed_of_hash(sha256_of_bytes(name.encode()), bits=64)
