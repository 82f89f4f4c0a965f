"""Japanese → OpenJTalk phonemes, with `[` where the pitch rises and `]` where it falls.

Borders of accent phrases are marked `#` by the reference, which no symbol table holds: they
become `UNK`, and so they do here.

Source: Kurihara et al., "Prosodic features control by symbols as input of sequence-to-sequence
acoustic modeling for neural TTS" (2021), in ESPnet's form, which the checkpoints were trained on.
"""

from __future__ import annotations

import contextlib
import io
import re
import threading
import warnings
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from voicepipe.text.ja.normalize import STEPS, verbalize
from voicepipe.text.ja.words import mend, misread_topics, rules_of_words
from voicepipe.text.punctuation import FULL_WIDTH, SPOKEN
from voicepipe.text.records import Pronounced, ReadingStyle
from voicepipe.text.steps import because, rules_of_stretches

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicepipe.text.records import Part

_WORDS = {
    ReadingStyle.REFERENCE: re.compile(
        r"[A-Za-z\d\u3005\u3040-\u30ff\u4e00-\u9fff\uff11-\uff19\uff21-\uff3a\uff41-\uff5a"
        r"\uff66-\uff9d]+"
    ),
    ReadingStyle.SPOKEN: re.compile(
        r"[A-Za-z\d\u3005-\u3007\u303b\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
        r"\U00020000-\U000323af]+"
    ),
}
_MARKS = FULL_WIDTH
_SPOKEN_MARKS = {
    **_MARKS,
    **SPOKEN,
    "·": ",",
    "\u3000": ",",
}
_ENDS = frozenset("。．.！!？?「『（(【〈《〔“\n")
_RESTS = frozenset("、,…")
_STUTTER = re.compile("(は|へ)[、…]+\\1")
_KANA = re.compile("[\u3041-\u309f\u30a0-\u30ff]+")
_LABEL = re.compile(
    r"[^-]*-([^+]*)\+[^/]*/A:(-?\d+|xx)\+(\d+|xx)\+(\d+|xx)(?:/|$)(?:.*?/F:(\d+)_)?"
)
"""The phoneme; how far its mora is from the fall; the mora's place in its phrase, from the left and
from the right; the morae of the phrase."""
_BORDER_AFTER = frozenset({*"aeiouN", "cl", "l", "c"})
_MORA_ENDS = frozenset({*"aeiouN", "cl"})
_LONGEST_STRETCH = 200
"""Characters OpenJTalk is given at once; it keeps fixed buffers for one utterance."""
_REMEMBERED = 64
"""Analyses: a line is read, and then looked through for words that no dictionary knows."""
_REMEMBERED_STRETCHES = 1 << 12
"""Readings: what people say between two marks comes back in every scene."""
_NOWHERE = -50
_LOCK = threading.Lock()


