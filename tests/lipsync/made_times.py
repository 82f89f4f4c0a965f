"""Times of clips that nobody spoke."""

from __future__ import annotations

from voicepipe.lipsync.timing import ALIGNED, ClipTiming, PhonemeSpan, WordSpan


def timing_of(
    phonemes: str, *, step_s: float = 0.1, lead_s: float = 0.2, language: str = "en"
) -> ClipTiming:
    """Phonemes of one length each; `|` is a pause of three such lengths."""
    at = lead_s
    spans = []
    for phoneme in phonemes.split():
        if phoneme == "|":
            at += 3 * step_s
            continue
        spans.append(
            PhonemeSpan(phoneme=phoneme, start_s=round(at, 4), end_s=round(at + step_s, 4))
        )
        at += step_s
    word = WordSpan(text="word", start=0, end=4, start_s=lead_s, end_s=round(at, 4))
    return ClipTiming(
        method=ALIGNED,
        language=language,
        text="word",
        duration_s=round(at + 0.3, 4),
        phonemes=tuple(spans),
        words=(word,),
    )
