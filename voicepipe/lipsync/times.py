"""The times of a clip, by the best means there is (torch is loaded only where it can help)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicepipe.lipsync.estimate import estimated_spans
from voicepipe.lipsync.sounds import sounds_of
from voicepipe.lipsync.timing import (
    ALIGNED,
    ENGINE,
    ESTIMATED,
    ClipTiming,
    PhonemeSpan,
    WordSpan,
    bounded,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicepipe.audio.clip import AudioClip
    from voicepipe.lipsync.aligner import Aligner
    from voicepipe.lipsync.spoken import SpokenLine

    Spans = Sequence[tuple[float, float]]

TIMES_REVISION: Final = 1
"""Raised whenever other times would be stored for the same clip, text and pronunciations: by
another aligner, estimate or front end."""
ALIGNED_LANGUAGES: Final = frozenset({"en", "ja", "zh"})
"""Whose phonemes the embedded recogniser has heard."""
NOT_INSTALLED: Final = " is not installed"
"""Ends the reason of an estimate that a library would better."""
LEAST_HEARD: Final = -2.5
"""Nats a phoneme: under it the sound says something else than the text."""


def clip_timing(
    clip: AudioClip,
    spoken: SpokenLine,
    *,
    language: str,
    known: Spans | None = None,
) -> ClipTiming:
    """Find when a clip's phonemes and words sound.

    Args:
        clip: Mono, as shipped.
        spoken: What its line says.
        language: The project's tag.
        known: What the engine knows of the phonemes, in seconds of the clip; None: nothing.
    """
    method, why = ENGINE, ""
    spans: Spans | None = known
    if spans is None and spoken.phonemes:
        spans, why = _aligned(clip, spoken.phonemes, language)
        method = ALIGNED
    if spans is None:
        method, why = ESTIMATED, why or "the line has no sound that could be found"
        spans = estimated_spans(clip, spoken.phonemes) if spoken.phonemes else ()
    places = bounded(spans, clip.duration_s)
    return ClipTiming(
        method=method,
        why=why,
        language=language,
        text=spoken.text,
        duration_s=clip.duration_s,
        phonemes=tuple(
            PhonemeSpan(phoneme=phoneme, start_s=start_s, end_s=end_s)
            for phoneme, (start_s, end_s) in zip(spoken.phonemes, places, strict=True)
        ),
        words=tuple(
            WordSpan(
                text=word.text,
                start=word.start,
                end=word.end,
                start_s=places[word.first][0],
                end_s=places[word.last - 1][1],
                reading=word.reading,
            )
            for word in spoken.words
        ),
    )


def _aligned(clip: AudioClip, phonemes: Sequence[str], language: str) -> tuple[Spans | None, str]:
    """Give spans, or None and why there are none."""
    if language.split("-", maxsplit=1)[0] not in ALIGNED_LANGUAGES:
        return None, f"the recogniser knows no {language}"
    try:
        from voicepipe.lipsync.aligner import embedded_aligner  # noqa: PLC0415 - loads torch
    except ImportError as error:
        return None, f"{error.name}{NOT_INSTALLED}"
    return _heard(embedded_aligner(), clip, phonemes, language)


def _heard(
    aligner: Aligner, clip: AudioClip, phonemes: Sequence[str], language: str
) -> tuple[Spans | None, str]:
    unknown = set(aligner.unknown(phonemes))
    foreign = sorted(phoneme for phoneme in unknown if sounds_of(phoneme, language))
    if foreign:
        return None, f"the recogniser has never heard {', '.join(foreign[:5])}"
    heard = aligner.align(clip, [phoneme for phoneme in phonemes if phoneme not in unknown])
    if heard is None:
        return None, "the clip is shorter than its phonemes"
    if heard.nats < LEAST_HEARD:
        return None, "the text is not heard in the clip"
    found = iter(heard.spans)
    spans: list[tuple[float, float]] = []
    for phoneme in phonemes:
        before = spans[-1][1] if spans else heard.spans[0][0]
        # A symbol without a sound of its own takes no time.
        spans.append((before, before) if phoneme in unknown else next(found))
    return spans, ""
