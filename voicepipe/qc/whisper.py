"""Whisper, run by CTranslate2: a clip in, the text that was heard and its times out.

Clips of a scene last a few seconds, and Whisper looks at thirty. Its encoder is given a shorter
window, the clip and some silence, at a fraction of the cost; whoever doubts what was heard listens
again to the whole thirty with a wider search.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from voicepipe.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

RATE: Final = 16_000
WHOLE_WINDOW_S: Final = 30.0
_WIDE_WINDOW_S: Final = 16.0
_SHORTEST_WINDOW_S: Final = 8.0
_AFTER_S: Final = 2.5
"""Silence after a clip: with less Whisper takes the end of the window for more of the same."""
_FRAMES_A_SECOND: Final = 100
_TOKEN_S: Final = 0.02
_TOKENS_A_SECOND: Final = 14
_FEWEST_TOKENS: Final = 16
_MOST_TOKENS: Final = 220
_WIDE_BEAM: Final = 5
_LEAST_PROBABLE: Final = 1e-6
"""A single token that the model would never have written decides nothing alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A token of the text and when it is said."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one listening gave."""

    text: str
    pieces: tuple[Piece, ...]
    """Spell `text`."""
    languages: Mapping[str, float]
    """Probability by Whisper's code of the language, however the text was decoded."""
    confidence: float
    """Geometric mean of the tokens' probabilities."""

    def moved(self, seconds: float) -> Heard:
        """Say the same of a stretch that begins later."""
        pieces = (
            replace(piece, start_s=piece.start_s + seconds, end_s=piece.end_s + seconds)
            for piece in self.pieces
        )
        return replace(self, pieces=tuple(pieces))

    def followed_by(self, others: Sequence[Heard]) -> Heard:
        """Join what was heard in several parts of one clip."""
        all_parts = (self, *others)
        codes = {code for part in all_parts for code in part.languages}
        return Heard(
            text=" ".join(part.text for part in all_parts),
            pieces=tuple(piece for part in all_parts for piece in part.pieces),
            languages={
                code: sum(part.languages.get(code, 0.0) for part in all_parts) / len(all_parts)
                for code in codes
            },
            confidence=min(part.confidence for part in all_parts),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """One listening, and the clip it was of, for further questions."""

    heard: Heard
    fit: Callable[[str], float]
    """Natural logarithm of the probability of another text, if the clip says it."""


class Whisper:
    """A loaded model.

    Args:
        files: `model.bin`, `config.json`, `tokenizer.json` and `vocabulary.json` or `.txt`.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        # Only who listens waits for these.
        import ctranslate2  # noqa: PLC0415
        import tokenizers  # noqa: PLC0415
        from faster_whisper.feature_extractor import FeatureExtractor  # noqa: PLC0415

        self._storage = ctranslate2.StorageView
        try:
            self._model = ctranslate2.models.Whisper(
                "whisper",
                device="cpu",
                compute_type="int8",
                inter_threads=1,
                intra_threads=1,
                files=dict(files),
            )
            self._tokenizer = tokenizers.Tokenizer.from_buffer(files["tokenizer.json"])
        except (RuntimeError, ValueError, KeyError) as error:
            msg = f"the weights of Whisper do not load: {error}"
            raise EnvironmentFault(msg, remedy="voicepipe models pull whisper-base") from error
        self._features = FeatureExtractor(feature_size=self._model.n_mels)

    def listen(
        self, samples: NDArray[np.float32], language: str, *, is_thorough: bool = False
    ) -> Hearing:
        """Write down a clip.

        Args:
            samples: Mono at 16 kHz, 27 s at most; what is longer is not heard.
            language: Code of the language in which the text is written; one it knows.
            is_thorough: Give the encoder the whole window and search more widely.
        """
        duration_s = len(samples) / RATE
        window_s = max(_WIDE_WINDOW_S if is_thorough else 0.0, _window_s(duration_s))
        encoded = self._encode(samples, window_s)
        start = self._start(language)
        answer = self._model.generate(
            encoded,
            [[*start, self._id("<|notimestamps|>")]],
            beam_size=_WIDE_BEAM if is_thorough else 1,
            max_length=len(start) + 1 + _most_tokens(duration_s),
            return_scores=True,
        )[0]
        tokens = [token for token in answer.sequences_ids[0] if token < self._id("<|endoftext|>")]
        frames = round(min(window_s, duration_s) * _FRAMES_A_SECOND)
        heard = Heard(
            text=self._tokenizer.decode(tokens).strip(),
            pieces=self._pieces(encoded, start, tokens, frames),
            languages=self._languages_in(encoded),
            confidence=float(np.exp(answer.scores[0])),
        )
        return Hearing(heard=heard, fit=partial(self._fit, encoded, start, frames))

    def _fit(self, encoded: Any, start: list[int], frames: int, text: str) -> float:  # noqa: ANN401
        tokens = self._tokenizer.encode(text, add_special_tokens=False).ids
        if not tokens:
            return 0.0
        aligned = self._model.align(encoded, start, [tokens], [frames])[0]
        return float(np.log(np.maximum(aligned.text_token_probs, _LEAST_PROBABLE)).sum())

    def _encode(self, samples: NDArray[np.float32], window_s: float) -> Any:  # noqa: ANN401
        n_samples = round(window_s * RATE)
        padded = np.zeros(n_samples, np.float32)
        padded[: min(n_samples, len(samples))] = samples[:n_samples]
        frames = round(window_s * _FRAMES_A_SECOND) // 2 * 2
        features = np.ascontiguousarray(self._features(padded)[None, :, :frames], np.float32)
        return self._model.encode(self._storage.from_array(features))

    def _languages_in(self, encoded: Any) -> dict[str, float]:  # noqa: ANN401
        likely = self._model.detect_language(encoded)[0]
        return {token.strip("<|>"): float(probability) for token, probability in likely}

    def _pieces(
        self,
        encoded: Any,  # noqa: ANN401 - a tensor of CTranslate2
        start: list[int],
        tokens: list[int],
        frames: int,
    ) -> tuple[Piece, ...]:
        if not tokens:
            return ()
        aligned = self._model.align(encoded, start, [tokens], [frames])[0]
        times: dict[int, list[int]] = {}
        for token, frame in aligned.alignments:
            times.setdefault(int(token), []).append(int(frame))
        pieces = []
        for number, (text, token_number) in enumerate(_texts(self._tokenizer, tokens)):
            last = times.get(token_number, times.get(number, [0]))
            first = times.get(token_number, last)
            pieces.append(
                Piece(text=text, start_s=first[0] * _TOKEN_S, end_s=(last[-1] + 1) * _TOKEN_S)
            )
        return tuple(pieces)

    def _start(self, language: str) -> list[int]:
        return [
            self._id("<|startoftranscript|>"),
            self._id(f"<|{language}|>"),
            self._id("<|transcribe|>"),
        ]

    def _id(self, token: str) -> int:
        found = self._tokenizer.token_to_id(token)
        assert found is not None, token
        return int(found)


def _window_s(duration_s: float) -> float:
    return min(WHOLE_WINDOW_S, max(_SHORTEST_WINDOW_S, duration_s + _AFTER_S))


def _most_tokens(duration_s: float) -> int:
    """Enough for a repeated line, too few for a loop that never ends."""
    return round(min(_MOST_TOKENS, _FEWEST_TOKENS + _TOKENS_A_SECOND * duration_s))


def _texts(tokenizer: Any, tokens: list[int]) -> list[tuple[str, int]]:  # noqa: ANN401
    """Spell tokens with the number of the token that begins each; characters may take several."""
    found: list[tuple[str, int]] = []
    begun, before = 0, ""
    for number in range(len(tokens)):
        text = tokenizer.decode(tokens[: number + 1])
        if text.endswith("\ufffd"):
            continue
        found.append((text[len(before) :], begun))
        before, begun = text, number + 1
    return found
