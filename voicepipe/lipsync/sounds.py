"""What phonemes look like: a handful of mouth sounds, whatever the language (torch-free).

A diphthong or a Chinese final is several sounds one after another, so that `uang` closes, opens
and draws back as it should. The table is `tables/sounds.json`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from voicepipe.lipsync.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from voicepipe.lipsync.timing import PhonemeSpan

CLOSED: Final = "p"
"""The sound at which lips meet: it is always seen."""
REST: Final = ""
"""No sound: a pause, a breath, silence."""
_UNKNOWN: Final = ("uh",)
_VOWEL_WEIGHT, _GLIDE_WEIGHT = 2.0, 1.0
_LETTERS: Final = "letters"


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundSpan:
    """One mouth sound, or with `REST` none, and its time in seconds."""

    sound: str
    start_s: float
    end_s: float

    @property
    def middle_s(self) -> float:
        """Halfway."""
        return (self.start_s + self.end_s) / 2


def sounds_of(phoneme: str, language: str) -> tuple[str, ...]:
    """Say which sounds a phoneme is made of.

    Args:
        phoneme: As a front end spells it; tone and stress do not matter.
        language: Whose it is; English ones may stand in any.
    """
    return _sounds(phoneme, language.split("-", maxsplit=1)[0])


@cache
def _sounds(phoneme: str, language: str) -> tuple[str, ...]:
    languages: Mapping[str, Mapping[str, str]] = table("sounds")["phonemes"]
    bare = phoneme.rstrip("0123456789") or phoneme
    for own in (language, "en"):
        pieces = languages.get(own, {})
        for name in (phoneme, bare):
            if name in pieces:
                return tuple(pieces[name].split())
    if bare.startswith("Y") and len(bare) > 1 and bare[1:].islower():
        return tuple(_cut(bare[1:], languages["yue"]))
    letters = languages[_LETTERS]
    return tuple(letters[bare].split()) if bare in letters else _UNKNOWN


def _cut(spelled: str, pieces: Mapping[str, str]) -> Iterator[str]:
    """Cut a spelled final into the longest pieces that are known."""
    at = 0
    while at < len(spelled):
        size = next((n for n in (2, 1) if spelled[at : at + n] in pieces), 0)
        if size:
            yield from pieces[spelled[at : at + size]].split()
        at += size or 1


def is_vowel(phoneme: str) -> bool:
    """Tell whether a phoneme of any language is, or holds, a vowel."""
    vowels = table("sounds")["vowels"]
    return any(sound in vowels for own in ("en", "zh", "ko") for sound in sounds_of(phoneme, own))


def sound_spans(
    phonemes: Sequence[PhonemeSpan], *, language: str, duration_s: float
) -> tuple[SoundSpan, ...]:
    """Turn a clip's phonemes into sounds and rests that fill it without a gap.

    Args:
        phonemes: In order, apart, within the clip.
        language: Of the line.
        duration_s: Of the clip.
    """
    spans: list[SoundSpan] = []
    before = 0.0
    for one in phonemes:
        sounds = sounds_of(one.phoneme, language)
        if not sounds or one.end_s <= one.start_s:
            continue
        if one.start_s > before:
            spans.append(SoundSpan(sound=REST, start_s=before, end_s=one.start_s))
        spans += _shared(sounds, one.start_s, one.end_s)
        before = one.end_s
    if before < duration_s:
        spans.append(SoundSpan(sound=REST, start_s=before, end_s=duration_s))
    return tuple(spans)


def _shared(sounds: Sequence[str], start_s: float, end_s: float) -> Iterator[SoundSpan]:
    vowels = table("sounds")["vowels"]
    weights = [_VOWEL_WEIGHT if sound in vowels else _GLIDE_WEIGHT for sound in sounds]
    whole = sum(weights)
    at = start_s
    for number, (sound, weight) in enumerate(zip(sounds, weights, strict=True), start=1):
        last = end_s if number == len(sounds) else at + (end_s - start_s) * weight / whole
        yield SoundSpan(sound=sound, start_s=at, end_s=last)
        at = last