def pronounce(parts: Sequence[Part], *, style: ReadingStyle = ReadingStyle.REFERENCE) -> Pronounced:
    """Read Japanese.

    Args:
        parts: The text in order; a part with phonemes is one unit, whatever it holds.
        style: See `ReadingStyle`.

    Returns:
        One unit a stretch between marks, and one a mark. Marks no table holds become `UNK`: in the
        spoken style only brackets and quotation marks, which are borders between phrases.
    """
    texts: list[str] = []
    dropped: list[str] = []
    units: list[tuple[str, tuple[str, ...]]] = []
    for part in parts:
        if part.phonemes:
            texts.append(part.text)
            units.append((part.text, part.phonemes))
            continue
        said = verbalize(part.text, style)
        texts.append(said.text)
        dropped.extend(said.dropped)
        reading = _Reading(style=style, before=part.before or "".join(texts[:-1]), dropped=dropped)
        units.extend(reading.read(said.text.replace("％", "パーセント").lower()))
    return Pronounced(
        normalized_text="".join(texts),
        units=tuple(unit for unit, _ in units),
        unit_phonemes=tuple(phonemes for _, phonemes in units),
        dropped=tuple(dropped),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """One part being read."""

    style: ReadingStyle
    before: str
    """What the line holds before it."""
    dropped: list[str]
    """What could not be read, so far."""

    def read(self, text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        end = 0
        for match in _WORDS[self.style].finditer(text):
            yield from self._read_punctuation(text[end : match.start()])
            for start in range(match.start(), match.end(), _LONGEST_STRETCH):
                stretch = text[start : min(start + _LONGEST_STRETCH, match.end())]
                begins = _begins(self.before + text[:start], text[start : match.end() + 2])
                phonemes, unread = _read_stretch(stretch, self.style, begins)
                self.dropped.extend(unread)
                yield stretch, phonemes
            end = match.end()
        yield from self._read_punctuation(text[end:])

    def _read_punctuation(self, punctuation: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        known = _MARKS if self.style is ReadingStyle.REFERENCE else _SPOKEN_MARKS
        for mark in punctuation:
            if mark != " ":
                yield mark, (known.get(mark, mark),)


@lru_cache(maxsize=_REMEMBERED_STRETCHES)
def _read_stretch(
    text: str, style: ReadingStyle, begins: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Read a stretch between marks.

    Args:
        text: No longer than OpenJTalk takes.
        style: See `ReadingStyle`.
        begins: See `mend`.

    Returns:
        Its phonemes, and what could not be read.
    """
    unread: tuple[str, ...] = ()
    with _LOCK:
        features = _features(text)
        if style is ReadingStyle.SPOKEN:
            features = _mended(text, features, begins=begins)
            unread = tuple([word["string"] for word in features if _is_unread(word)])
            if unread:
                features = [word for word in features if not _is_unread(word)]
        labels: list[str] = _openjtalk().make_label(features)
    return tuple(_phonemes(labels)), unread


def _mended(text: str, features: list[Any], *, begins: bool) -> list[Any]:
    swallowed = misread_topics(features)
    if swallowed:
        for word in swallowed:
            text = text.replace(word, f"{word[:-1]} {word[-1]}")
        features = _features(text)
    mend(features, begins=begins)
    return features


def _begins(before: str, stretch: str) -> bool:
    """Whether a stretch begins a sentence, or is a stutter: は、はい."""
    last = before.rstrip()[-1:]
    return not last or last in _ENDS or (last in _RESTS and _STUTTER.match(stretch) is not None)


def _is_unread(word: dict[str, Any]) -> bool:
    """Whether OpenJTalk has no reading for what is a letter, and would pause instead."""
    return word["pos"] == "記号" and any(character.isalpha() for character in word["string"])


def _features(text: str) -> list[Any]:
    """Analyse a stretch; whoever asks may change what is answered."""
    return [dict(word) for word in _analysis(text)[0]]


@lru_cache(maxsize=_REMEMBERED)
def _analysis(text: str) -> tuple[list[Any], tuple[str, ...]]:
    """Analyse a stretch, once for its sounds and for the words no dictionary knows.

    Returns:
        Its words as OpenJTalk reads them, not to be changed; those its dictionary lacks.
    """
    # Its model for 何 works only where a library nobody asked for happens to be installed:
    # the same script must read the same on every machine.
    features, morphs = _openjtalk().run_frontend_detailed(text, predict_nani=False)
    return features, tuple(morph["surface"] for morph in morphs if morph["is_unknown"])


@cache
def _openjtalk() -> Any:  # noqa: ANN401 - a module without the types we need
    # It announces an optional model it lacks; that model is not part of the reference either.
    said = io.StringIO()
    with (
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        import pyopenjtalk  # noqa: PLC0415 - loads a dictionary of 800,000 words

        pyopenjtalk.run_frontend("行")  # a word with two readings wakes every part of it
    return pyopenjtalk


def _phonemes(labels: Sequence[str]) -> Iterator[str]:
    read = [_read_label(label) for label in labels]
    for label, following in pairwise(read):
        phone = label.phone
        if phone in ("", "sil"):
            continue
        if phone == "pau":
            yield "_"
            continue
        if phone in "AEIOU":
            phone = phone.lower()
        yield phone
        mark = _pitch_mark(phone, label, following.mora)
        if mark:
            yield mark


class _Label(NamedTuple):
    """What decides a phoneme's pitch; -50 where it has none."""

    phone: str
    """Empty: not a label."""
    fall: int
    mora: int
    left: int
    morae: int


def _read_label(label: str) -> _Label:
    match = _LABEL.match(label)
    if match is None:
        return _Label("", _NOWHERE, _NOWHERE, _NOWHERE, _NOWHERE)
    phone, *numbers = match.groups("xx")
    return _Label(phone, *[_NOWHERE if n == "xx" else int(n) for n in numbers])


def _pitch_mark(phone: str, label: _Label, next_mora: int) -> str:
    if label.left == 1 and next_mora == 1 and phone in _BORDER_AFTER:
        return "#"
    if label.fall == 0 and next_mora == label.mora + 1 and label.mora != label.morae:
        return "]"
    return "[" if label.mora == 1 and next_mora == 2 else ""


def rules_of_units(units: Sequence[str], written: str) -> tuple[str, ...]:
    """Say in a few words what decided the sound of each stretch, for people.

    Args:
        units: As `pronounce` answers them, read as spoken.
        written: The text they were read from.
    """
    rules = []
    for index, made in enumerate(rules_of_stretches(written, STEPS, units)):
        unit = units[index]
        if not _WORDS[ReadingStyle.SPOKEN].fullmatch(unit):
            rules.append(because(made, "a mark"))
            continue
        begins = _begins("".join(units[:index]), "".join(units[index : index + 3]))
        with _LOCK:
            words = rules_of_words(_features(unit), begins=begins)
        is_known = not unknown_words(unit)
        rules.append(because((*made, *words), "dictionary" if is_known else "no dictionary has it"))
    return tuple(rules)


def words_of_unit(unit: str, sounding: Sequence[str]) -> Iterator[tuple[str, str, int]]:
    """Cut a stretch between marks into words.

    Args:
        unit: As `pronounce` answers it.
        sounding: Its phonemes without pitch marks and borders.

    Yields:
        A word, how it is said in kana, and how many of the phonemes say it; together they are
        all of them. A stretch whose phonemes were given is one word.
    """
    with _LOCK:
        features = _features(unit) if _WORDS[ReadingStyle.SPOKEN].fullmatch(unit) else []
    at = 0
    found: list[tuple[str, str, int]] = []
    for word in features:
        n_phonemes = _n_phonemes(sounding[at:], word["mora_size"])
        if n_phonemes:
            found.append((word["string"], word["pron"].replace("’", ""), n_phonemes))
        at += n_phonemes
    if not found:
        found = [(unit, "", 0)]
    word, kana, n_phonemes = found.pop()
    yield from found
    yield word, kana, n_phonemes + len(sounding) - at


def _n_phonemes(sounding: Sequence[str], n_morae: int) -> int:
    """Count the phonemes of so many morae: each ends in a vowel, or is N or cl."""
    for number, phoneme in enumerate(sounding):
        if n_morae == 0:
            return number
        n_morae -= phoneme in _MORA_ENDS
    return len(sounding)


def unknown_words(text: str) -> tuple[str, ...]:
    """List words OpenJTalk's dictionary lacks and has to guess, in order, once each.

    Kana are read as written whether a dictionary lists them or not.
    """
    found: dict[str, None] = {}
    for match in _WORDS[ReadingStyle.SPOKEN].finditer(verbalize(text, ReadingStyle.SPOKEN).text):
        for word in _unknown_in_stretch(match[0][:_LONGEST_STRETCH]):
            found.setdefault(word)
    return tuple(found)


@lru_cache(maxsize=_REMEMBERED_STRETCHES)
def _unknown_in_stretch(text: str) -> tuple[str, ...]:
    with _LOCK:
        lacking = _analysis(text)[1]
    return tuple([word for word in lacking if not _KANA.fullmatch(word)])
